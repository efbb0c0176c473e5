"""One self-contained page about a training, or about several tokenizers."""
