"""What Hugging Face transformers computes, and how far we are from it."""
