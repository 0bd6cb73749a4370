"""One element: which is under the pointer, what it is called, and how it came about."""
