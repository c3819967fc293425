"""Which service each process belongs to: a unit before a name, and nobody passes for what he is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.attribution import Kind, Service, attribute
from bot.domain.estimate import Method
from bot.domain.service import Group, forked_workers
from bot.domain.units import MIB
from tests.fakes.snapshots import known, memory_group, process, pss, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import MemoryGroup, ProcessMemory
    from bot.domain.service import KnownService

KNOWN = (
    known("gunicorn", units=("gunicorn.service", "gunicorn@*.service"), workers=forked_workers),
    known("nginx", units=("nginx.service",), essential=True),
    known("php-fpm", "php-fpm[0-9]*", units=("php*-fpm.service",)),
    known("supervisor", "supervisord", units=("supervisor.service",), essential=True, hosts_others=True),
    known("ssh", "sshd", "sshd-session", units=("ssh.service",), group=Group.SYSTEM, hosts_others=True),
    known("cron", "cron", "CRON", units=("cron.service",), group=Group.SYSTEM, hosts_others=True),
    known("systemd", units=("init.scope",), group=Group.SYSTEM, essential=True, hosts_others=True),
    known("polkit", "polkitd", units=("polkit.service",), group=Group.SYSTEM),
)
NGINX = "/system.slice/nginx.service"
SHOP = "/system.slice/shop.service"
BLOG = "/system.slice/blog.service"
SSH = "/system.slice/ssh.service"
CRON = "/system.slice/cron.service"
SESSION = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service"
DOCKER_ID = "4f66ad9ab38a6bd3d4e7a4a3f9a1c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3"
DOCKER = f"/system.slice/docker-{DOCKER_ID}.scope"

CONTAINERS = (
    f"/docker/{DOCKER_ID}",
    f"/kubepods/burstable/pod12-34/{DOCKER_ID}",
    "/lxc.payload.web/system.slice/ssh.service",
    "/lxc/web/system.slice/ssh.service",
    f"/machine.slice/libpod-{DOCKER_ID}.scope/container",
)


def services(
    *processes: ProcessMemory,
    known: tuple[KnownService, ...] = KNOWN,
    probe_pid: int | None = None,
    groups: tuple[MemoryGroup, ...] = (),
) -> dict[str, Service]:
    found = attribute(snapshot(*processes, probe_pid=probe_pid, groups=groups), known)
    assert len({service.name for service in found}) == len(found), "two services have one name"
    return {service.name: service for service in found}


def pids(*processes: ProcessMemory, probe_pid: int | None = None) -> dict[str, list[int]]:
    found = services(*processes, probe_pid=probe_pid)
    return {name: sorted(p.pid for p in service.processes) for name, service in found.items()}


# --- a unit before a name


def test_all_that_runs_in_a_services_unit_is_that_service() -> None:
    found = services(
        process(10, "nginx: master process", unit=NGINX), process(11, "/usr/bin/perl", "x.pl", unit=NGINX)
    )

    assert [p.pid for p in found["nginx"].processes] == [10, 11]
    assert (found["nginx"].kind, found["nginx"].units) == (Kind.SERVICE, ("nginx.service",))


def test_a_unit_of_any_name_is_the_service_that_it_was_started_for() -> None:
    found = services(
        process(10, "/usr/bin/python3", "/usr/bin/gunicorn", "shop:app", unit=SHOP),
        process(11, "/usr/bin/ffmpeg", ppid=10, unit=SHOP),
    )

    assert [p.pid for p in found["gunicorn"].processes] == [10, 11]
    assert found["gunicorn"].units == ("shop.service",)


def test_a_script_that_starts_the_server_in_its_unit_is_told_from_it() -> None:
    found = pids(
        process(10, "/bin/sh", "/srv/start.sh", unit=SHOP),
        process(11, "/usr/bin/python3", "/usr/bin/gunicorn", "shop:app", ppid=10, unit=SHOP),
        process(12, "/usr/bin/python3", "/usr/bin/gunicorn", "shop:app", ppid=11, unit=SHOP),
    )

    assert found == {"gunicorn": [11, 12], "shop": [10]}


def test_a_unit_that_nobody_knows_goes_by_its_own_name() -> None:
    found = services(process(10, "/opt/app/bin/server", unit=SHOP), process(11, "helper", ppid=10, unit=SHOP))

    assert found["shop"].kind is Kind.OTHER
    assert found["shop"].units == ("shop.service",)
    assert len(found["shop"].processes) == 2


def test_templated_units_are_told_apart() -> None:
    found = services(
        process(10, "gunicorn", unit="/system.slice/system-gunicorn.slice/gunicorn@shop.service"),
        process(20, "gunicorn", unit="/system.slice/system-gunicorn.slice/gunicorn@blog.service"),
    )

    assert found.keys() == {"gunicorn gunicorn@shop", "gunicorn gunicorn@blog"}


def test_two_gunicorn_units_are_told_apart_each_with_its_own_workers() -> None:
    found = services(
        process(10, "gunicorn", unit=SHOP),
        process(11, "gunicorn", ppid=10, unit=SHOP),
        process(12, "gunicorn", ppid=10, unit=SHOP),
        process(20, "gunicorn", unit=BLOG),
        process(21, "gunicorn", ppid=20, unit=BLOG),
    )

    assert {name: len(service.workers) for name, service in found.items()} == {
        "gunicorn shop": 2,
        "gunicorn blog": 1,
    }


# --- impostors


def test_an_impostor_in_a_users_session_is_told_from_the_real_service() -> None:
    found = services(
        process(10, "nginx: master process", unit=NGINX, anon=8 * MIB),
        process(66, "nginx: master process", uid=1000, unit=SESSION, anon=500 * MIB),
    )

    assert {name: service.memory_bytes // MIB for name, service in found.items()} == {
        "nginx": 8,
        "nginx (user 1000)": 500,
    }
    assert found["nginx (user 1000)"].units == ()


def test_a_users_own_unit_of_the_same_name_is_told_from_the_real_one() -> None:
    found = pids(
        process(10, "nginx", unit=NGINX),
        process(66, "nginx", uid=1000, unit=f"{MANAGER}/app.slice/nginx.service"),
    )

    assert found == {"nginx": [10], "nginx (user 1000)": [66]}


@pytest.mark.parametrize("title", ["nginx", "/opt/x/innocent"])
@pytest.mark.parametrize(
    "unit",
    [f"{SHOP}/nginx.service", f"{SHOP}/system.slice/nginx.service", f"{DOCKER}/system.slice/nginx.service"],
)
def test_a_group_that_a_service_made_below_its_own_is_not_the_unit_it_is_named_after(
    unit: str, title: str
) -> None:
    found = services(process(10, "nginx", unit=NGINX), process(66, title, uid=33, unit=unit))

    assert [p.pid for p in found["nginx"].processes] == [10]
    assert len(found) == 2


@pytest.mark.parametrize("name", ["systemd", "sshd", "polkitd"])
@pytest.mark.parametrize(
    ("unit", "uid"),
    [
        *((path, 1000) for path in (SESSION, f"{MANAGER}/init.scope", SHOP, DOCKER, CRON)),
        *((path, uid) for path in CONTAINERS for uid in (0, 1000)),
    ],
)
def test_nobody_hides_in_the_line_of_a_system_service_by_taking_its_name(
    name: str, unit: str, uid: int
) -> None:
    found = services(
        process(1, "/sbin/init", comm="systemd", ppid=0, unit="/init.scope"),
        process(66, name, ppid=1, uid=uid, unit=unit),
    )

    assert [s.kind for s in found.values() if 66 in s.share_by_pid] != [Kind.SYSTEM]


def test_the_memory_of_a_session_is_its_users_whatever_runs_in_it() -> None:
    found = services(
        process(50, "/lib/systemd/systemd", "--user", uid=1000, unit=f"{MANAGER}/init.scope"),
        process(51, "sshd: deploy@pts/0", uid=1000, unit=SESSION),
        process(52, "-bash", ppid=51, uid=1000, unit=SESSION),
        process(53, "sudo", "vim", ppid=52, uid=0, unit=SESSION),
    )

    assert sorted(p.pid for p in found["user 1000"].processes) == [50, 51, 52, 53]
    assert found["user 1000"].kind is Kind.USER


def test_the_part_of_an_ssh_session_that_root_keeps_is_ssh() -> None:
    found = services(
        process(40, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", unit=SSH),
        process(41, "sshd: deploy [priv]", ppid=40, uid=0, unit=SESSION),
    )

    assert [p.pid for p in found["ssh"].processes] == [40, 41]
    assert found["ssh"].kind is Kind.SYSTEM


def test_two_users_are_two_lines() -> None:
    other = "/user.slice/user-1001.slice/session-4.scope"

    found = pids(process(52, "-bash", uid=1000, unit=SESSION), process(62, "-zsh", uid=1001, unit=other))

    assert found == {"user 1000": [52], "user 1001": [62]}


# --- children, containers, supervisors, cron


def test_children_belong_to_the_service_that_started_them() -> None:
    found = pids(
        process(10, "gunicorn"),
        process(11, "gunicorn", ppid=10),
        process(12, "ffmpeg", ppid=11),
        process(20, "ffmpeg"),
    )

    assert found == {"gunicorn": [10, 11, 12], "ffmpeg": [20]}


def test_a_child_is_known_by_its_parent_though_pids_wrapped_within_one_tick() -> None:
    found = pids(
        process(32767, "gunicorn", ppid=1, started_ticks=5),
        process(301, "ffmpeg", ppid=300, started_ticks=5),
        process(300, "sh", ppid=32767, started_ticks=5),
    )

    assert found == {"gunicorn": [300, 301, 32767]}


def test_a_child_that_moved_to_a_unit_of_its_own_is_that_unit() -> None:
    found = pids(process(10, "gunicorn", unit=SHOP), process(11, "worker", ppid=10, unit=BLOG))

    assert found == {"gunicorn": [10], "blog": [11]}


def test_a_container_is_told_from_the_machine_by_a_short_id() -> None:
    found = pids(process(10, "nginx", unit=NGINX), process(20, "nginx", unit=DOCKER))

    assert found == {"nginx": [10], "nginx docker-4f66ad9ab38a": [20]}


def test_containers_without_units_are_told_apart() -> None:
    other = "5" * 64
    found = services(
        process(10, "gunicorn", unit="/system.slice/gunicorn.service"),
        process(20, "gunicorn", unit=f"/docker/{DOCKER_ID}"),
        process(21, "gunicorn", ppid=20, unit=f"/docker/{DOCKER_ID}"),
        process(30, "gunicorn", unit=f"/kubepods/burstable/pod12-34/{other}"),
        process(40, "gunicorn", unit="/lxc.payload.web/system.slice/gunicorn.service"),
    )

    assert {name: len(service.processes) for name, service in found.items()} == {
        "gunicorn": 1,
        "gunicorn docker-4f66ad9ab38a": 2,
        "gunicorn kubepods-555555555555": 1,
        "gunicorn lxc-web": 1,
    }
    assert found["gunicorn docker-4f66ad9ab38a"].units == ()


def test_unknown_programs_of_two_scopes_are_told_apart() -> None:
    found = services(
        process(10, "node", "/app/server.js", unit=DOCKER),
        process(20, "node", "/app/server.js", unit=f"/system.slice/docker-{'5' * 64}.scope"),
        process(30, "/usr/bin/qemu-system-x86_64", unit=r"/machine.slice/machine-qemu\x2d1\x2dshop.scope"),
        process(40, "/usr/bin/qemu-system-x86_64", unit=r"/machine.slice/machine-qemu\x2d2\x2dblog.scope"),
    )

    assert found.keys() == {
        "server.js docker-4f66ad9ab38a",
        "server.js docker-555555555555",
        "qemu-system-x86_64 machine-qemu-1-shop",
        "qemu-system-x86_64 machine-qemu-2-blog",
    }
    assert found["server.js docker-4f66ad9ab38a"].units == (f"docker-{DOCKER_ID}.scope",)


@pytest.mark.parametrize("path", ["", "/", "/openrc.sshd", "/openrc/sshd"])
def test_a_system_name_is_believed_on_a_host_without_units(path: str) -> None:
    assert services(process(9, "/usr/sbin/sshd", unit=path))["ssh"].kind is Kind.SYSTEM


def test_what_a_supervisor_runs_is_judged_by_itself() -> None:
    unit = "/system.slice/supervisor.service"
    found = pids(
        process(10, "/usr/bin/python3", "/usr/bin/supervisord", "-n", unit=unit),
        process(11, "/usr/bin/python3", "/usr/bin/gunicorn", ppid=10, unit=unit),
        process(12, "/usr/bin/python3", "/srv/feeds.py", ppid=10, unit=unit),
    )

    assert found == {"supervisor": [10], "gunicorn": [11], "feeds.py": [12]}


def test_a_cron_job_goes_by_its_program_not_by_crons_unit() -> None:
    found = services(
        process(10, "/usr/sbin/cron", "-f", unit=CRON),
        process(11, "/usr/sbin/CRON", "-f", comm="cron", ppid=10, unit=CRON),
        process(12, "/bin/sh", "-c", "/srv/backup --all", ppid=11, uid=33, unit=CRON),
        process(13, "/usr/bin/python3", "/srv/backup", ppid=12, uid=33, unit=CRON),
    )

    assert {name: service.kind for name, service in found.items()} == {
        "cron": Kind.SYSTEM,
        "sh": Kind.OTHER,
        "backup": Kind.OTHER,
    }
    assert len(found["cron"].processes) == 2


def test_without_systemd_the_program_decides() -> None:
    found = services(
        process(1, "/sbin/init", comm="init", ppid=0),
        process(9, "/usr/sbin/sshd"),
        process(10, "nginx"),
        process(11),
    )

    assert {name: service.kind for name, service in found.items()} == {
        "init": Kind.OTHER,
        "ssh": Kind.SYSTEM,
        "nginx": Kind.SERVICE,
        "app": Kind.OTHER,
    }


def test_an_unknown_program_and_an_unknown_unit_of_one_name_are_told_apart() -> None:
    assert pids(process(10, "x", unit=SHOP), process(11, "shop")) == {"shop": [10], "shop (no unit)": [11]}


def test_a_program_named_like_a_line_of_ours_is_told_from_it() -> None:
    found = services(
        process(10, "/usr/bin/python3", "/srv/memwarden (this check)"),
        process(11, comm="user 1000"),
        process(12, "-bash", uid=1000, unit=SESSION),
        process(20, "awk"),
        probe_pid=20,
    )

    assert {name: service.kind for name, service in found.items()} == {
        "memwarden (this check)": Kind.MEMWARDEN,
        "memwarden (this check) (no unit)": Kind.OTHER,
        "user 1000": Kind.USER,
        "user 1000 (no unit)": Kind.OTHER,
    }


# --- what memwarden itself weighs


def test_the_ssh_session_that_carries_the_probe_is_memwardens_and_the_server_is_not() -> None:
    found = pids(
        process(1, "/sbin/init", comm="systemd", ppid=0, unit="/init.scope"),
        process(40, "sshd: /usr/sbin/sshd -D [listener] 1 of 10-100 startups", unit=SSH),
        process(41, "sshd: deploy [priv]", ppid=40, unit=SESSION),
        process(42, "sshd: deploy@notty", ppid=41, uid=1000, unit=SESSION),
        process(43, "sh", ppid=42, uid=1000, unit=SESSION),
        process(44, "sh", "-c", 'awk "$1"', ppid=43, uid=1000, unit=SESSION),
        process(45, "awk", ppid=44, uid=1000, unit=SESSION),
        process(99, "-bash", ppid=98, uid=1000, unit=SESSION),
        probe_pid=45,
    )

    assert found["memwarden (this check)"] == [41, 42, 43, 44, 45]
    assert found["ssh"] == [40]
    assert found["user 1000"] == [99]


@pytest.mark.parametrize(
    "server",
    [
        process(40, "/usr/sbin/sshd", "-D", ppid=1),
        process(40, "/usr/sbin/sshd", "-D", ppid=30),
        process(40, "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", ppid=30),
        process(40, "sshd:", "/usr/sbin/sshd", "-D", "[listener]", "0", "of", "10-100", "startups", ppid=1),
        process(40, "/usr/sbin/sshd", "-D", ppid=0),
    ],
)
def test_the_ssh_server_is_never_memwardens_whoever_started_it_and_however_old_it_is(
    server: ProcessMemory,
) -> None:
    found = pids(
        server,
        process(41, "sshd-session: root [priv]", ppid=40),
        process(42, "sshd-session: root@notty", ppid=41),
        process(45, "awk", ppid=42),
        probe_pid=45,
    )

    assert found == {"memwarden (this check)": [41, 42, 45], "ssh": [40]}


def test_a_session_of_a_socket_activated_server_is_memwardens_though_its_parent_is_process_1() -> None:
    found = pids(
        process(1, "/sbin/init", comm="systemd", ppid=0, unit="/init.scope"),
        process(41, "sshd: root [priv]", ppid=1, unit="/system.slice/system-sshd.slice/sshd@1.service"),
        process(45, "awk", ppid=41),
        probe_pid=45,
    )

    assert found == {"memwarden (this check)": [41, 45], "systemd": [1]}


@pytest.mark.parametrize("ppid", [0, 1, 30])
def test_on_its_own_machine_the_bot_is_memwardens_and_who_started_it_is_not(ppid: int) -> None:
    found = pids(
        process(30, "-bash", uid=1000, unit=SESSION),
        process(31, "/srv/venv/bin/python", "/srv/venv/bin/memwarden", "run", ppid=ppid, unit=SESSION),
        process(32, "sh", "-c", 'awk "$1"', ppid=31, unit=SESSION),
        process(33, "awk", ppid=32, unit=SESSION),
        process(34, "/srv/venv/bin/python", "/srv/venv/bin/memwarden", "chat", ppid=30, unit=SESSION),
        probe_pid=33,
    )

    assert found["memwarden (this check)"] == [31, 32, 33]
    assert found["user 1000"] == [30, 34]


def test_no_ring_of_parents_goes_on_for_ever() -> None:
    found = pids(
        process(5, "sh", ppid=6),
        process(6, "sh", ppid=5),
        process(7, "app", ppid=7),
        process(8, "app", ppid=404),
        probe_pid=5,
    )

    assert found == {"memwarden (this check)": [5, 6], "app": [7, 8]}


def test_a_probe_that_is_not_among_the_processes_is_nobody() -> None:
    assert pids(process(5, "nginx"), probe_pid=77) == {"nginx": [5]}


# --- units


def test_a_system_service_has_all_its_units_those_it_is_known_by_first() -> None:
    found = services(
        process(9, "/usr/sbin/sshd", "-D", unit="/system.slice/alternative.service"),
        process(40, "/usr/sbin/sshd", "-D", unit=SSH),
        process(41, "sshd: deploy [priv]", ppid=40, uid=0, unit=SESSION),
        process(50, "/usr/sbin/cron"),
    )

    assert found["ssh"].units == ("ssh.service", "alternative.service")
    assert found["cron"].units == ()


# --- names


@pytest.mark.parametrize(
    "cmdline",
    [
        ("gunicorn: master [shop]",),
        ("python3", "-m", "gunicorn"),
        ("python3", "-m", "gunicorn.app.wsgiapp"),
        ("/usr/bin/python3", "/usr/bin/gunicorn"),
        ("/srv/venv/bin/gunicorn",),
    ],
)
def test_gunicorn_is_known_in_all_its_guises(cmdline: tuple[str, ...]) -> None:
    assert services(process(2, *cmdline, comm="x"))["gunicorn"].known is KNOWN[0]


def test_patterns_are_matched_and_ones_own_services_come_first() -> None:
    own = known("php", "php-fpm8.2")

    assert services(process(2, "php-fpm8.1: pool www")).keys() == {"php-fpm"}
    assert services(process(2, "/usr/sbin/php-fpm8.2")).keys() == {"php-fpm"}
    assert services(process(2, "/usr/sbin/php-fpm8.2"), known=(own, *KNOWN)).keys() == {"php"}


# --- a service's numbers


def test_services_come_largest_first_and_know_their_memory_swap_and_workers() -> None:
    found = attribute(
        snapshot(
            process(9, "small", anon=MIB),
            process(10, "gunicorn", anon=20 * MIB, swap=MIB),
            process(
                11, "gunicorn", ppid=10, anon=90 * MIB, swap=5 * MIB, pss=pss(anon=80 * MIB, swap=2 * MIB)
            ),
            process(12, "gunicorn", ppid=10, anon=90 * MIB, pss=pss(anon=84 * MIB)),
        ),
        KNOWN,
    )

    assert [service.name for service in found] == ["gunicorn", "small"]
    assert found[0].memory_bytes == 184 * MIB
    assert found[0].swap_bytes == 3 * MIB
    assert found[0].worker_bytes == 82 * MIB
    assert found[0].method is Method.RSS_ESTIMATE
    assert found[1].worker_bytes is None


def test_a_group_that_several_services_share_is_only_divided_by_rss() -> None:
    found = services(
        process(10, "gunicorn", group="/shared"),
        process(20, "ffmpeg", group="/shared"),
        process(30, "nginx", group="/nginx"),
        process(31, "nginx", group="/nginx"),
        process(32, "polkitd", group="/nginx", pss=pss(anon=MIB)),
        groups=(memory_group("/shared", anon=2 * MIB), memory_group("/nginx", anon=3 * MIB)),
    )

    assert {name: service.method for name, service in found.items()} == {
        "gunicorn": Method.RSS_ESTIMATE,
        "ffmpeg": Method.RSS_ESTIMATE,
        "nginx": Method.CGROUP,
        "polkit": Method.PSS,
    }


def test_equal_services_come_in_the_order_of_their_names() -> None:
    found = attribute(snapshot(process(3, "b"), process(4, "a"), process(5, "c")), ())

    assert [service.name for service in found] == ["a", "b", "c"]
