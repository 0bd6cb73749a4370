"""What is multiplied: expressions, shapes, options and scene documents; pydantic is the only library here."""
