"""Files of frames: MP4, GIF and PNG; where the frames come from is not known here."""
