"""prometheus: keeps the newest samples of every series in memory."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="prometheus",
    purpose="collects metrics",
    advice="fewer targets or series use less; can be stopped (metrics end)",
    programs=("prometheus",),
    units=("prometheus.service",),
)
