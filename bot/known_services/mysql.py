"""mysql: one process. MariaDB is an entry of its own."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="mysql",
    purpose="the database",
    advice="essential; a lower innodb_buffer_pool_size uses less",
    programs=("mysqld", "mysqld_safe"),
    units=("mysql.service", "mysql@*.service", "mysqld.service", "mysqld@*.service"),
    essential=True,
)
