"""Heads on embeddings: arrays in, arrays out."""
