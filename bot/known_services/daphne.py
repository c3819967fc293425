"""daphne: an ASGI server of one process, mostly for WebSockets."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="daphne",
    purpose="serves WebSockets of the Python web application",
    advice="can be stopped (real-time updates end)",
    without="real-time updates end",
    programs=("daphne",),
    units=("daphne.service", "daphne@*.service"),
    optional=True,
)
