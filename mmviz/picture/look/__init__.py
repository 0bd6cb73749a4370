"""Which colour and size a number has."""
