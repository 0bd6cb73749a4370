"""Where one looks from: cameras, how they are moved, and paths between them."""
