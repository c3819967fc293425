"""One hop: whom we talk to, and how we log in."""

from __future__ import annotations

import subprocess
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from paramiko.common import AUTH_FAILED, AUTH_PARTIALLY_SUCCESSFUL

from adapters.hosts.ssh.shell import ssh_shell
from bot.domain.host import Timeouts
from bot.errors import HostError, HostKeyChanged, HostKeyUnknown, HostUnreachable, LoginRefused
from tests.servers.misbehaving import (
    FakeSsh,
    listening,
    mute_after_banner,
    saying,
    silent,
    trickling,
)
from tests.servers.sshd import PASSPHRASE, running_sshd

if TYPE_CHECKING:
    import threading
    from pathlib import Path

    from bot.domain.host import HostAddress
    from tests.servers.misbehaving import Serve
    from tests.servers.sshd import Keys, Sshd

KINDS = ["ed25519", "ecdsa", "rsa"]
IMPATIENT = Timeouts(connect_s=0.4, auth_s=0.4)
PROMPTLY_S = 5.0


def echoed(address: HostAddress, timeouts: Timeouts | None = None) -> bytes:
    with closing(ssh_shell(address, timeouts)) as shell:
        return shell.run(("echo", "hello"), timeout_s=10).stdout


def refusal(address: HostAddress, timeouts: Timeouts | None = None) -> HostError:
    with pytest.raises(HostError) as refused:
        echoed(address, timeouts)
    return refused.value


def fingerprint(key: Path) -> str:
    listed = subprocess.run(["ssh-keygen", "-lf", str(key)], check=True, capture_output=True, text=True)
    return listed.stdout.split()[1]


class TestHostKeys:
    @pytest.mark.parametrize("kind", KINDS)
    def test_a_host_pinned_by_one_type_of_key_shows_that_one(self, sshd: Sshd, kind: str) -> None:
        assert echoed(sshd.host(known_hosts=sshd.known_hosts(kind))) == b"hello\n"

    def test_hashed_names_are_understood(self, sshd: Sshd, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(sshd.known_hosts().read_text())
        subprocess.run(["ssh-keygen", "-H", "-f", str(known_hosts)], check=True, capture_output=True)

        assert "127.0.0.1" not in known_hosts.read_text()
        assert echoed(sshd.host(known_hosts=known_hosts)) == b"hello\n"

    def test_one_of_several_pinned_keys_of_a_type_is_enough(self, sshd: Sshd, tmp_path: Path) -> None:
        other = sshd.keys.stranger.with_suffix(".pub").read_text()
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {other}{sshd.known_hosts('ed25519').read_text()}")

        assert echoed(sshd.host(known_hosts=known_hosts)) == b"hello\n"

    def test_an_unknown_key_is_refused_with_the_way_to_pin_it(self, sshd: Sshd, tmp_path: Path) -> None:
        logins = sshd.log.count("publickey")

        refused = refusal(sshd.host(known_hosts=tmp_path / "none" / "known_hosts"))

        assert isinstance(refused, HostKeyUnknown)
        assert str(refused) == (
            f"The host key of web-1 (127.0.0.1 port {sshd.port}) is not pinned "
            f"({fingerprint(sshd.keys.host('ed25519'))}). Nothing was sent. "
            "Compare it and pin it: memwarden trust web-1."
        )
        assert sshd.log.count("publickey") == logins

    def test_a_pin_for_another_port_does_not_count(self, sshd: Sshd, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(
            sshd.known_hosts().read_text().replace(f"[127.0.0.1]:{sshd.port}", "127.0.0.1")
        )

        assert isinstance(refusal(sshd.host(known_hosts=known_hosts)), HostKeyUnknown)

    def test_a_changed_key_is_an_alarm_with_both_fingerprints(self, sshd: Sshd, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        other = sshd.keys.stranger.with_suffix(".pub").read_text()
        known_hosts.write_text(f"[127.0.0.1]:{sshd.port} {other}")
        logins = sshd.log.count("publickey")

        refused = refusal(sshd.host(known_hosts=known_hosts))

        assert isinstance(refused, HostKeyChanged)
        assert str(refused) == (
            "web-1 shows another host key than the pinned one "
            f"({fingerprint(sshd.keys.host('ed25519'))} instead of {fingerprint(sshd.keys.stranger)}). "
            "Nothing was sent. If you reinstalled it: memwarden trust web-1."
        )
        assert sshd.log.count("publickey") == logins

    def test_a_key_of_another_type_than_the_pinned_one_is_a_changed_key(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        with running_sshd(tmp_path / "sshd", keys, host_keys=("rsa",)) as reinstalled:
            known_hosts = tmp_path / "known_hosts"
            public = keys.host("ed25519").with_suffix(".pub").read_text()
            known_hosts.write_text(f"[127.0.0.1]:{reinstalled.port} {public}")

            assert isinstance(refusal(reinstalled.host(known_hosts=known_hosts)), HostKeyChanged)

    def test_a_revoked_key_is_refused_even_where_it_is_pinned(self, sshd: Sshd, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        pinned = sshd.known_hosts("ed25519").read_text()
        known_hosts.write_text(f"{pinned}@revoked {pinned}")

        refused = refusal(sshd.host(known_hosts=known_hosts))

        assert isinstance(refused, HostKeyChanged)
        assert "marks as revoked" in str(refused)

    def test_pins_that_cannot_be_read_let_nobody_pass(self, sshd: Sshd, tmp_path: Path) -> None:
        refused = refusal(sshd.host(known_hosts=tmp_path))

        assert isinstance(refused, HostKeyUnknown)
        assert str(refused) == (
            f"The key of web-1 cannot be checked: {tmp_path} cannot be read (is a directory)."
        )


class TestLogin:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_type_of_key_logs_in(self, sshd: Sshd, kind: str) -> None:
        assert echoed(sshd.host(key=kind)) == b"hello\n"

    def test_a_passphrase_opens_the_key_file(self, sshd: Sshd) -> None:
        assert echoed(sshd.host(key="locked", passphrase=lambda: PASSPHRASE)) == b"hello\n"

    def test_a_key_that_the_host_does_not_know_is_refused(self, sshd: Sshd) -> None:
        refused = refusal(replace(sshd.host(), key_file=sshd.keys.stranger))

        assert isinstance(refused, LoginRefused)
        assert str(refused) == (
            f"web-1 (127.0.0.1 port {sshd.port}) refused the login of {sshd.user} with {sshd.keys.stranger}: "
            f"add the public key to {sshd.user}'s authorized_keys there, or set another `key_file` or `user`."
        )

    def test_a_host_that_wants_a_password_is_refused_with_what_it_wants(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        options = ("PubkeyAuthentication no", "PasswordAuthentication yes")
        with running_sshd(tmp_path / "sshd", keys, *options) as server:
            refused = refusal(server.host())

        assert isinstance(refused, LoginRefused)
        assert "asks for password, which memwarden does not do" in str(refused)

    def test_a_host_that_wants_a_second_factor_is_refused_with_what_it_wants(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        fake = FakeSsh(keys, logs_in=lambda _: AUTH_PARTIALLY_SUCCESSFUL, methods="keyboard-interactive")
        with listening(fake.serve) as port:
            refused = refusal(fake.host(port, tmp_path))

        assert isinstance(refused, LoginRefused)
        assert "asks for keyboard-interactive, which memwarden does not do" in str(refused)

    def test_a_login_that_is_never_answered_ends_at_its_timeout(self, keys: Keys, tmp_path: Path) -> None:
        def sleep(over: threading.Event) -> int:
            over.wait()
            return AUTH_FAILED

        fake = FakeSsh(keys, logs_in=sleep)
        with listening(fake.serve) as port:
            begun = time.monotonic()
            refused = refusal(fake.host(port, tmp_path), replace(IMPATIENT, connect_s=5))
            took_s = time.monotonic() - begun

        assert str(refused) == f"web-1 (127.0.0.1 port {port}) did not finish the login within 0.4 s."
        assert took_s < PROMPTLY_S

    def test_a_pause_follows_repeated_refusals(self, sshd: Sshd) -> None:
        with closing(ssh_shell(replace(sshd.host(), key_file=sshd.keys.stranger))) as shell:
            for _ in range(3):
                with pytest.raises(LoginRefused, match="authorized_keys"):
                    shell.run(("true",), timeout_s=5)
            tried = sshd.log.count("Failed publickey")

            with pytest.raises(LoginRefused, match=r"3 times in a row; the next try is at \d\d:\d\d:\d\d"):
                shell.run(("true",), timeout_s=5)

        assert sshd.log.count("Failed publickey") == tried


class TestOthers:
    @pytest.mark.parametrize(
        ("serve", "sentence"),
        [
            (silent, "accepted the connection but did not speak SSH within 0.4 s."),
            (trickling, "accepted the connection but did not speak SSH within 0.4 s."),
            (mute_after_banner, "accepted the connection but did not finish the key exchange within 0.4 s."),
        ],
    )
    def test_a_host_that_does_not_get_on_with_it_is_left_at_the_timeout(
        self, keys: Keys, tmp_path: Path, serve: Serve, sentence: str
    ) -> None:
        with listening(serve) as port:
            begun = time.monotonic()
            refused = refusal(FakeSsh(keys).host(port, tmp_path), IMPATIENT)
            took_s = time.monotonic() - begun

        assert isinstance(refused, HostUnreachable)
        assert str(refused) == f"web-1 (127.0.0.1 port {port}) {sentence}"
        assert took_s < PROMPTLY_S

    @pytest.mark.parametrize(
        "said",
        [
            b"",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x1b[2J\x1b]0;owned\x07\r\n",
            b"SSH-1.5-ancient\r\n",
            b"SSH-2.0-\x1b[31m\r\n\xff\xff\xff\xff" + bytes(range(256)),
            b"SSH-2.0-x\r\n\x00\x00\x00\x0c\x0a\x14",
            bytes(range(128, 256)) + b"\r\n",
            b"SSH-2.0-x\r\n" + b"\x00\x00\x00\x0c\x0a\x5a" + bytes(10),
        ],
        ids=ascii,
    )
    def test_a_host_that_speaks_something_else_is_unreachable(
        self, keys: Keys, tmp_path: Path, said: bytes, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with listening(saying(said)) as port:
            refused = refusal(FakeSsh(keys).host(port, tmp_path), replace(IMPATIENT, connect_s=3))

        assert isinstance(refused, HostUnreachable)
        assert str(refused).startswith(f"web-1 (127.0.0.1 port {port}) ")
        assert str(refused).isprintable()
        assert capfd.readouterr() == ("", "")
