"""What may be done to whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.domain.attribution import Service, attribute
from bot.domain.bounds import granted, is_essential, is_unit, outside_units, too_much
from bot.domain.plan import Order
from bot.domain.service import KnownService
from bot.domain.units import MIB
from bot.known_services import gunicorn, nginx, postgresql, ssh
from tests.fakes.snapshots import process, snapshot

if TYPE_CHECKING:
    from bot.domain.memory import ProcessMemory

KNOWN = (gunicorn.SERVICE, nginx.SERVICE, postgresql.SERVICE, ssh.SERVICE)


def only(found: ProcessMemory) -> Service:
    (service,) = attribute(snapshot(found), KNOWN)
    return service


@pytest.mark.parametrize(
    "name",
    [
        "gunicorn.service",
        "gunicorn@app.service",
        "postgresql@15-main.service",
        "a:b.service",
        f"{'x' * 192}.service",
    ],
)
def test_names_of_units(name: str) -> None:
    assert is_unit(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".service",
        "-H.service",
        "--now.service",
        "gunicorn",
        "gunicorn.socket",
        "gunicorn.service\n",
        "gunicorn.service ssh.service",
        "gunicorn.service;reboot",
        "$(reboot).service",
        "../../etc/passwd.service",
        "a/b.service",
        "*.service",
        "gun?corn.service",
        "[a-z].service",
        "gunicörn.service",
        ".hidden.service",
        r"shop\x2dapi.service",
        f"{'x' * 193}.service",
    ],
)
def test_what_is_no_name_of_a_unit_never_reaches_systemctl(name: str) -> None:
    assert not is_unit(name)


@pytest.mark.parametrize(
    "unit",
    [
        "ssh.service",
        "sshd@12.service",
        "dbus-broker.service",
        "systemd-networkd.service",
        "systemd-anything-new.service",
        "networking.service",
        "NetworkManager.service",
        "wg-quick@wg0.service",
        "user@1000.service",
        "memwarden.service",
        "postgresql@15-main.service",
        "nginx.service",
    ],
)
def test_what_keeps_a_host_alive_is_essential_whoever_runs_there(unit: str) -> None:
    assert is_essential((unit,), None, KNOWN)


def test_a_service_is_essential_by_what_it_is_whatever_its_unit_is_called() -> None:
    assert is_essential(("shop.service",), nginx.SERVICE, KNOWN)
    assert not is_essential(("shop.service",), gunicorn.SERVICE, KNOWN)


def test_describing_an_essential_service_as_ones_own_does_not_make_it_less_so() -> None:
    own = KnownService("login", "as configured", "", (), ("ssh.service",))

    assert is_essential(("ssh.service",), own, (*KNOWN, own))


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("/system.slice/gunicorn.service", ""),
        ("/user.slice/user-1000.slice/session-3.scope", "it runs in a user's session"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/g.service", "it runs in a user's session"),
        (f"/system.slice/docker-{'ab' * 32}.scope", "it runs in docker-abababababab, which is a container"),
        (f"/docker/{'ab' * 32}", "it runs in docker-abababababab, which is a container"),
        ("", "it runs in no unit of systemd's"),
        ("/", "it runs in no unit of systemd's"),
    ],
)
def test_only_what_runs_in_a_service_of_systemds_can_be_treated(place: str, said: str) -> None:
    service = only(process(612, "gunicorn", "shop.wsgi", unit=place, uid=1000))

    assert outside_units(service).startswith(said)
    assert bool(outside_units(service)) == bool(said)


def test_orders_have_limits() -> None:
    sizes = (16, 64)

    assert too_much(Order("set_workers", "web-1", "gunicorn", count=16), 16, sizes) == ""
    assert too_much(Order("set_workers", "web-1", "gunicorn", count=17), 16, sizes).startswith("At most 16")
    assert too_much(Order("redis_maxmemory", "web-1", "redis", size_bytes=64 * MIB), 16, sizes) == ""
    assert "16mb, 64mb" in too_much(Order("redis_maxmemory", "web-1", "redis", size_bytes=MIB), 16, sizes)


@pytest.mark.parametrize(
    ("argv", "is_granted"),
    [
        (("/usr/bin/sudo", "-n", "/usr/bin/systemctl", "stop", "daphne.service"), True),
        (("/usr/bin/systemctl", "stop", "daphne.service"), True),
        (("/usr/bin/cat", "/etc/systemd/system/daphne.service.d/50-memwarden.conf"), True),
        (("/usr/bin/cat", "/etc/systemd/system/daphne.service.d/zz-memwarden.conf"), True),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "maxmemory", "16777216"), True),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "maxmemory-policy", "allkeys-lru"), True),
        (("/usr/bin/cat", "/etc/systemd/system/ssh.service.d/50-memwarden.conf"), False),
        (("/usr/bin/cat", "/etc/systemd/system/daphne.service.d/../../../passwd"), False),
        (("/usr/bin/cat", "/etc/shadow"), False),
        (("/usr/bin/cat",), False),
        (("/usr/bin/redis-cli", "FLUSHALL"), False),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "dir", "/root/.ssh"), False),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "maxmemory", "016"), False),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "maxmemory", "-1"), False),
        (("/usr/bin/redis-cli", "CONFIG", "SET", "dir", "allkeys-lru"), False),
        (("/usr/bin/redis-cli", "-h", "elsewhere", "CONFIG", "SET", "maxmemory", "1"), False),
        (("/usr/bin/systemctl", "show", "daphne.service"), False),
        (("/usr/bin/sudo", "-n", "/usr/bin/systemctl", "stop", "ssh.service"), False),
        (("/usr/bin/sudo", "-n", "/usr/bin/cat", "/etc/shadow"), False),
        (("/usr/bin/sudo", "/usr/bin/systemctl", "stop", "daphne.service"), False),
        (("/usr/bin/systemctl", "poweroff"), False),
        (("sh", "-c", "reboot"), False),
        ((), False),
    ],
)
def test_a_command_is_granted_with_all_its_words_or_not_at_all(
    argv: tuple[str, ...], *, is_granted: bool
) -> None:
    grants = {("/usr/bin/systemctl", "stop", "daphne.service")}
    assert granted(argv, grants, "daphne.service") == is_granted
