"""multipathd: watches disks that are reached by several ways; locks its memory."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="multipathd",
    purpose="watches multipath disks",
    advice="can be disabled where no disk has several paths",
    programs=("multipathd",),
    units=("multipathd.service", "multipath-tools.service"),
)
