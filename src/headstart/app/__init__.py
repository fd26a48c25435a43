"""The web app: from a pile of examples to a model, without code."""
