"""The singular values of every head of a model, as a table, as figures and as a report."""
