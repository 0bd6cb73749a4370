"""What the camera is to see: framing, keyframes, films, and which texts go with them."""
