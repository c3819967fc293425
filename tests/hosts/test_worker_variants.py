"""Wherever gunicorn's number of workers comes from: changed, so after a restart too, back to the byte."""

from __future__ import annotations

import base64
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from .load import visited
from .remedying import APPROVER, OPERATOR, card, number_of_plan, serving, tree, waiting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.bot.both import Running

    from .lab import Lab
    from .machine import Machine

pytestmark = pytest.mark.host

UNIT = "/etc/systemd/system/gunicorn.service"
REST = "--bind unix:/run/gunicorn/scan2food.sock site_wsgi:application"
APP = """
import os, pathlib
ballast = [b"s" * 1048576 for _ in range(25)]
(pathlib.Path(os.environ["RUNTIME_DIRECTORY"]) / f"{os.getpid()}.loaded").touch()
def application(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"scan2food"]
"""
SERVICE = """[Unit]
Description=the site
[Service]
Type=notify
User=www-data
RuntimeDirectory=gunicorn
WorkingDirectory=/srv/scan2food
{environment}
ExecStart={start}
KillMode=mixed
TimeoutStopSec=5
[Install]
WantedBy=multi-user.target
"""
BY_HAND = "By hand"


def unit(start: str, environment: str = "") -> dict[str, str]:
    return {UNIT: SERVICE.format(start=start, environment=environment)}


def own(name: str, start: str) -> dict[str, str]:
    return {f"{UNIT}.d/{name}": f"[Service]\nExecStart=\nExecStart={start}\n"}


PLAIN = f"/usr/bin/gunicorn {REST}"
VARIANTS = {
    "--workers 4": unit(f"/usr/bin/gunicorn --workers 4 {REST}"),
    "-w 4": unit(f"/usr/bin/gunicorn -w 4 {REST}"),
    "-w4": unit(f"/usr/bin/gunicorn -w4 {REST}"),
    "--workers=4": unit(f"/usr/bin/gunicorn {REST} --workers=4"),
    "continued lines": unit(f"/usr/bin/gunicorn \\\n    --workers 4 \\\n    {REST}"),
    "$WORKERS": unit(f"/usr/bin/gunicorn --workers $WORKERS {REST}", "Environment=WORKERS=4"),
    "python -m gunicorn": unit(f"/usr/bin/python3 -m gunicorn -w 4 {REST}"),
    "a drop-in": unit(PLAIN) | own("10-own.conf", f"/usr/bin/gunicorn --workers 4 {REST}"),
    "a drop-in after ours": unit(PLAIN) | own("90-own.conf", f"/usr/bin/gunicorn -w 4 {REST}"),
    "WEB_CONCURRENCY": unit(PLAIN, "Environment=WEB_CONCURRENCY=4"),
    "WEB_CONCURRENCY in a file": unit(PLAIN, "EnvironmentFile=/etc/default/gunicorn")
    | {"/etc/default/gunicorn": "WEB_CONCURRENCY=4\n"},
    "GUNICORN_CMD_ARGS": unit(PLAIN, 'Environment="GUNICORN_CMD_ARGS=--workers=4"'),
    "GUNICORN_CMD_ARGS in a file": unit(PLAIN, "EnvironmentFile=-/etc/default/gunicorn")
    | {"/etc/default/gunicorn": 'GUNICORN_CMD_ARGS="--workers 4"\n'},
    "gunicorn.conf.py": unit(PLAIN) | {"/srv/scan2food/gunicorn.conf.py": "workers = 4\n"},
    "-c conf.py": unit(f"/usr/bin/gunicorn -c /etc/gunicorn/conf.py {REST}")
    | {"/etc/gunicorn/conf.py": "workers = 4\n"},
    "gunicorn@app": {
        "/etc/systemd/system/gunicorn@.service": SERVICE.format(
            start=f"/usr/bin/gunicorn --name %i --workers 4 {REST}", environment="Environment=INSTANCE=%i"
        )
    },
}
REFUSED = {
    "a wrapper script": unit("/srv/start") | {"/srv/start": f"#!/bin/sh\nexec gunicorn -w 4 {REST}\n"},
    "sh -c": unit(f"/bin/sh -c 'exec gunicorn -w 4 {REST}'"),
}


@dataclass(frozen=True, slots=True)
class Site:
    """A host whose gunicorn is started in one way after the other."""

    host: Machine

    def sh(self, script: str) -> str:
        done = self.host.run_as_root(("sh", "-ec", script), timeout_s=60)
        assert done.returncode == 0, (script, done.stdout, done.stderr)
        return done.stdout

    def put(self, files: dict[str, str]) -> str:
        """Start gunicorn from these files alone, and return its unit's name."""
        self.sh(
            "systemctl stop gunicorn gunicorn@app || true;"
            " rm -rf /etc/gunicorn /etc/default/gunicorn /srv/start"
            " /srv/scan2food/gunicorn.conf.py /etc/systemd/system/gunicorn*"
        )
        for path, text in files.items():
            encoded = base64.b64encode(text.encode()).decode()
            mode = 755 if text.startswith("#!") else 644
            self.sh(f"mkdir -p $(dirname {path}); echo {encoded} | base64 -d >{path}; chmod {mode} {path}")
        name = "gunicorn.service" if UNIT in files else "gunicorn@app.service"
        self.sh(f"systemctl daemon-reload; systemctl start {name}")
        return name

    def workers(self, unit: str, wanted: int) -> int:
        """Wait until there are so many, and return how many there are."""
        until = time.monotonic() + 30
        script = f"pgrep -cP $(systemctl show -p MainPID --value {unit}) || true"
        while (found := int(self.sh(script))) != wanted and time.monotonic() < until:
            time.sleep(0.1)
        return found


@pytest.fixture(scope="module")
def site(hosts: Lab) -> Iterator[Site]:
    with hosts.boot("web-1", services=("gunicorn", "nginx")) as machine:
        site = Site(machine)
        encoded = base64.b64encode(APP.encode()).decode()
        site.sh(f"echo {encoded} | base64 -d >/srv/scan2food/site_wsgi.py")
        yield site


@pytest.fixture(scope="module")
def program(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("variants")
    # Rights are made for what runs and for what is installed.
    site.put(VARIANTS["gunicorn@app"] | VARIANTS["--workers 4"])
    site.sh("systemctl stop gunicorn; systemctl start gunicorn@app")
    with serving(site.host, folder) as program:
        yield program


def carried_out(program: Running, words: str, by: str) -> str:
    """Ask, approve by a click, wait until it is done, and return the plan's number."""
    shown = {one.ts for one in program.slack.shown(APPROVER)}
    program.slack.command(by, words)
    plan = waiting(program, shown)
    program.slack.click(APPROVER, plan, "Approve")
    number = number_of_plan(plan)
    card(program, rf"[Pp]lan {number}\b(?s:.*)(done in|failed|half done)")
    return number


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_changed_for_good_and_taken_back_to_the_byte(
    variant: str, site: Site, program: Running
) -> None:
    unit = site.put(VARIANTS[variant])
    before = tree(site.host)
    counts = [site.workers(unit, 4)]

    with visited(site.host.address, 10) as visitors:
        number = carried_out(program, "workers web-1 gunicorn 2", OPERATOR)
        counts.append(site.workers(unit, 2))
    site.sh(f"systemctl restart {unit}")
    counts.append(site.workers(unit, 2))
    carried_out(program, f"undo {number}", APPROVER)
    counts.append(site.workers(unit, 4))
    same = tree(site.host) == before
    site.sh(f"systemctl restart {unit}")
    counts.append(site.workers(unit, 4))

    sys.stdout.write(
        f"\n{variant}: workers {' -> '.join(map(str, counts))}, {visitors}, files same: {same}\n"
    )
    assert counts == [4, 2, 2, 4, 4]
    assert same
    assert visitors.failed == 0


@pytest.mark.parametrize("variant", REFUSED)
def test_what_is_not_understood_is_refused_with_the_manual_steps(
    variant: str, site: Site, program: Running
) -> None:
    unit = site.put(REFUSED[variant])
    before = tree(site.host)
    assert site.workers(unit, 4) == 4
    shown = {one.ts for one in program.slack.shown(OPERATOR)}

    program.slack.command(OPERATOR, "workers web-1 gunicorn 2")

    answer = ""
    until = time.monotonic() + 30
    while BY_HAND not in answer and time.monotonic() < until:
        new = [one.plain for one in program.slack.shown(OPERATOR) if one.ts not in shown]
        answer = "\n".join(new)
        time.sleep(0.1)
    sys.stdout.write(f"\n{variant}: {answer}\n")
    assert BY_HAND in answer
    assert tree(site.host) == before
