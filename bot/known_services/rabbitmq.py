"""rabbitmq: a message broker. Its process is Erlang's (`beam.smp`), so only its unit and its script tell."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="rabbitmq",
    purpose="passes messages between programs",
    advice="essential; short queues use less",
    programs=("rabbitmq-server",),
    units=("rabbitmq-server.service",),
    essential=True,
)
