"""The language of expressions: text, tree, functions and shapes; knows no document."""
