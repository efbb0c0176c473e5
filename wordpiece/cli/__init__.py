"""The commands: each parses, calls the library once, and renders."""

import gc

# What is made while modules are loaded is kept, and most commands do little else.
gc.set_threshold(50_000)
