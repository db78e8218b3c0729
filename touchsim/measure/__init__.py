"""What it amounts to: key figures, the funnel and the touchpoint map, each with its interval."""
