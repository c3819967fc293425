"""postgresql: each connection is a process; shared_buffers is shared by all of them."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="postgresql",
    purpose="the database",
    advice="essential; fewer connections or lower shared_buffers use less",
    programs=("postgres", "postmaster"),
    units=("postgresql.service", "postgresql@*.service", "postgresql-[0-9]*.service"),
    essential=True,
)
