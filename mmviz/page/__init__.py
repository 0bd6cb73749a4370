"""Scenes as pages: one HTML file that draws, plays and explains a scene in any browser; draws nothing itself."""
