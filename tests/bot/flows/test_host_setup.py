"""Rights on a host are exactly what plans can need there, and can be installed again at any time."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain import redis_limit
from bot.domain.remediation import HELPER
from bot.errors import Refused
from bot.flows import host_setup
from bot.flows.host_setup import Wish
from tests.cases import SEED_AS_USER, captured
from tests.conversations.approvals import Approvals
from tests.conversations.ops import Ops
from tests.fakes.machine_with_services import Unit

if TYPE_CHECKING:
    from bot.domain.remediation import Argv

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8vY0L1 me\n"
WEB = '[[host]]\nname = "web-1"\nuser = "deploy"\n'
PROGRAM = "#!/bin/sh\n"


def visited(configuration: str = WEB, installed: bytes = b"") -> Ops:
    ops = Ops(configuration)
    ops.hosts["web-1"].says("sh", captured(SEED_AS_USER))
    ops.hosts["web-1"].says("systemctl", installed)
    ops.hosts["web-1"].says("id", b"deploy\n")
    return ops


def grants(ops: Ops, *services: str) -> tuple[Argv, ...]:
    return host_setup.rights(ops.ports, "web-1", services=services).grants


def units(found: tuple[Argv, ...]) -> set[str]:
    return {word for argv in found for word in argv if word.endswith(".service")}


def test_what_runs_and_is_known_may_be_treated_but_nothing_essential() -> None:
    found = grants(visited())

    assert {"gunicorn.service", "daphne.service"} <= units(found)
    assert not {unit for unit in units(found) if unit.startswith(("ssh", "systemd-", "dbus", "user@"))}
    assert ("/usr/bin/systemctl", "stop", "daphne.service") in found
    assert len(set(found)) == len(found)


def test_what_is_installed_may_be_started_though_it_does_not_run() -> None:
    listed = (
        b"celery.service disabled enabled\nceleryd@.service static\nssh.service enabled\nx.service static\n"
    )

    assert ("/usr/bin/systemctl", "start", "celery.service") in grants(visited(installed=listed))
    assert not {"ssh.service", "x.service"} & units(grants(visited(installed=listed)))


def test_services_can_be_named() -> None:
    assert ("/usr/bin/systemctl", "stop", "shop.service") in grants(visited(), "shop")
    assert ("/usr/bin/systemctl", "stop", "shop@a.service") in grants(visited(), "shop@a.service")


def test_an_alias_hides_nothing_essential() -> None:
    ops = Approvals()
    sshd = Unit("sshd", "/usr/sbin/sshd -D", 6, active=False)
    ops.machine.units["ssh.service"] = sshd
    ops.machine.files["/etc/systemd/system/ssh.service"] = f"[Service]\nExecStart={sshd.exec_start}\n"
    ops.machine.aliases["login.service"] = "ssh.service"

    found = host_setup.rights(ops.ports, "web-1", login="deploy", services=("login",)).grants

    assert not units(found) & {"login.service", "ssh.service"}


@pytest.mark.parametrize("name", ["a b", "../x", "x;y", "", "*", "$(id)"])
def test_what_is_no_name_of_a_service_is_refused(name: str) -> None:
    with pytest.raises(Refused, match="no name of a service"):
        grants(visited(), name)


def test_the_configuration_can_forbid_and_allow() -> None:
    forbidding = visited(f'{WEB}[host.services.daphne]\nforbid = ["stop_service"]\n')
    assert ("/usr/bin/systemctl", "disable", "daphne.service") not in grants(forbidding)
    assert ("/usr/bin/systemctl", "restart", "daphne.service") in grants(forbidding)

    allowing = visited(f'{WEB}[host.services.ssh]\nallow = ["restart_service"]\n')
    assert ("/usr/bin/systemctl", "restart", "ssh.service") in grants(allowing, "ssh")
    assert ("/usr/bin/systemctl", "stop", "ssh.service") not in grants(allowing, "ssh")


def test_the_hardened_host_allows_what_is_sent_and_every_granted_command() -> None:
    ops = visited()
    rights = host_setup.rights(ops.ports, "web-1")
    wish = Wish(PROGRAM, shlex.join, hardened=True, key=KEY)

    texts = [step.text for step in host_setup.commands(ops.ports, "web-1", rights, wish)]

    (allowed,) = [text for text in texts if "/etc/memwarden/allowed.new" in text]
    sent = [ran.argv for ran in ops.hosts["web-1"].ran]
    granted = [("/usr/bin/sudo", "-n", *argv) for argv in rights.changes]
    for argv in (*sent, probe.command(deep=True), ("id",), *granted):
        assert f"\n{shlex.join(argv)}\n" in allowed
    for argv in ((HELPER, "version"), ("/usr/bin/sudo", "-n", HELPER, "smaps"), ("sh",), ("sh", "-c", "id")):
        assert f"\n{shlex.join(argv)}\n" not in allowed
    assert texts[-1].startswith("su -s /bin/sh deploy ")
    assert f'restrict,command="{HELPER} gate"' in texts[-1]


def test_a_deep_read_is_a_right_of_its_own_as_far_as_the_configuration_wants_one() -> None:
    ops = visited(f"[check]\ndeep_budget_gib = 0.5\n{WEB}")
    rights = host_setup.rights(ops.ports, "web-1")
    texts = [step.text for step in host_setup.commands(ops.ports, "web-1", rights, Wish(PROGRAM, shlex.join))]

    assert (HELPER, "smaps") in rights.grants
    assert any("\nsmaps all 512\n" in text for text in texts)

    never = host_setup.rights(visited(f"[check]\ndeep_budget_gib = 0\n{WEB}").ports, "web-1")
    assert (never.smaps_mib, (HELPER, "smaps") in never.grants) == (0, False)


def test_redis_can_be_given_back_the_limit_that_it_has() -> None:
    ops = visited()
    ops.hosts["web-1"].says("/usr/bin/redis-cli", b"maxmemory\n123456789\n")
    assert redis_limit.put_limit(123456789) in host_setup.rights(ops.ports, "web-1").reads

    ops.hosts["web-1"].says("/usr/bin/redis-cli", b"NOAUTH Authentication required.\n")
    reads = host_setup.rights(ops.ports, "web-1").reads
    assert redis_limit.put_limit(0) in reads
    assert redis_limit.put_limit(123456789) not in reads


def test_a_hardened_host_needs_a_key_of_its_own() -> None:
    ops = visited()

    with pytest.raises(Refused, match="--key"):
        host_setup.commands(
            ops.ports,
            "web-1",
            host_setup.rights(ops.ports, "web-1"),
            Wish(PROGRAM, shlex.join, hardened=True),
        )


def test_root_needs_neither_a_login_nor_rules() -> None:
    ops = visited(WEB.replace("deploy", "root"))
    rights = host_setup.rights(ops.ports, "web-1")

    steps = host_setup.commands(ops.ports, "web-1", rights, Wish(PROGRAM, shlex.join))

    assert len(steps) == 2
    assert not any("sudoers" in step.text or "useradd" in step.text for step in steps)


def test_an_installation_stops_at_what_fails_and_says_why() -> None:
    ops = visited()
    rights = host_setup.rights(ops.ports, "web-1")
    steps = host_setup.commands(ops.ports, "web-1", rights, Wish(PROGRAM, shlex.join))
    shell = ops.hosts["web-1"]

    shell.says("/usr/bin/sudo", stderr=b"sudo: a password is required\n", status=1)
    with pytest.raises(Refused, match="has no sudo for everything"):
        list(host_setup.perform(ops.ports, "web-1", steps))

    shell.says("/usr/bin/sudo")
    assert list(host_setup.perform(ops.ports, "web-1", steps)) == list(steps)
    assert shell.ran[-1].argv[:4] == ("/usr/bin/sudo", "-n", "/bin/sh", "-c")

    shell.says("/usr/bin/id", b"0\n")
    shell.says("/bin/sh", stderr=b"mv: Read-only\x1b file system\n", status=1)
    with pytest.raises(Refused, match="Read-only� file system"):
        list(host_setup.perform(ops.ports, "web-1", steps))
