"""What a scenario says: its documents, the library of ready touchpoints and the table that the engines read."""
