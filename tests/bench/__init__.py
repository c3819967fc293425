"""Benchmarks: everything compared is measured in the same run, in turns, and shown as a ratio.

They print; they assert only that the compared things read the same, never a time.
"""
