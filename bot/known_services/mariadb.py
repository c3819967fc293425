"""mariadb: one process, called mysqld in old releases."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="mariadb",
    purpose="the database",
    advice="essential; a lower innodb_buffer_pool_size uses less",
    programs=("mariadbd", "mariadbd-safe"),
    units=("mariadb.service", "mariadb@*.service"),
    essential=True,
)
