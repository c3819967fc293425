"""getty: waits for a login at the console; the login's programs are not its own."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="getty",
    purpose="waits for logins at the console",
    advice="essential; very small",
    programs=("agetty", "getty", "mingetty"),
    units=("getty@*.service", "serial-getty@*.service", "console-getty.service", "container-getty@*.service"),
    group=Group.SYSTEM,
    essential=True,
    hosts_others=True,
)
