"""What happened: the typed tables of contacts and customers, in memory or on disk."""
