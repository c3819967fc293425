"""The way to a host: addresses, aliases and jump hosts, each hop checked."""

from __future__ import annotations

import socket
import time
from contextlib import ExitStack, closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.ssh.shell import ssh_shell
from bot.domain.host import HostAddress, Timeouts
from bot.errors import HostError, HostKeyChanged, HostKeyUnknown, HostUnreachable, LoginRefused
from tests.servers.misbehaving import listening, silent
from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.sshd import Keys, Sshd

PROMPTLY_S = 5.0


@pytest.fixture(scope="module")
def bastion(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("bastion"), keys) as server:
        yield server


@pytest.fixture(scope="module")
def gate(keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with running_sshd(tmp_path_factory.mktemp("gate"), keys) as server:
        yield server


def echoed(address: HostAddress, config_file: Path | None = None, timeouts: Timeouts | None = None) -> bytes:
    with ExitStack() as stack:
        shell = ssh_shell(address, timeouts, config_file=config_file or address.known_hosts.with_name("none"))
        stack.enter_context(closing(shell))
        return shell.run(("echo", "hello"), timeout_s=10).stdout


def refusal(address: HostAddress, timeouts: Timeouts | None = None) -> HostError:
    with pytest.raises(HostError) as refused:
        echoed(address, timeouts=timeouts)
    return refused.value


def logins(server: Sshd) -> int:
    return server.log.count("Accepted publickey")


class TestJumpHosts:
    def test_a_host_is_reached_through_another(self, sshd: Sshd, bastion: Sshd) -> None:
        before = logins(bastion)

        assert echoed(sshd.host(jump=(bastion.host("bastion"),))) == b"hello\n"
        assert logins(bastion) == before + 1

    def test_a_host_is_reached_through_two_others(self, sshd: Sshd, bastion: Sshd, gate: Sshd) -> None:
        before = logins(bastion), logins(gate)

        assert echoed(sshd.host(jump=(gate.host("gate"), bastion.host("bastion")))) == b"hello\n"
        assert (logins(bastion), logins(gate)) == (before[0] + 1, before[1] + 1)

    def test_every_hop_must_show_a_pinned_key(self, sshd: Sshd, bastion: Sshd, tmp_path: Path) -> None:
        unpinned = bastion.host("bastion", known_hosts=tmp_path / "known_hosts")
        before = logins(bastion), logins(sshd)

        refused = refusal(sshd.host(jump=(unpinned,)))

        assert isinstance(refused, HostKeyUnknown)
        assert f"of bastion, the jump host of web-1, (127.0.0.1 port {bastion.port}) is not pinned" in str(
            refused
        )
        assert str(refused).endswith("memwarden trust web-1.")
        assert (logins(bastion), logins(sshd)) == before

    def test_a_changed_key_behind_a_jump_host_is_an_alarm(
        self, sshd: Sshd, bastion: Sshd, tmp_path: Path
    ) -> None:
        known_hosts = tmp_path / "known_hosts"
        other = sshd.keys.stranger.with_suffix(".pub").read_text()
        known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {other}")

        refused = refusal(sshd.host(known_hosts=known_hosts, jump=(bastion.host("bastion"),)))

        assert isinstance(refused, HostKeyChanged)
        assert str(refused).startswith("web-1 shows another host key than the pinned one")

    def test_a_jump_host_that_refuses_the_login_is_named(self, sshd: Sshd, bastion: Sshd) -> None:
        jump = replace(bastion.host("bastion"), key_file=bastion.keys.stranger)

        refused = refusal(sshd.host(jump=(jump,)))

        assert isinstance(refused, LoginRefused)
        assert str(refused).startswith("bastion, the jump host of web-1, (127.0.0.1 port ")

    def test_a_jump_host_that_forbids_forwarding_is_said(
        self, keys: Keys, sshd: Sshd, tmp_path: Path
    ) -> None:
        with running_sshd(tmp_path / "sshd", keys, "AllowTcpForwarding no") as closed:
            refused = refusal(sshd.host(jump=(closed.host("bastion"),)))

        assert isinstance(refused, HostUnreachable)
        assert str(refused) == (
            f"web-1 (127.0.0.1 port {sshd.port}) cannot be reached: its jump host does not allow forwarding."
        )

    def test_a_host_that_is_down_behind_a_jump_host_is_said(self, bastion: Sshd, unused_port: int) -> None:
        target = replace(bastion.host(jump=(bastion.host("bastion"),)), port=unused_port)

        refused = refusal(target)

        assert isinstance(refused, HostUnreachable)
        assert str(refused) == (
            f"web-1 (127.0.0.1 port {unused_port}) cannot be reached: its jump host cannot connect to it."
        )

    def test_a_host_that_is_mute_behind_a_jump_host_is_left_at_the_timeout(self, bastion: Sshd) -> None:
        with listening(silent) as port:
            target = replace(bastion.host(jump=(bastion.host("bastion"),)), port=port)
            begun = time.monotonic()
            refused = refusal(target, Timeouts(connect_s=1.0, auth_s=1.0))

        assert "did not speak SSH within 1 s" in str(refused)
        assert time.monotonic() - begun < PROMPTLY_S

    def test_a_connection_through_a_jump_host_is_kept_and_made_anew(self, sshd: Sshd, bastion: Sshd) -> None:
        with closing(ssh_shell(sshd.host(jump=(bastion.host("bastion"),)))) as shell:
            shell.run(("true",), timeout_s=10)
            before = logins(bastion)
            assert shell.run(("echo", "kept"), timeout_s=10).stdout == b"kept\n"
            assert logins(bastion) == before

            bastion.drop_sessions()
            time.sleep(0.3)

            assert shell.run(("echo", "anew"), timeout_s=10).stdout == b"anew\n"
            assert logins(bastion) == before + 1


class TestSshConfig:
    def test_an_alias_says_everything(self, sshd: Sshd, tmp_path: Path) -> None:
        config = tmp_path / "config"
        config.write_text(
            "Host web\n"
            f"  HostName 127.0.0.1\n  Port {sshd.port}\n  User {sshd.user}\n"
            f"  IdentityFile {sshd.keys.client('ecdsa')}\n  IdentitiesOnly yes\n"
        )

        assert echoed(HostAddress("web-1", "web", sshd.known_hosts()), config) == b"hello\n"

    def test_an_alias_names_its_jump_host(self, sshd: Sshd, bastion: Sshd, tmp_path: Path) -> None:
        config, known_hosts = tmp_path / "config", tmp_path / "known_hosts"
        known_hosts.write_text(sshd.known_hosts().read_text() + bastion.known_hosts().read_text())
        config.write_text(
            f"Host web\n  Port {sshd.port}\n  ProxyJump {bastion.user}@door\n"
            f"Host door\n  Port {bastion.port}\n"
            f"Host web door\n  HostName 127.0.0.1\n  User {sshd.user}\n"
            f"  IdentityFile {sshd.keys.client('ed25519')}\n  IdentitiesOnly yes\n"
        )
        before = logins(bastion)

        assert echoed(HostAddress("web-1", "web", known_hosts), config) == b"hello\n"
        assert logins(bastion) == before + 1


class TestAddresses:
    def test_a_host_may_have_an_ipv6_address(self, keys: Keys, tmp_path: Path) -> None:
        with running_sshd(tmp_path / "sshd", keys, address="::1") as server:
            assert echoed(server.host()) == b"hello\n"
            assert echoed(replace(server.host(), address="[::1]")) == b"hello\n"

    def test_every_address_of_a_name_is_tried(self, sshd: Sshd, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(sshd.known_hosts().read_text().replace("127.0.0.1", "localhost"))

        # Where localhost is ::1 too, that comes first, and nobody listens there.
        assert echoed(replace(sshd.host(known_hosts=known_hosts), address="localhost")) == b"hello\n"

    def test_a_host_that_is_down_is_said(self, sshd: Sshd, unused_port: int) -> None:
        refused = refusal(replace(sshd.host(), port=unused_port))

        assert isinstance(refused, HostUnreachable)
        assert str(refused) == (
            f"web-1 (127.0.0.1 port {unused_port}) cannot be reached: the connection was refused."
        )

    def test_a_name_that_means_nothing_is_said(self, sshd: Sshd) -> None:
        refused = refusal(replace(sshd.host(), address="no..name"))

        assert isinstance(refused, HostUnreachable)
        assert str(refused).startswith(f"web-1 (no..name port {sshd.port}) cannot be reached: ")

    def test_an_address_that_swallows_packets_is_left_at_the_timeout(self, sshd: Sshd) -> None:
        with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
            for _ in range(3):
                # The queue of a server that never accepts is full after these; further ones are not answered.
                probe = waiting.enter_context(socket.socket())
                probe.settimeout(0)
                probe.connect_ex(full.getsockname())
            begun = time.monotonic()
            refused = refusal(replace(sshd.host(), port=full.getsockname()[1]), Timeouts(connect_s=0.4))

        assert str(refused).endswith("cannot be reached: there was no answer in time.")
        assert time.monotonic() - begun < PROMPTLY_S


@pytest.fixture
def unused_port() -> Iterator[int]:
    # Bound but not listening: nobody else gets it, and connections to it are refused.
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]
