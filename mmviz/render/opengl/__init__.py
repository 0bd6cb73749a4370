"""Draw lists drawn by VTK."""
