"""What the commands inspect and verify say: plain data, and the same as text."""
