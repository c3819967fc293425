"""unattended-upgrades: installs security updates; between them a Python process waits for the shutdown."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="unattended-upgrades",
    purpose="installs security updates",
    advice="large only while it installs updates",
    programs=("unattended-upgrade", "unattended-upgrades", "unattended-upgrade-shutdown"),
    units=("unattended-upgrades.service",),
)
