"""The tab Look."""
