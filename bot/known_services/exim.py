"""exim: a mail server, called exim4 on Debian."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="exim",
    purpose="delivers mail",
    advice="essential for mail; small",
    programs=("exim", "exim4"),
    units=("exim.service", "exim4.service"),
    essential=True,
)
