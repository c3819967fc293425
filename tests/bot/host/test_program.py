"""The program that writes our drop-ins: what Python would write, byte for byte, and nothing else ever."""

from __future__ import annotations

import os
import resource
import subprocess
from typing import TYPE_CHECKING

import pytest

from bot.domain import drop_in, redis_limit
from bot.domain.bounds import is_unit
from bot.errors import Refused
from bot.facts import Section, pss, unit_file
from bot.known_services import celery, gunicorn, puma, uwsgi
from bot.ports import Completed
from tests.bot.host.installed import UNIT, Installed, install, program
from tests.fakes.awks import AWKS, SHELLS

if TYPE_CHECKING:
    from pathlib import Path

    from bot.domain.service import KnownService
    from bot.domain.unit_file import Unit

MAIN = f"/etc/systemd/system/{UNIT}"
HEAD = "[Unit]\nDescription=ExecStart=no\n\n[Service]\nUser=app\n"
GUNICORN = "/opt/app/venv/bin/gunicorn"
LINES: dict[str, tuple[KnownService, str]] = {
    "long": (gunicorn.SERVICE, f"{GUNICORN} --workers 4 --bind unix:/run/x.sock shop.wsgi"),
    "equals": (gunicorn.SERVICE, f"{GUNICORN} --bind :8000 --workers=4 shop.wsgi:app"),
    "short": (gunicorn.SERVICE, f"{GUNICORN} -w 4 shop.wsgi"),
    "attached": (gunicorn.SERVICE, f"{GUNICORN}  -b :80   -w4\tshop.wsgi"),
    "none": (gunicorn.SERVICE, f"{GUNICORN} shop.wsgi"),
    "only": (gunicorn.SERVICE, GUNICORN),
    "twice": (gunicorn.SERVICE, f"{GUNICORN} -w 2 shop.wsgi --workers 4"),
    "variable": (gunicorn.SERVICE, f"{GUNICORN} --workers $WORKERS shop.wsgi"),
    "braces": (gunicorn.SERVICE, f"{GUNICORN} --workers=${{WORKERS}} shop.wsgi"),
    "specifier": (gunicorn.SERVICE, f"{GUNICORN} --workers %i shop.wsgi"),
    "continued": (
        gunicorn.SERVICE,
        f"{GUNICORN} \\\n    --workers 4 \\\n  # no\n\t--bind :80 \\\n  shop.wsgi",
    ),
    "prefix": (gunicorn.SERVICE, f"-{GUNICORN} --workers 4 shop.wsgi"),
    "module": (gunicorn.SERVICE, "/usr/bin/python3.11 -u -m gunicorn --workers 4 shop.wsgi"),
    "python": (gunicorn.SERVICE, f"/usr/bin/python3 {GUNICORN} --workers 4 shop.wsgi"),
    "env": (gunicorn.SERVICE, f"/usr/bin/env A=b/gunicorn PATH=/x {GUNICORN} -w 4 shop.wsgi"),
    "nice": (gunicorn.SERVICE, f"/usr/bin/nice -n 5 {GUNICORN} -w 4 shop.wsgi"),
    "quotes": (gunicorn.SERVICE, f"{GUNICORN} -w 4 --access-logformat \"%%(h)s --workers 9 'x'\" shop.wsgi"),
    "backslash": (gunicorn.SERVICE, f"{GUNICORN} -w 4 --name a\\x20b shop.wsgi"),
    "utf8": (gunicorn.SERVICE, f"{GUNICORN} --name größe -w 4 shop.wsgi"),
    "class": (gunicorn.SERVICE, f"{GUNICORN} --worker-class gthread --workers 4 --worker-tmp-dir /dev/shm s"),
    "wrapper": (gunicorn.SERVICE, "/opt/app/start.sh --name gunicorn"),
    "shell": (gunicorn.SERVICE, f"/bin/sh -c 'exec {GUNICORN} --workers 4 shop.wsgi'"),
    "no number": (gunicorn.SERVICE, f"{GUNICORN} shop.wsgi --workers"),
    "word": (gunicorn.SERVICE, f"{GUNICORN} --workers many shop.wsgi"),
    "quoted number": (gunicorn.SERVICE, f'{GUNICORN} --workers "4" shop.wsgi'),
    "quoted option": (gunicorn.SERVICE, f"{GUNICORN} '--workers=4' shop.wsgi"),
    "open quote": (gunicorn.SERVICE, f'{GUNICORN} --workers 4 "shop.wsgi'),
    "several": (gunicorn.SERVICE, f"{GUNICORN} --workers 4 shop.wsgi ; /bin/true"),
    "control": (gunicorn.SERVICE, f"{GUNICORN} --workers 4 shop\x01.wsgi"),
    "other name": (gunicorn.SERVICE, f"@{GUNICORN} gunicorn --workers 4 shop.wsgi"),
    "puma": (puma.SERVICE, "/usr/local/bin/bundle exec puma -w 4 -t 2:8 -C config/puma.rb"),
    "puma long": (puma.SERVICE, "/usr/bin/puma --workers 4"),
    "celery": (celery.SERVICE, "/opt/v/bin/celery -A shop worker -c 4 --loglevel INFO"),
    "celery long": (celery.SERVICE, "/opt/v/bin/python -m celery -A shop worker --concurrency=4"),
    "celery beat": (celery.SERVICE, "/opt/v/bin/celery -A shop beat"),
    "uwsgi": (uwsgi.SERVICE, "/usr/bin/uwsgi --http :80 --processes 4 --module shop"),
    "uwsgi short": (uwsgi.SERVICE, "/usr/bin/uwsgi -p 4 --workers 3 --module shop"),
}
REFUSED = {
    *("wrapper", "shell", "no number", "word", "quoted number", "quoted option", "open quote", "several"),
    *("control", "other name", "celery beat"),
}
POLICY = f"workers {UNIT} %s 16"


PAIRS = [
    (shell, awk)
    for shell, awk in zip(
        ("dash", "bash", "busybox", "dash"), ("mawk", "gawk", "busybox", "original-awk"), strict=True
    )
    if shell in SHELLS and awk in AWKS
]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def host(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """A host with every shell and every awk that hosts have."""
    shell, awk = request.param
    return install(tmp_path_factory.mktemp("host"), shell, awk)


@pytest.fixture
def one(tmp_path: Path) -> Installed:
    """A host as most are, with a gunicorn of four workers."""
    host = install(tmp_path)
    host.has_policy(POLICY % "gunicorn", "maxmemory redis-server.service 16 32 64")
    host.has_unit((MAIN, f"{HEAD}ExecStart={GUNICORN} --workers 4 shop.wsgi\n"))
    return host


def in_python(service: KnownService, count: int, *files: tuple[str, str]) -> drop_in.DropIn:
    assert service.scaling is not None
    return drop_in.workers(unit_of(*files), service.scaling, count)


def unit_of(*files: tuple[str, str]) -> Unit:
    cat = "\n".join(f"# {path}\n{content}" for path, content in files)
    drop_ins = " ".join(path for path, _ in files[1:])
    found = f"FragmentPath={files[0][0]}\nDropInPaths={drop_ins}\n"
    show = f"Id={UNIT}\nLoadState=loaded\nActiveState=active\n{found}"
    return unit_file.parse(UNIT, Completed(0, show.encode(), b""), Completed(0, cat.encode(), b""))


def test_it_writes_what_python_would_write_and_forgets_it_without_a_trace(host: Installed) -> None:
    for name, (service, line) in LINES.items():
        files = ((MAIN, f"{HEAD}ExecStart={line}\nRestart=always\n"),)
        host.has_unit(*files)
        host.has_policy(POLICY % service.name)
        before = host.tree()

        ran = host.run("workers", UNIT, "2")

        if name in REFUSED:
            with pytest.raises(Refused):
                in_python(service, 2, *files)
            assert (ran.returncode, ran.stdout, host.tree()) == (1, "", before), name
            assert ran.stderr.startswith("memwarden-host: "), name
            continue
        expected = in_python(service, 2, *files)
        assert ran.stderr == "", name
        written = host.root / expected.path.removeprefix("/")
        assert ran.stdout == f"{written}\n", name
        assert written.read_bytes() == expected.content.encode(), name
        assert host.run("forget", UNIT).returncode == 0
        assert host.tree() == before, name


REDIS = "/usr/bin/redis-server"
REDIS_LINES = {
    "plain": f"{REDIS} /etc/redis/redis.conf --supervised systemd --daemonize no",
    "limited": f"{REDIS} --maxmemory 8mb /etc/redis.conf --maxmemory-policy=noeviction --port 0",
    "valkey": "-/usr/bin/valkey-server",
    "ours": f"{REDIS} /etc/redis.conf --maxmemory 16mb --maxmemory-policy allkeys-lru",
    "wrapper": "/opt/start-redis /usr/bin/redis-server",
    "env": f"/usr/bin/env {REDIS}",
    "quoted": f"{REDIS} --maxmemory '8mb'",
    "no value": f"{REDIS} --maxmemory",
}


def test_it_limits_redis_as_python_would(host: Installed) -> None:
    host.has_policy(f"maxmemory {UNIT} 16 32 64")
    for name, line in REDIS_LINES.items():
        files = ((MAIN, f"{HEAD}ExecStart={line}\n"),)
        host.has_unit(*files)
        before = host.tree()

        ran = host.run("maxmemory", UNIT, "32", "volatile-ttl")

        try:
            expected = redis_limit.written(unit_of(*files), 32, "volatile-ttl")
        except Refused:
            assert (ran.returncode, host.tree()) == (1, before), name
            continue
        assert (host.root / expected.path.removeprefix("/")).read_text() == expected.content, name
        assert host.run("forget", UNIT).returncode == 0
        assert host.tree() == before, name


@pytest.mark.parametrize("program", ["any", "gunicorn"])
def test_a_service_of_ones_own_is_told_by_what_it_starts(one: Installed, program: str) -> None:
    one.has_policy(POLICY % program)

    one.run("workers", UNIT, "3")

    assert "gunicorn --workers 3 shop.wsgi\n" in (one.drop_ins / "50-memwarden.conf").read_text()


DROP_INS: dict[str, tuple[tuple[str, str], ...]] = {
    "before ours": ((f"{MAIN}.d/10-x.conf", f"[Service]\nExecStart=\nExecStart={GUNICORN} -w 8 x"),),
    "after ours": ((f"{MAIN}.d/override.conf", f"[Service]\nExecStart=\nExecStart={GUNICORN} -w 8 x"),),
    "of something else": ((f"{MAIN}.d/override.conf", "[Service]\nEnvironment=A=b\n"),),
    "ours": (
        (f"{MAIN}.d/50-memwarden.conf", f"[Service]\nExecStart=\nExecStart={GUNICORN} --workers 2 shop\n"),
    ),
    "another section": ((f"{MAIN}.d/override.conf", "[X-Own]\nExecStart=/bin/x\n"),),
}


@pytest.mark.parametrize("name", DROP_INS)
def test_drop_ins_that_are_there_count_as_for_systemd(one: Installed, name: str) -> None:
    files = ((MAIN, f"{HEAD}ExecStart={GUNICORN} --workers 4 shop\n"), *DROP_INS[name])
    one.has_unit(*files)

    ran = one.run("workers", UNIT, "3")

    expected = in_python(gunicorn.SERVICE, 3, *files)
    assert ran.stdout == f"{one.root}{expected.path}\n"
    assert (one.root / expected.path.removeprefix("/")).read_text() == expected.content


def test_a_second_change_takes_the_place_of_the_first(one: Installed) -> None:
    one.run("workers", UNIT, "2")
    one.run("workers", UNIT, "3")

    assert [path.name for path in sorted(one.drop_ins.iterdir())] == [
        ".made-by-memwarden",
        "50-memwarden.conf",
    ]
    written = one.drop_ins / "50-memwarden.conf"
    assert written.stat().st_mode & 0o777 == 0o644
    assert "--workers 3 " in written.read_text()


def test_a_folder_of_the_users_own_stays_when_ours_is_forgotten(one: Installed) -> None:
    one.drop_ins.mkdir()
    one.drop_ins.chmod(0o755)
    before = one.tree()
    one.run("workers", UNIT, "2")

    assert one.run("forget", UNIT).returncode == 0
    assert one.run("forget", UNIT).returncode == 0

    assert one.tree() == before


def test_what_was_killed_while_it_wrote_leaves_nothing_behind_when_it_is_forgotten(one: Installed) -> None:
    before = one.tree()
    one.run("workers", UNIT, "2")
    (one.drop_ins / ".memwarden.4711").write_text("[Serv")

    assert one.run("forget", UNIT).returncode == 0

    assert one.tree() == before


def test_a_folder_that_somebody_used_meanwhile_stays_with_what_is_in_it(one: Installed) -> None:
    one.run("workers", UNIT, "2")
    (one.drop_ins / "own.conf").write_text("[Service]\n")

    assert one.run("forget", UNIT).returncode == 0

    assert [path.name for path in one.drop_ins.iterdir()] == ["own.conf"]


HOSTILE_WORDS = (
    *(
        "",
        "-",
        "--",
        "-x.service",
        ".service",
        "..service",
        "../../passwd.service",
        "/etc/passwd",
        "a b.service",
    ),
    *(
        "gunicorn.service\n",
        "gunicorn.service;id",
        "$(id).service",
        "`id`.service",
        "*.service",
        "gunicorn.*",
    ),
    *("ssh.service", "gunicorn.socket", "gunicorn", "gunicorn.service/../x.service", "g\\x2d.service"),
    *("gunicorn.service ", "größe.service", "[a-z]*.service", "x" * 300 + ".service", "workers.service"),
)
HOSTILE_NUMBERS = (
    *("", "0", "-1", "17", "1e1", "0x2", "02", "2 ", " 2", "2\n3", "2;id", "$((1))", "99999999999999999999"),
    *("2 --config=/tmp/x", "*", "+2", "2.0", "\u0662"),
)


@pytest.mark.parametrize("word", HOSTILE_WORDS)
def test_no_other_unit_is_ever_touched(one: Installed, word: str) -> None:
    before = one.tree()

    asked = (("workers", word, "2"), ("maxmemory", word, "16", "noeviction"), ("forget", word))
    ran = [one.run(*words) for words in asked]

    assert [each.returncode for each in ran] == [1, 1, 1]
    assert one.tree() == before


@pytest.mark.parametrize("number", HOSTILE_NUMBERS)
def test_no_other_number_is_ever_written(one: Installed, number: str) -> None:
    before = one.tree()

    assert one.run("workers", UNIT, number).returncode == 1
    assert one.run("maxmemory", "redis-server.service", number, "noeviction").returncode == 1

    assert one.tree() == before


@pytest.mark.parametrize("policy", ["", "keep-all", "noeviction --save x", "noeviction\n", "ALLKEYS-LRU"])
def test_no_other_word_is_ever_written(one: Installed, policy: str) -> None:
    assert one.run("maxmemory", "redis-server.service", "16", policy).stderr == (
        "memwarden-host: redis knows no such policy\n"
    )


@pytest.mark.parametrize(
    "words", [(), ("workers",), ("workers", UNIT), ("shell",), ("gate", "x"), ("forget",), ("smaps", "1")]
)
def test_what_is_no_verb_is_refused(one: Installed, words: tuple[str, ...]) -> None:
    assert one.run(*words).returncode == 64


def test_links_are_never_followed(one: Installed, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    one.drop_ins.symlink_to(elsewhere)
    assert one.run("workers", UNIT, "2").returncode == 1
    assert one.run("forget", UNIT).returncode == 1
    one.drop_ins.unlink()

    one.drop_ins.mkdir(mode=0o755)
    (one.drop_ins / "50-memwarden.conf").symlink_to(elsewhere / "file")
    assert one.run("workers", UNIT, "2").returncode == 1
    assert one.run("forget", UNIT).returncode == 1

    assert list(elsewhere.iterdir()) == []


def test_a_file_that_is_not_ours_is_neither_overwritten_nor_removed(one: Installed) -> None:
    one.drop_ins.mkdir(mode=0o755)
    own = one.drop_ins / "50-memwarden.conf"
    own.write_text("[Service]\n# mine\n")

    assert one.run("workers", UNIT, "2").returncode == 1
    assert one.run("forget", UNIT).returncode == 1

    assert own.read_text() == "[Service]\n# mine\n"


@pytest.mark.parametrize("place", ["etc", "etc/systemd/system", "etc/memwarden", "etc/memwarden/policy"])
def test_what_others_can_write_is_not_believed(one: Installed, place: str) -> None:
    (one.root / place).chmod(0o777)
    before = one.tree()

    assert one.run("workers", UNIT, "2").returncode == 1

    assert one.tree() == before


def test_it_reads_the_shares_of_all_processes_as_the_bot_would(host: Installed) -> None:
    host.has_policy("smaps all 16384")

    ran = host.run("smaps")

    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("@pss", f"u{os.geteuid()}", "@end")
    shares = pss.parse(Section("pss", tuple(lines[1:-1]), ()))
    assert os.getpid() in shares.by_pid
    assert pss.FACT.awk in program()


def test_it_walks_no_more_memory_than_the_policy_says(host: Installed) -> None:
    host.has_policy("smaps all 1")

    lines = host.run("smaps").stdout.splitlines()

    assert f"x{os.getpid()}" in lines


@pytest.mark.parametrize(
    "policy", ["", "smaps", "smaps all 0", "smaps all 1 2", "smaps all $(id)", "smaps gun 1"]
)
def test_without_a_line_of_the_policy_it_reads_nothing(one: Installed, policy: str) -> None:
    one.has_policy(policy)

    ran = one.run("smaps")

    assert (ran.returncode, ran.stdout) == (1, "")


def test_a_limit_of_the_callers_on_files_leaves_nothing_half_written(one: Installed) -> None:
    one.drop_ins.mkdir(mode=0o755)
    before = one.tree()
    nothing = (resource.RLIMIT_FSIZE, (0, 0))

    ran = subprocess.run(
        (*one.shell, str(one.root / "program"), "workers", UNIT, "2"),
        preexec_fn=lambda: resource.setrlimit(*nothing),
        capture_output=True,
        check=False,
    )

    assert ran.returncode != 0
    assert one.tree() == before


def test_settings_of_the_caller_change_nothing(one: Installed, tmp_path: Path) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    for name in ("awk", "id", "ls", "systemctl", "mv"):
        (evil / name).write_text(f"#!/bin/sh\ntouch {evil}/ran\n")
        (evil / name).chmod(0o755)
    hostile = {"PATH": str(evil), "IFS": "/", "ENV": str(evil / "id"), "BASH_ENV": str(evil / "id")}

    ran = one.run("workers", UNIT, "2", env=hostile)

    assert ran.returncode == 0, ran.stderr
    assert not (evil / "ran").exists()


@pytest.mark.parametrize(
    "name",
    [
        UNIT,
        "a:b@c_d-e.f.service",
        f"{'x' * 192}.service",
        f"{'x' * 193}.service",
        ".hidden.service",
        "-H.service",
        ".service",
        r"shop\x2dapi.service",
        "gunicorn",
        "gunicorn.socket",
        "a b.service",
        "a/b.service",
        "gunicörn.service",
        "",
    ],
)
def test_it_takes_the_names_of_units_that_plans_are_made_for_and_no_others(tmp_path: Path, name: str) -> None:
    said = install(tmp_path).run("workers", name, "2").stderr

    assert ("that is no name of a" not in said) is is_unit(name)
