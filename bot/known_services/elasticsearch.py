"""elasticsearch: a Java search engine; its unit or main class tells it from other Java programs."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="elasticsearch",
    purpose="the search engine",
    advice="essential; a smaller heap (-Xms, -Xmx) uses less",
    programs=("org.elasticsearch.bootstrap.*", "org.elasticsearch.server*"),
    units=("elasticsearch.service",),
    essential=True,
)
