"""fail2ban: reads logs and bans addresses that guess passwords."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="fail2ban",
    purpose="bans addresses that guess passwords",
    advice="can be stopped (nobody is banned any more)",
    programs=("fail2ban-server",),
    units=("fail2ban.service",),
)
