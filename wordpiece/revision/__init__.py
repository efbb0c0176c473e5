"""Vocabularies changed: tokens added for a domain, and tokens that are not used taken out."""
