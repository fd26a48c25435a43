"""Tables with several columns to learn from: what each holds, and their rows."""
