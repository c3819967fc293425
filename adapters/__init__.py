"""The part of memwarden that touches the world: one outside library, one home."""
