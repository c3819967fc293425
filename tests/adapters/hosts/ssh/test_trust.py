"""Pinning host keys."""

from __future__ import annotations

import base64
import stat
import subprocess
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.ssh.route import route
from adapters.hosts.ssh.shell import ssh_shell
from adapters.hosts.ssh.trust import fetch_keys, next_to_pin, pin
from bot.domain.host import HostKey, Timeouts
from bot.errors import HostError, HostKeyUnknown, HostUnreachable
from tests.servers.misbehaving import listening, saying, silent
from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from pathlib import Path

    from adapters.hosts.ssh.route import Hop
    from bot.domain.host import HostAddress
    from tests.servers.sshd import Keys, Sshd

OLD = HostKey("ssh-ed25519", b"\x00\x00\x00\x0bssh-ed25519" + b"\x00\x00\x00\x20" + b"o" * 32)
NEW = HostKey("ssh-ed25519", b"\x00\x00\x00\x0bssh-ed25519" + b"\x00\x00\x00\x20" + b"n" * 32)


def hops(address: HostAddress) -> tuple[Hop, ...]:
    return route(address, address.known_hosts.with_name("no-config"))


def public(keys: Keys, kind: str) -> str:
    return " ".join(keys.host(kind).with_suffix(".pub").read_text().split()[:2])


def line(names: str, key: HostKey) -> str:
    written = b"%b %b" % (key.type.encode(), base64.b64encode(key.blob))
    return f"{names} {written.decode()}"


class TestFetching:
    def test_all_types_of_keys_are_fetched_with_their_fingerprints(self, sshd: Sshd) -> None:
        listed = [
            subprocess.run(
                ["ssh-keygen", "-lf", str(sshd.keys.host(kind))], check=True, capture_output=True, text=True
            ).stdout.split()[1]
            for kind in ("ed25519", "ecdsa", "rsa")
        ]

        fetched = fetch_keys(hops(sshd.host()), Timeouts())

        assert [key.fingerprint for key in fetched] == listed
        assert [key.type for key in fetched] == ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"]

    def test_nobody_logs_in(self, sshd: Sshd) -> None:
        before = sshd.log.count("publickey")

        fetch_keys(hops(sshd.host()), Timeouts())

        assert sshd.log.count("publickey") == before

    def test_a_host_with_one_key_shows_that_one(self, keys: Keys, tmp_path: Path) -> None:
        with running_sshd(tmp_path / "sshd", keys, host_keys=("rsa",)) as server:
            fetched = fetch_keys(hops(server.host()), Timeouts())

        assert [key.type for key in fetched] == ["ssh-rsa"]

    def test_a_host_behind_a_jump_host_shows_its_keys(self, keys: Keys, sshd: Sshd, tmp_path: Path) -> None:
        with running_sshd(tmp_path / "bastion", keys) as bastion:
            target = sshd.host(jump=(bastion.host("bastion"),))

            assert len(fetch_keys(hops(target), Timeouts())) == 3
            assert bastion.log.count("Accepted publickey") == 1

    def test_the_jump_host_itself_must_be_pinned_first(self, keys: Keys, sshd: Sshd, tmp_path: Path) -> None:
        with running_sshd(tmp_path / "bastion", keys) as bastion:
            unpinned = bastion.host("bastion", known_hosts=tmp_path / "known_hosts")
            way = hops(sshd.host(jump=(unpinned,)))

            with pytest.raises(HostKeyUnknown):
                fetch_keys(way, Timeouts())
            pin(way[0].known_hosts, way[0].pinned_as, fetch_keys(way[:1], Timeouts()))

            assert len(fetch_keys(way, Timeouts())) == 3

    @pytest.mark.parametrize("serve", [silent, saying(b"220 ftp\r\n")])
    def test_a_host_without_ssh_is_unreachable(self, sshd: Sshd, serve: object) -> None:
        assert callable(serve)
        with listening(serve) as port, pytest.raises(HostUnreachable):
            fetch_keys(hops(replace(sshd.host(), port=port)), Timeouts(connect_s=0.3))


class TestTheWholeWay:
    def test_an_unpinned_jump_host_comes_before_the_host(
        self, keys: Keys, sshd: Sshd, tmp_path: Path
    ) -> None:
        known_hosts = tmp_path / "known_hosts"
        with running_sshd(tmp_path / "bastion", keys) as bastion:
            jump = bastion.host("bastion", known_hosts=known_hosts)
            address = sshd.host(known_hosts=known_hosts, jump=(jump,))
            way = hops(address)
            pinned: list[Hop] = []
            while not pinned or pinned[-1] is not way[-1]:
                hop, shown = next_to_pin(way, Timeouts())
                pin(hop.known_hosts, hop.pinned_as, shown)
                pinned.append(hop)

            assert pinned == list(way)
            with closing(ssh_shell(address)) as shell:
                assert shell.run(("true",), timeout_s=10).status == 0

    @pytest.mark.parametrize("changed", ["ssh-ed25519", "ssh-rsa"])
    def test_a_jump_host_with_a_changed_key_comes_before_the_host(
        self, keys: Keys, sshd: Sshd, tmp_path: Path, changed: str
    ) -> None:
        with running_sshd(tmp_path / "bastion", keys) as bastion:
            way = hops(sshd.host(jump=(bastion.host("bastion", known_hosts=tmp_path / "known_hosts"),)))
            shown = fetch_keys(way[:1], Timeouts())
            old = [HostKey(key.type, key.blob + b"old") if key.type == changed else key for key in shown]
            pin(way[0].known_hosts, way[0].pinned_as, old)

            assert next_to_pin(way, Timeouts()) == (way[0], shown)

    def test_behind_a_jump_host_that_is_pinned_comes_the_host(
        self, keys: Keys, sshd: Sshd, tmp_path: Path
    ) -> None:
        with running_sshd(tmp_path / "bastion", keys) as bastion:
            way = hops(sshd.host(known_hosts=tmp_path / "known_hosts", jump=(bastion.host("bastion"),)))

            assert next_to_pin(way, Timeouts())[0] is way[-1]


class TestPinning:
    def test_a_pinned_host_is_let_in_by_us_and_by_openssh(self, sshd: Sshd, tmp_path: Path) -> None:
        address = sshd.host(known_hosts=tmp_path / "new" / "folder" / "known_hosts")
        [hop] = hops(address)

        pin(hop.known_hosts, hop.pinned_as, fetch_keys((hop,), Timeouts()))

        with closing(ssh_shell(address)) as shell:
            assert shell.run(("true",), timeout_s=10).status == 0
        openssh = subprocess.run(
            ["ssh-keygen", "-F", f"[127.0.0.1]:{sshd.port}", "-f", str(hop.known_hosts)],
            check=False,
            capture_output=True,
            text=True,
        )
        assert [
            found in openssh.stdout for found in (public(sshd.keys, "ed25519"), public(sshd.keys, "rsa"))
        ] == [
            True,
            True,
        ]

    def test_only_this_hosts_keys_are_replaced(self, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        others = [
            "# a comment",
            "",
            line("db-1", OLD),
            line("*.example.com,!web-1", OLD),
            f"@revoked {line('web-1', OLD)}",
            f"@cert-authority {line('web-1', OLD)}",
            "web-1 broken",
            line("[web-1]:2222", OLD),
            "caf\udce9 not-utf-8",
        ]
        known_hosts.write_bytes(
            "\n".join([*others, line("web-1", OLD), line("web-1", OLD)]).encode("utf-8", "surrogateescape")
        )

        pin(known_hosts, "web-1", [NEW])

        assert known_hosts.read_bytes().decode("utf-8", "surrogateescape").split("\n") == [
            *others,
            line("web-1", NEW),
            "",
        ]

    def test_a_line_for_several_hosts_keeps_the_others(self, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(f"{line('web-1,10.0.0.1,web-1.example.com', OLD)} a comment\n")

        pin(known_hosts, "web-1", [NEW])

        assert known_hosts.read_text().splitlines() == [
            f"{line('10.0.0.1,web-1.example.com', OLD)} a comment",
            line("web-1", NEW),
        ]

    @pytest.mark.needs("ssh-keygen")
    def test_a_hashed_line_for_this_host_is_replaced(self, tmp_path: Path) -> None:
        known_hosts = tmp_path / "known_hosts"
        known_hosts.write_text(f"{line('web-1', OLD)}\n{line('db-1', OLD)}\n")
        subprocess.run(["ssh-keygen", "-H", "-f", str(known_hosts)], check=True, capture_output=True)
        other = known_hosts.read_text().splitlines()[1]

        pin(known_hosts, "web-1", [NEW])

        assert known_hosts.read_text().splitlines() == [other, line("web-1", NEW)]

    def test_the_file_is_the_owners_alone(self, tmp_path: Path) -> None:
        known_hosts = tmp_path / "ssh" / "known_hosts"

        pin(known_hosts, "web-1", [NEW])

        assert stat.S_IMODE(known_hosts.stat().st_mode) == 0o600
        assert stat.S_IMODE(known_hosts.parent.stat().st_mode) == 0o700
        assert [file.name for file in known_hosts.parent.iterdir()] == ["known_hosts"]

    def test_a_link_stays_a_link(self, tmp_path: Path) -> None:
        real, link = tmp_path / "real", tmp_path / "known_hosts"
        real.write_text(f"{line('db-1', OLD)}\n")
        link.symlink_to(real)

        pin(link, "web-1", [NEW])

        assert link.is_symlink()
        assert real.read_text().splitlines() == [line("db-1", OLD), line("web-1", NEW)]

    def test_a_file_that_cannot_be_written_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")

        with pytest.raises(HostError, match=r"known_hosts cannot be written: (not a directory|file exists)"):
            pin(tmp_path / "file" / "known_hosts", "web-1", [NEW])


def test_a_file_keeps_its_owner_and_mode_but_no_others_may_write_it(tmp_path: Path) -> None:
    known_hosts = tmp_path / "known_hosts"
    known_hosts.write_text("")
    known_hosts.chmod(0o664)
    before = known_hosts.stat()

    pin(known_hosts, "web-1", [NEW])

    after = known_hosts.stat()
    assert stat.S_IMODE(after.st_mode) == 0o644
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)
