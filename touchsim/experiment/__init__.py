"""What if: the same customers in two worlds, and how sure we are of the difference."""
