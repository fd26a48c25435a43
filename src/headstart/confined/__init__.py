"""Processes with limits: they meet the bytes of strangers and may die at any moment without harm."""
