"""Systems of equations among constructs and their items, fitted by maximum likelihood.  Knows numbers only."""
