"""Films, pictures and meshes ordered in the window, and made by a process of its own."""
