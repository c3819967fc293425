"""Straight lines: load, decide, save, say."""
