"""celery: background jobs in forked pool processes, or in threads of one process.

With setproctitle its processes are called `[celeryd: NAME:ForkPoolWorker-1]` and `[celery beat]`.
"""

from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService, forked_workers, titled_workers

_titled = titled_workers(":ForkPoolWorker-")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    return _titled(processes) or forked_workers(processes)


SERVICE = KnownService(
    name="celery",
    purpose="runs Python background jobs",
    advice="a lower --concurrency uses less; stopped, jobs wait",
    programs=("celery", "[[]celeryd", "[[]celery"),
    units=(
        "celery.service",
        "celery@*.service",
        "celeryd.service",
        "celery-worker.service",
        "celerybeat.service",
        "celery-beat.service",
    ),
    workers=_workers,
)
