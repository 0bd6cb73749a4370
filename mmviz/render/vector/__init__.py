"""VECTORS: a picture as a page of PDF or SVG: matrices as an image, texts, lines and arrows as outlines."""
