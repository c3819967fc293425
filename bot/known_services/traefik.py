"""traefik: a proxy for containers."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="traefik",
    purpose="passes requests on to the site",
    advice="essential (serves the site)",
    programs=("traefik",),
    units=("traefik.service",),
    essential=True,
)
