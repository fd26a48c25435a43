"""Honest measurement: intervals, resampling, comparison."""
