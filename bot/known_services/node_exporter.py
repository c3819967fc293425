"""node-exporter: shows this machine's metrics to prometheus."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="node-exporter",
    purpose="shows metrics to prometheus",
    advice="small; can be stopped (its metrics end)",
    programs=("node_exporter", "prometheus-node-exporter"),
    units=("node_exporter.service", "node-exporter.service", "prometheus-node-exporter.service"),
)
