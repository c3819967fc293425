"""cron: starts jobs at their times; the jobs run in its unit and are judged by themselves."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="cron",
    purpose="starts scheduled jobs",
    advice="essential; its jobs are counted by themselves",
    programs=("cron", "CRON", "crond", "CROND", "anacron", "supercronic"),
    units=("cron.service", "crond.service", "cronie.service", "anacron.service"),
    group=Group.SYSTEM,
    essential=True,
    hosts_others=True,
)
