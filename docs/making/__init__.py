"""What the documentation is made of that nobody writes by hand: references from the source, pictures by mmviz."""
