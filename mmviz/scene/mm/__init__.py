"""What mm (bhosmer/mm) says of a scene: its links, its parameters and its grammar, read into scene documents."""
