"""Reading a person's examples: layouts, decoding, problems, duplicates."""
