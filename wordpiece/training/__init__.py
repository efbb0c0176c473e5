"""From word counts to a vocabulary."""
