"""gunicorn: a pre-forking WSGI server; each worker is a whole copy of the application."""

from bot.domain.memory import ProcessMemory
from bot.domain.service import Ends, KnownService, Scaling, titled_workers

_titled = titled_workers("gunicorn: worker")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    """With setproctitle workers have a title; without it the command line of the master that forked them.

    A script that starts gunicorn is a parent in the same unit too, but has a command line of its own.
    """
    cmdline_by_pid = {process.pid: process.cmdline for process in processes}
    forked = tuple(p for p in processes if cmdline_by_pid.get(p.ppid) == p.cmdline)
    return _titled(processes) or forked


# The oldest goes: gunicorn sorts its workers by age (arbiter.py, manage_workers). A reload reads the master's
# own command line again, which has the old number.
_SCALING = Scaling(
    options=("--workers", "-w"),
    spelling="--workers",
    programs=("gunicorn", "gunicorn3"),
    flags=(
        *("-D", "--daemon", "-R", "--enable-stdio-inheritance", "--preload", "--reload", "--spew"),
        *("--check-config", "--print-config", "--no-sendfile", "--reuse-port", "--capture-output"),
        *("--log-syslog", "--disable-redirect-access-to-syslog", "--proxy-protocol", "--initgroups"),
    ),
    variables=("WEB_CONCURRENCY",),
    environment_options=("GUNICORN_CMD_ARGS",),
    fewer="TTOU",
    more="TTIN",
    ends=Ends.OLDEST,
    renewing="HUP",
    reload="reload (HUP)",
    restarting="requests fail while it restarts (seen: 6 to 53 of 210 at 10 a second)",
)

SERVICE = KnownService(
    name="gunicorn",
    purpose="runs the Python web application",
    advice="fewer workers use less",
    without="the application does not answer",
    programs=("gunicorn", "gunicorn3"),
    units=("gunicorn.service", "gunicorn@*.service"),
    workers=_workers,
    scaling=_SCALING,
)
