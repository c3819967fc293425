"""The part of memwarden that thinks: values, decisions, words. It touches nothing outside itself."""
