"""Base models: cards, the catalogue, where weights come from, and how they become graphs."""
