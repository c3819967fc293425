"""What the bot may change on a host, when a person approved it: one file each, defining `REMEDIATION`."""
