"""uwsgi: a pre-forking application server; an emperor runs one master for each application.

With `auto-procname` its processes are called `uWSGI master` and `uWSGI worker 1`.
"""

from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService, forked_workers, titled_workers

_titled = titled_workers("uWSGI worker ")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    return _titled(processes) or forked_workers(processes)


SERVICE = KnownService(
    name="uwsgi",
    purpose="runs the web application",
    advice="fewer processes use less; cheaper mode ends idle ones",
    programs=("uwsgi", "uwsgi-core", "uwsgi_python*", "uWSGI"),
    units=(
        "uwsgi.service",
        "uwsgi@*.service",
        "uwsgi-app@*.service",
        "uwsgi-emperor.service",
        "emperor.uwsgi.service",
    ),
    workers=_workers,
)
