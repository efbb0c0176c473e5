"""Models: from a word to tokens."""
