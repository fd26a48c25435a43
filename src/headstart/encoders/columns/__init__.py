"""Columns of a table as encoders: what was learned of each is data in its recipe."""
