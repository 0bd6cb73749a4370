"""The picture in the window, playing, and how one looks around in it."""
