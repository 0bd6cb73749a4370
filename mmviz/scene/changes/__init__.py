"""Documents made of others: edited, refilled, carried over, and written into the text of before."""
