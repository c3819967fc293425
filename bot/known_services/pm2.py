"""pm2: keeps Node.js applications, which are not its own, running; its title is `PM2 vN: God Daemon`."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="pm2",
    purpose="keeps Node.js applications running",
    advice="essential; its applications are counted by themselves",
    programs=("PM2", "pm2-runtime"),
    units=("pm2.service", "pm2-*.service"),
    essential=True,
    hosts_others=True,
)
