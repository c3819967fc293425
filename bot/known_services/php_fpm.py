"""php-fpm: runs PHP for a web server; its pools' processes are titled `php-fpm: pool NAME`."""

from bot.domain.service import KnownService, titled_workers

SERVICE = KnownService(
    name="php-fpm",
    purpose="runs the PHP web application",
    advice="a lower pm.max_children or pm = ondemand uses less",
    programs=("php-fpm", "php-fpm[0-9]*"),
    units=("php*-fpm.service",),
    workers=titled_workers("php-fpm: pool "),
)
