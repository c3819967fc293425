"""gunicorn: a pre-forking WSGI server; each worker is a whole copy of the application."""

from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService, titled_workers

_titled = titled_workers("gunicorn: worker")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    """With setproctitle workers have a title; without it the command line of the master that forked them.

    A script that starts gunicorn is a parent in the same unit too, but has a command line of its own.
    """
    cmdline_by_pid = {process.pid: process.cmdline for process in processes}
    forked = tuple(p for p in processes if cmdline_by_pid.get(p.ppid) == p.cmdline)
    return _titled(processes) or forked


SERVICE = KnownService(
    name="gunicorn",
    purpose="runs the Python web application",
    advice="fewer workers use less",
    programs=("gunicorn", "gunicorn3"),
    units=("gunicorn.service", "gunicorn@*.service"),
    workers=_workers,
)
