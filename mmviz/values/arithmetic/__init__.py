"""Arithmetic on tensors: functions, what forward passes are built of, decompositions; reads no files."""
