"""supervisor: a process manager; what it starts stays in its unit but is not its own."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="supervisor",
    purpose="keeps other programs running",
    advice="essential; its programs are counted by themselves",
    programs=("supervisord", "supervisor.supervisord"),
    units=("supervisor.service", "supervisord.service"),
    essential=True,
    hosts_others=True,
)
