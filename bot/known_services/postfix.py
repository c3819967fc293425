"""postfix: its programs (`master`, `smtpd`, `pickup`) have names anybody may use, so only its unit tells."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="postfix",
    purpose="delivers mail",
    advice="essential for mail; a lower default_process_limit uses less",
    programs=(),
    units=("postfix.service", "postfix@*.service"),
    essential=True,
)
