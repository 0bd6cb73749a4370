"""Films and pictures of a scene: its draw lists at the times of the frames, drawn and written."""
