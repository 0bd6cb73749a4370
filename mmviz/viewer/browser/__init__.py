"""A window that shows the tensors of files, and makes scenes of one or two of them."""
