"""mongodb: unless told otherwise its cache grows to half of the memory above 1 GiB."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="mongodb",
    purpose="the database",
    advice="essential; a lower wiredTiger cacheSizeGB uses less",
    programs=("mongod",),
    units=("mongod.service", "mongodb.service"),
    essential=True,
)
