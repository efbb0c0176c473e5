"""Tokenizers as files, read and written."""
