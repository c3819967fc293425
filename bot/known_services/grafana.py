"""grafana: dashboards and their alerts."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="grafana",
    purpose="shows dashboards",
    advice="can be stopped (dashboards and their alerts end)",
    programs=("grafana", "grafana-server"),
    units=("grafana.service", "grafana-server.service"),
    optional=True,
)
