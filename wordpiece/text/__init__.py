"""Text in: reading, normalizing, splitting into words, counting."""
