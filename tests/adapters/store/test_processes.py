"""Several processes, and processes that end in the middle."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from adapters.store.store import open_store
from bot.domain.audit import check
from tests.adapters.store import child
from tests.contracts.store import SAMPLE

ROOT = Path(__file__).parents[3]


def started(deed: str, *arguments: str) -> subprocess.Popen[str]:
    # Not measured: what these processes may write, and how they end, is the test's.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_")}
    return subprocess.Popen(
        [sys.executable, "-m", child.__name__, deed, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def all_at_once(children: list[subprocess.Popen[str]]) -> list[tuple[str, int]]:
    """Let all go on when all are ready; return what each said of errors and how it ended."""
    for each in children:
        assert each.stdout
        assert each.stdout.readline() == "ready\n"
    for each in children:
        assert each.stdin
        each.stdin.write("go\n")
        each.stdin.flush()
    return [(each.communicate()[1], each.returncode) for each in children]


def test_processes_that_open_a_new_database_at_the_same_moment_all_work(tmp_path: Path) -> None:
    place = str(tmp_path / "state" / "memwarden.db")
    hosts = [f"web-{n}" for n in range(3)]
    children = [started(child.remember_when_told.__name__, place, host) for host in hosts]

    assert all_at_once(children) == [("", 0)] * 3
    with closing(open_store(place)) as store:
        assert [getattr(store.latest(host), "host", None) for host in hosts] == hosts


def test_processes_that_write_the_audit_at_once_write_one_chain(tmp_path: Path) -> None:
    place = str(tmp_path / "memwarden.db")
    open_store(place).close()
    people = [f"slack:U{n}" for n in range(3)]

    assert (
        all_at_once([started(child.audit_when_told.__name__, place, who) for who in people]) == [("", 0)] * 3
    )

    with closing(open_store(place)) as store:
        links = store.audited_from(1, 1000)
    assert check(links) == ()
    for who in people:
        assert [link.entry.plan for link in links if link.entry.who == who] == list(range(100))


def test_nothing_remembered_is_lost_when_the_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    with started(child.remember_for_ever.__name__, str(path)) as writer:
        assert writer.stdout
        acknowledged = [int(writer.stdout.readline()) for _ in range(50)]
        writer.kill()
        acknowledged += [int(line) for line in writer.stdout if line.endswith("\n")]

    with closing(open_store(str(path))) as store:
        latest = store.latest("web-1")
    assert latest
    assert latest.major_faults in {acknowledged[-1], acknowledged[-1] + 1}
    assert _is_whole(path)


def test_a_write_that_was_killed_before_its_end_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    with closing(open_store(str(path))) as store:
        store.remember(SAMPLE)
    with started(child.die_before_the_end_of_a_write.__name__, str(path)) as writer:
        status = writer.wait()

    with closing(open_store(str(path))) as store:
        assert status == -9
        assert store.latest("half-written") is None
        assert store.latest("web-1") == SAMPLE
    assert _is_whole(path)


def test_a_database_that_could_not_be_made_is_made_the_next_time(tmp_path: Path) -> None:
    path = tmp_path / "memwarden.db"
    said, errors = started(child.open_on_a_disk_that_fails.__name__, str(path)).communicate()

    assert errors == ""
    assert said == (
        f"The database {path} could not be read or written: the disk is full, a quota is used up,"
        " or the disk fails; see `df`, `quota` and `dmesg`,"
        " or set `database` under [bot] to another path.\n"
    )
    with closing(open_store(str(path))) as store:
        store.remember(SAMPLE)
        assert store.latest("web-1") == SAMPLE


def test_alembic_is_not_imported_when_there_is_nothing_to_migrate(tmp_path: Path) -> None:
    place = str(tmp_path / "memwarden.db")
    open_store(place).close()

    said, _ = started(child.tell_whether_alembic_is_imported.__name__, place).communicate()

    assert said == "False\n"


def _is_whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as database:
        return bool(database.execute("PRAGMA integrity_check").fetchone() == ("ok",))
