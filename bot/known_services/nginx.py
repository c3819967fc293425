"""nginx: a web server and proxy; openresty is built on it and has its titles."""

from bot.domain.service import KnownService, titled_workers

SERVICE = KnownService(
    name="nginx",
    purpose="serves the website",
    advice="essential (serves the site); frugal already",
    without="the site cannot be reached",
    programs=("nginx",),
    units=("nginx.service", "nginx@*.service", "openresty.service"),
    essential=True,
    workers=titled_workers("nginx: worker process"),
)
