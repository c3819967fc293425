"""haproxy: a load balancer; connections are what costs it memory."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="haproxy",
    purpose="spreads requests over servers",
    advice="essential; a lower maxconn bounds its buffers",
    programs=("haproxy",),
    units=("haproxy.service", "haproxy@*.service"),
    essential=True,
)
