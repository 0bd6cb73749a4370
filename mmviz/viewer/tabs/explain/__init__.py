"""The tab Explain."""
