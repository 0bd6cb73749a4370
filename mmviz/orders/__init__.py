"""What can be made of a scene, and what is ordered of it: plain words and numbers, from the border to the writer."""
