"""modemmanager: looks for mobile modems."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="modemmanager",
    purpose="looks for mobile modems",
    advice="can be disabled where there is no modem",
    programs=("ModemManager",),
    units=("ModemManager.service",),
)
