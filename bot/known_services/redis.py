"""redis: keeps its data in memory; a lower maxmemory evicts keys or refuses writes, and returns little."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="redis",
    purpose="keeps data in memory: cache, queue, sessions",
    advice="maxmemory with an evicting policy bounds it; can be stopped if unused",
    without="cache, queues and sessions are not there",
    programs=("redis-server",),
    units=("redis.service", "redis@*.service", "redis-server.service", "redis-server@*.service"),
)
