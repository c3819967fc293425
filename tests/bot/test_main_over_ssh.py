"""The front door and a real sshd: from a host nobody trusts yet to its memory."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from pathlib import Path

    from tests.bot.conftest import Memwarden
    from tests.servers.sshd import Keys, Sshd


@pytest.fixture
def configured(sshd: Sshd, tmp_path: Path) -> Path:
    """A configuration with one host, the sshd, whose key is not pinned."""
    file = tmp_path / "config.toml"
    file.write_text(entry("web-1", sshd))
    return file


def entry(name: str, server: Sshd, more: str = "") -> str:
    return (
        f'[[host]]\nname = "{name}"\naddress = "{server.address}"\nport = {server.port}\n'
        f'user = "{server.user}"\nkey_file = "{server.keys.client("ed25519")}"\n'
        f'known_hosts = "known_hosts"\n{more}\n'
    )


def fingerprints(shown: str) -> list[str]:
    return [line.split()[0] for line in shown.splitlines() if line.startswith("SHA256:")]


@pytest.mark.usefixtures("configured")
def test_an_unknown_key_is_refused_until_it_is_confirmed(memwarden: Memwarden, tmp_path: Path) -> None:
    refused = memwarden("check")
    assert refused.returncode == 3
    assert "memwarden trust web-1" in refused.stdout

    hesitant = memwarden("trust", "web-1", typed="no\n")
    assert hesitant.returncode == 1
    assert "The keys of web-1 were not confirmed. Nothing was pinned." in hesitant.stderr
    assert not (tmp_path / "known_hosts").exists()

    confirmed = memwarden("trust", "web-1", typed="yes\n")
    assert confirmed.returncode == 0
    assert len(fingerprints(confirmed.stdout)) == 3

    (host,) = json.loads(memwarden("check", "--json").stdout)["hosts"]
    assert host["error"] is None
    assert sum(line["bytes"] for line in host["breakdown"]) == host["mem_total_bytes"]


@pytest.mark.usefixtures("configured")
def test_the_chat_answers_from_a_host_over_ssh(memwarden: Memwarden) -> None:
    memwarden("trust", "web-1", typed="yes\n")

    said = memwarden("chat", typed="status\nreport\ntop 3\n").stdout

    assert "web-1 is " in said
    assert "memwarden (this check)" in said
    assert "web-1: the 3 largest processes hold" in said


@pytest.mark.usefixtures("configured")
def test_a_fingerprint_pins_one_key_unattended_and_no_other(memwarden: Memwarden, tmp_path: Path) -> None:
    offered = fingerprints(memwarden("trust", "web-1", typed="no\n").stdout)

    wrong = memwarden("trust", "web-1", "--fingerprint", "SHA256:" + "A" * 43)
    assert wrong.returncode == 1
    assert "Nothing was pinned." in wrong.stderr

    right = memwarden("trust", "web-1", "--fingerprint", offered[0])
    assert right.returncode == 0
    assert len((tmp_path / "known_hosts").read_text().splitlines()) == 1
    assert memwarden("check").returncode in {0, 1, 2}


def test_a_changed_key_is_an_alarm(
    memwarden: Memwarden, configured: Path, keys: Keys, tmp_path: Path
) -> None:
    with running_sshd(tmp_path / "first", keys, host_keys=("ed25519",)) as first:
        configured.write_text(entry("web-1", first))
        memwarden("trust", "web-1", typed="yes\n")
    with running_sshd(tmp_path / "other", keys, host_keys=("ecdsa",), port=first.port):
        ended = memwarden("check")

        again = memwarden("trust", "web-1", typed="no\n")

    said = " ".join(ended.stdout.split())
    assert ended.returncode == 3
    assert "web-1 shows another host key than the pinned one" in said
    assert "Nothing was sent." in said
    assert "BEWARE: until now web-1 was pinned as SHA256:" in again.stdout
    assert again.returncode == 1


@pytest.mark.usefixtures("configured")
def test_a_host_that_is_trusted_already_is_called_so(memwarden: Memwarden) -> None:
    memwarden("trust", "web-1", typed="yes\n")

    again = memwarden("trust", "web-1")

    assert again.returncode == 0
    assert again.stdout.startswith("web-1 is trusted already")


def test_an_unpinned_jump_host_is_asked_for_first(
    memwarden: Memwarden, sshd: Sshd, keys: Keys, tmp_path: Path
) -> None:
    with running_sshd(tmp_path / "bastion", keys) as bastion:
        (tmp_path / "config.toml").write_text(
            entry("bastion", bastion) + entry("inner", sshd, 'jump = ["bastion"]')
        )

        trusted = memwarden("trust", "inner", typed="yes\nyes\n")

        assert trusted.returncode == 0
        assert trusted.stdout.index("for bastion in") < trusted.stdout.index("for inner in")
        assert memwarden("check", "inner").returncode in {0, 1, 2}


@pytest.mark.usefixtures("configured")
def test_the_doctor_says_how_to_mend_an_unpinned_key_and_is_content_afterwards(memwarden: Memwarden) -> None:
    before = memwarden("doctor")
    memwarden("trust", "web-1", typed="yes\n")
    after = memwarden("doctor")

    assert before.returncode == 1
    assert "-> Run `memwarden trust web-1`, and compare before you say yes." in before.stdout
    assert (after.returncode, after.stderr) == (0, "")
    assert "right  web-1: login: logged in as " in after.stdout
    assert "right  web-1: clock: agrees with ours to 5 s" in after.stdout
