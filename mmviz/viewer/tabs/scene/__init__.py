"""The tab Scene."""
