"""What memwarden watches for: one file per rule, each defining `RULE`."""
