"""apache: a web server, apache2 on Debian and httpd elsewhere; with mod_php each worker holds a PHP."""

from bot.domain.service import KnownService, forked_workers

SERVICE = KnownService(
    name="apache",
    purpose="serves the website",
    advice="a lower MaxRequestWorkers uses less, most with prefork",
    programs=("apache2", "httpd", "apachectl", "apache2ctl"),
    units=("apache2.service", "apache2@*.service", "httpd.service", "httpd@*.service"),
    workers=forked_workers,
)
