"""What to tell a person about their examples: which base, how alike, how many, what is wrong."""
