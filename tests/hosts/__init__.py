"""Real systemd hosts on this machine, for the tests marked `host`; README.md says how."""
