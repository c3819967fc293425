"""tuned: a Python process that sets kernel parameters for a profile."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="tuned",
    purpose="sets kernel parameters",
    advice="daemon = 0 in tuned-main.conf applies them once and ends",
    programs=("tuned",),
    units=("tuned.service",),
)
