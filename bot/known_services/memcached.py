"""memcached: a cache and nothing else; a restart empties it."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="memcached",
    purpose="caches data in memory",
    advice="a lower -m uses less after a restart, which empties it",
    without="nothing is cached, and what was is gone",
    programs=("memcached",),
    units=("memcached.service", "memcached@*.service"),
)
