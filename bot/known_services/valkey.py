"""valkey: redis under its new name and licence."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="valkey",
    purpose="keeps data in memory: cache, queue, sessions",
    advice="maxmemory with an evicting policy bounds it; can be stopped if unused",
    programs=("valkey-server",),
    units=("valkey.service", "valkey@*.service", "valkey-server.service", "valkey-server@*.service"),
)
