"""The services memwarden recognises: one file each, defining `SERVICE` (see `bot.domain.service`).

A service is recognised by its systemd unit first, else by the program a process runs. Both are matched
case-sensitively with shell patterns (`php*-fpm`).
"""
