"""How the tables came to be: one file in `versions` per change, each naming the one before it.

To change tables: edit `tables.py`, add `versions/vNNNN_what.py`, and set `schema.HEAD` to its revision.
"""
