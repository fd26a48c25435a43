"""Run base models: sources in, embeddings out."""
