"""celery: background jobs in forked pool processes, or in threads of one process.

With setproctitle its processes are called `[celeryd: NAME:ForkPoolWorker-1]` and `[celery beat]`.
"""

from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService, Scaling, forked_workers, titled_workers

_titled = titled_workers(":ForkPoolWorker-")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    return _titled(processes) or forked_workers(processes)


_SCALING = Scaling(
    options=("--concurrency", "-c"),
    spelling="--concurrency",
    programs=("celery",),
    after="worker",
    rivals=(
        ("--autoscale*", "--autoscale changes the number of its processes by itself"),
        ("-B", "the scheduler runs inside (-B), which cannot be told from its pool processes"),
        ("--beat", "the scheduler runs inside (--beat), which cannot be told from its pool processes"),
    ),
    flags=("-C", "--no-color", "-q", "--quiet", "--skip-checks", "-E", "--task-events", "-D", "--detach"),
    restarting="jobs wait while it restarts; those that run have until the unit's stop timeout",
)

SERVICE = KnownService(
    name="celery",
    purpose="runs Python background jobs",
    advice="a lower --concurrency uses less; stopped, jobs wait",
    without="background jobs wait",
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
    scaling=_SCALING,
)
