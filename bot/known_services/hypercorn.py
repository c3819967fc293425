"""hypercorn: an ASGI server that spawns its workers as fresh interpreters."""

from bot.domain.service import KnownService, titled_workers

SERVICE = KnownService(
    name="hypercorn",
    purpose="runs the Python web application",
    advice="fewer --workers use less",
    programs=("hypercorn",),
    units=("hypercorn.service", "hypercorn@*.service"),
    workers=titled_workers("--multiprocessing-fork"),
)
