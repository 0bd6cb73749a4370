"""What the graphics card computes, as text: GLSL for OpenGL 3.2 and WebGL 2 alike. Knows no VTK and draws nothing."""
