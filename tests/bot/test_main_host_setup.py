"""`memwarden sudoers` and `memwarden host-setup` as a person calls them."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.conftest import Memwarden
    from tests.servers.sshd import Sshd


@pytest.fixture
def host(sshd: Sshd, tmp_path: Path, memwarden: Memwarden) -> str:
    """A trusted host, the sshd."""
    (tmp_path / "config.toml").write_text(
        f'[[host]]\nname = "web-1"\naddress = "{sshd.address}"\nport = {sshd.port}\nuser = "{sshd.user}"\n'
        f'key_file = "{sshd.keys.client("ed25519")}"\nknown_hosts = "known_hosts"\n'
    )
    memwarden("trust", "web-1", typed="yes\n")
    return "web-1"


def test_the_rules_name_one_command_in_each_line(memwarden: Memwarden, host: str) -> None:
    printed = memwarden("sudoers", host, "shop", "--user", "deploy")

    assert printed.returncode == 0, printed.stderr
    assert "# install as /etc/sudoers.d/memwarden\n" in printed.stdout
    rules = [line for line in printed.stdout.splitlines() if not line.startswith("#")]
    assert "deploy ALL=(root) NOPASSWD: /usr/bin/systemctl stop shop.service" in rules
    assert all(rule.startswith("deploy ALL=(root) NOPASSWD: /") for rule in rules)
    assert not any(character in "".join(rules) for character in "*?[]!")


@pytest.mark.parametrize("mode", [(), ("--hardened",)], ids=["plain", "hardened"])
def test_the_installation_is_printed_and_nothing_is_done_without_a_yes(
    memwarden: Memwarden, host: str, sshd: Sshd, mode: tuple[str, ...]
) -> None:
    public = str(sshd.keys.client("ed25519").with_suffix(".pub"))
    asked = (host, "shop", "--user", "memwarden", *mode, "--key", public)

    printed = memwarden("host-setup", *asked)
    declined = memwarden("host-setup", *asked, "--do", typed="no\n")

    assert printed.returncode == 0, printed.stderr
    read = subprocess.run(["sh", "-n"], input=printed.stdout, capture_output=True, text=True, check=False)
    assert (read.returncode, read.stderr) == (0, "")
    heads = re.findall(r"(?m)^# (.*)\n\(\n", printed.stdout)
    assert heads[0].startswith("the login memwarden")
    assert heads[1:] == [
        "the program that does what root must do",
        "what that program may be asked for",
        "the exact sudo rules",
        *(["the commands that this key may run, one in a file"] if mode else []),
        "the key",
    ]
    assert ('command="/usr/local/sbin/memwarden-host gate"' in printed.stdout) == bool(mode)
    assert "done:" not in declined.stdout
    assert declined.returncode == 1
    assert declined.stdout.startswith(printed.stdout)
    assert "Nothing was done." in declined.stderr


def test_a_name_that_is_no_service_and_a_file_that_is_no_key_are_told(
    memwarden: Memwarden, host: str, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("x\n")

    assert "no name of a service" in memwarden("sudoers", host, "a b", "--user", "deploy").stderr
    refused = memwarden("host-setup", host, "shop", "--user", "deploy", "--key", "key")
    assert refused.returncode == 1
    assert "holds no public key" in refused.stderr
