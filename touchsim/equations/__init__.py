"""Systems of equations among constructs and their items, fitted to moments or ordered answers.  Knows numbers only."""
