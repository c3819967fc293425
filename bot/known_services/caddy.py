"""caddy: a web server with automatic TLS."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="caddy",
    purpose="serves the website",
    advice="essential (serves the site)",
    programs=("caddy",),
    units=("caddy.service", "caddy-api.service"),
    essential=True,
)
