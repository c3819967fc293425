"""sidekiq: Ruby background jobs in the threads of one process."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="sidekiq",
    purpose="runs Ruby background jobs",
    advice="a lower concurrency or jemalloc uses less; stopped, jobs wait",
    without="background jobs wait",
    programs=("sidekiq",),
    units=("sidekiq.service", "sidekiq@*.service"),
)
