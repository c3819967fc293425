"""dovecot: its helpers (`imap`, `anvil`, `log`) have common names, so mostly its unit tells."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="dovecot",
    purpose="lets people read their mail",
    advice="essential for mail; grows with connections",
    programs=("dovecot",),
    units=("dovecot.service",),
    essential=True,
)
