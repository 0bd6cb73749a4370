"""Where a model lies, and how it gets here."""
