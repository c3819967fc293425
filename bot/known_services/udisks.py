"""udisks: mounts removable disks for desktop users."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="udisks",
    purpose="manages removable disks",
    advice="can be stopped where nobody mounts removable disks",
    programs=("udisksd",),
    units=("udisks2.service",),
    optional=True,
)
