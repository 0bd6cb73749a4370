"""Families of models: their configurations, names and costs; no weights."""
