"""rsyslog: writes the log files; grows only when what it forwards to does not take it."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="rsyslog",
    purpose="writes the log files",
    advice="essential; queues in memory are what makes it grow",
    programs=("rsyslogd",),
    units=("rsyslog.service",),
    group=Group.SYSTEM,
    essential=True,
)
