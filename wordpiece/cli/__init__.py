"""The commands: each parses, calls the library once, and renders."""
