"""What a tokenizer does, measured and held against others: typed results, nothing printed."""
