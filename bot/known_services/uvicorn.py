"""uvicorn: an ASGI server; with `--workers` it spawns fresh interpreters and a small resource tracker."""

from bot.domain.service import KnownService, titled_workers

SERVICE = KnownService(
    name="uvicorn",
    purpose="runs the Python web application",
    advice="fewer --workers use less",
    without="the application does not answer",
    programs=("uvicorn",),
    units=("uvicorn.service", "uvicorn@*.service"),
    workers=titled_workers("--multiprocessing-fork"),
)
