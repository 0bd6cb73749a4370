"""When what is computed and shown: algorithms, schedules, and the frame at a time."""
