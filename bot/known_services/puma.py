"""puma: a Ruby web server; in cluster mode it names its workers."""

from bot.domain.service import KnownService, titled_workers

SERVICE = KnownService(
    name="puma",
    purpose="runs the Ruby web application",
    advice="fewer workers (WEB_CONCURRENCY) or threads use less",
    programs=("puma",),
    units=("puma.service", "puma@*.service"),
    workers=titled_workers("puma: cluster worker"),
)
