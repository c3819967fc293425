"""opensearch: a Java search engine; its unit or main class tells it from other Java programs."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="opensearch",
    purpose="the search engine",
    advice="essential; a smaller heap (-Xms, -Xmx) uses less",
    programs=("org.opensearch.bootstrap.*",),
    units=("opensearch.service",),
    essential=True,
)
