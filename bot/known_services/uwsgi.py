"""uwsgi: a pre-forking application server; an emperor runs one master for each application.

With `auto-procname` its processes are called `uWSGI master` and `uWSGI worker 1`.
"""

from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService, Scaling, forked_workers, titled_workers

_titled = titled_workers("uWSGI worker ")


def _workers(processes: tuple[ProcessMemory, ...]) -> tuple[ProcessMemory, ...]:
    return _titled(processes) or forked_workers(processes)


# uwsgi reads options and files in their order, and an emperor's vassals have files of their own.
_IN_A_FILE = "its number of processes is set in a configuration file, which memwarden does not edit"
_IN_FILES = (
    *("--ini", "--ini=*", "-i", "*.ini", "--xml", "--xml=*", "-x", "*.xml", "--yaml", "--yaml=*", "--yml"),
    *("--yml=*", "-y", "*.yaml", "*.yml", "--json", "--json=*", "-j", "*.json", "--ini-paste*", "--paste*"),
    *("--config", "--config=*", "--emperor", "--emperor=*", "--vassals-dir*", "--include*", "--inherit*"),
)
_SCALING = Scaling(
    options=("--processes", "--workers", "-p"),
    spelling="--processes",
    programs=("uwsgi", "uwsgi-core"),
    rivals=(
        *((pattern, _IN_A_FILE) for pattern in _IN_FILES),
        ("--cheaper*", "its cheaper mode changes the number of processes by itself"),
    ),
    flags=("-M", "--master", "--die-on-term", "--need-app", "--lazy-apps", "--enable-threads", "--vacuum"),
    restarting="requests fail while it restarts",
    manual=(
        "set `processes = {count}` in the .ini (or .yaml, .xml) file that {unit} starts",
        "sudo systemctl restart {unit}",
    ),
)

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
    scaling=_SCALING,
)
