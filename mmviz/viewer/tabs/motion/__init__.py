"""The tab Motion."""
