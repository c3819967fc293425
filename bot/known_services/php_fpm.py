"""php-fpm: runs PHP for a web server; its pools' processes are titled `php-fpm: pool NAME`."""

from bot.domain.service import KnownService, Scaling, titled_workers

_SCALING = Scaling(
    refusal="php-fpm has its number of processes in its pools' files alone, which memwarden does not edit",
    manual=(
        "in the pool's file (Debian: /etc/php/VERSION/fpm/pool.d/www.conf): pm.max_children = {count}",
        "there too: pm.start_servers, pm.min_spare_servers, pm.max_spare_servers at most {count}",
        "php-fpm -t (Debian: php-fpmVERSION -t) has to say that the configuration is well",
        "sudo systemctl reload {unit}",
    ),
)

SERVICE = KnownService(
    name="php-fpm",
    purpose="runs the PHP web application",
    advice="a lower pm.max_children or pm = ondemand uses less",
    without="PHP pages do not answer",
    programs=("php-fpm", "php-fpm[0-9]*"),
    units=("php*-fpm.service",),
    workers=titled_workers("php-fpm: pool "),
    scaling=_SCALING,
)
