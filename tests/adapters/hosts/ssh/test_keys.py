"""Which keys are tried, and what is said of those that cannot be."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.deadline import Deadline
from adapters.hosts.ssh.keys import Keyring
from adapters.hosts.ssh.route import Hop
from bot.errors import ConfigError, LoginRefused, Mistake
from tests.servers.sshd import PASSPHRASE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.servers.sshd import Keys


@pytest.fixture
def hop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hop:
    """A hop without any key, where no agent runs."""
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return Hop("web-1", "web-1", "10.0.0.1", 22, "deploy", tmp_path / "known_hosts", "10.0.0.1")


@contextmanager
def agent(monkeypatch: pytest.MonkeyPatch, *keys: Path) -> Iterator[None]:
    started = subprocess.run(["ssh-agent", "-s"], check=True, capture_output=True, text=True).stdout
    socket, pid = re.findall(r"(?:SSH_AUTH_SOCK|SSH_AGENT_PID)=([^;]+);", started)
    monkeypatch.setenv("SSH_AUTH_SOCK", socket)
    try:
        for key in keys:
            asked = key.with_name("askpass")
            asked.write_text(f"#!/bin/sh\necho {PASSPHRASE}\n")
            asked.chmod(0o700)
            subprocess.run(
                ["ssh-add", "-q", str(key)],
                check=True,
                stdin=subprocess.DEVNULL,
                env={**os.environ, "SSH_ASKPASS": str(asked), "SSH_ASKPASS_REQUIRE": "force"},
            )
        yield
    finally:
        os.kill(int(pid), 15)


def labels(hop: Hop) -> list[str]:
    with Keyring().identities(hop, Deadline.after(10)) as identities:
        return [identity.label for identity in identities]


def refusal(hop: Hop) -> str:
    with pytest.raises(LoginRefused) as refused:
        labels(hop)
    return str(refused.value)


def test_the_configured_key_file_is_the_only_one_tried(keys: Keys, hop: Hop) -> None:
    configured = replace(hop, key_file=keys.client("rsa"), usual_keys=(keys.client("ed25519"),))

    assert labels(configured) == [str(keys.client("rsa"))]


def test_the_usual_keys_that_can_be_used_are_tried(keys: Keys, hop: Hop, tmp_path: Path) -> None:
    usual = (tmp_path / "missing", keys.locked, keys.client("ecdsa"), keys.client("rsa").with_suffix(".pub"))

    assert labels(replace(hop, usual_keys=usual)) == [str(keys.client("ecdsa"))]


def test_a_passphrase_is_asked_for_only_when_it_is_needed(keys: Keys, hop: Hop) -> None:
    asked: list[str] = []

    def passphrase() -> str:
        asked.append("asked")
        return PASSPHRASE

    labels(replace(hop, key_file=keys.client("ed25519"), passphrase=passphrase))
    assert asked == []
    labels(replace(hop, key_file=keys.locked, passphrase=passphrase))
    assert asked == ["asked"]


def test_a_key_file_is_opened_once(keys: Keys, hop: Hop) -> None:
    asked: list[str] = []

    def passphrase() -> str:
        asked.append("asked")
        return PASSPHRASE

    locked = replace(hop, key_file=keys.locked, passphrase=passphrase)
    keyring = Keyring()

    for _ in range(3):
        with keyring.identities(locked, Deadline.after(10)) as [identity]:
            assert identity.key.can_sign()

    assert asked == ["asked"]


def test_old_formats_are_understood(keys: Keys, hop: Hop, tmp_path: Path) -> None:
    file = tmp_path / "old"
    file.write_bytes(keys.client("rsa").read_bytes())
    file.chmod(0o600)
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-m", "PEM", "-P", "", "-N", PASSPHRASE, "-f", str(file)],
        check=True,
        capture_output=True,
    )

    assert b"BEGIN RSA PRIVATE KEY" in file.read_bytes()
    assert labels(replace(hop, key_file=file, passphrase=lambda: PASSPHRASE)) == [str(file)]


def test_a_locked_key_without_a_passphrase_is_said(keys: Keys, hop: Hop) -> None:
    assert refusal(replace(hop, key_file=keys.locked)) == (
        f"The key file {keys.locked} for web-1 is encrypted: "
        "set its `passphrase`, or add the key to the ssh-agent."
    )


def test_a_wrong_passphrase_is_said_without_it(keys: Keys, hop: Hop) -> None:
    said = refusal(replace(hop, key_file=keys.locked, passphrase=lambda: "guessed"))

    assert said == f"The key file {keys.locked} for web-1 cannot be used: its passphrase is wrong."


def test_a_missing_key_file_is_said(hop: Hop, tmp_path: Path) -> None:
    said = refusal(replace(hop, key_file=tmp_path / "none"))

    assert said == f"The key file {tmp_path / 'none'} for web-1 does not exist."


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\xff" * 100, b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n"]
)
def test_a_file_that_is_no_key_is_said(hop: Hop, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)

    said = refusal(replace(hop, key_file=tmp_path / "key"))

    assert said.endswith("cannot be used: it holds no private key that memwarden can read.")


def test_a_folder_is_no_key(hop: Hop, tmp_path: Path) -> None:
    assert refusal(replace(hop, key_file=tmp_path)).endswith("cannot be read: Is a directory.")


def test_a_pipe_is_no_key_and_nobody_waits_for_it(hop: Hop, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert refusal(replace(hop, key_file=tmp_path / "pipe")).endswith("it is not an ordinary file.")


def test_a_passphrase_that_is_not_there_is_said_with_the_host(keys: Keys, hop: Hop) -> None:
    def missing() -> str:
        raise ConfigError("environment", (Mistake("SECRET", "is not set"),))

    assert refusal(replace(hop, key_file=keys.locked, passphrase=missing)) == (
        "The passphrase of the key for web-1 is missing: environment: SECRET: is not set."
    )


def test_a_key_that_takes_too_long_holds_up_no_other_and_is_open_for_the_next(keys: Keys, hop: Hop) -> None:
    go_on = threading.Event()

    def slow() -> str:
        go_on.wait()
        return PASSPHRASE

    locked = replace(hop, key_file=keys.locked, passphrase=slow)
    keyring = Keyring()
    with (
        pytest.raises(LoginRefused, match=r"was not open within 0\.05 s"),
        keyring.identities(locked, Deadline.after(0.05)),
    ):
        pass
    with keyring.identities(replace(hop, key_file=keys.client("rsa")), Deadline.after(10)) as quick:
        assert len(quick) == 1
    go_on.set()

    with keyring.identities(locked, Deadline.after(10)) as opened:
        assert len(opened) == 1


def test_an_agent_that_hangs_is_asked_once_a_minute_and_said(
    hop: Hop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX) as hanging:
        hanging.bind(str(tmp_path / "agent"))
        hanging.listen()
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "agent"))
        keyring = Keyring()
        for allowed_s in (0.05, 3600):
            with (
                pytest.raises(LoginRefused, match="the ssh-agent does not answer"),
                keyring.identities(hop, Deadline.after(allowed_s)),
            ):
                pass


def test_no_key_at_all_is_said(hop: Hop) -> None:
    assert refusal(hop) == (
        "There is no key to log in to web-1 with: set its `key_file`, or add a key to the ssh-agent."
    )


def test_secrets_stand_in_no_repr(keys: Keys, hop: Hop) -> None:
    locked = replace(hop, key_file=keys.locked, passphrase=lambda: PASSPHRASE)

    with Keyring().identities(locked, Deadline.after(10)) as identities:
        shown = f"{locked!r} {identities!r}"

    assert PASSPHRASE not in shown
    assert "lambda" not in shown


@pytest.mark.needs("ssh-agent")
class TestAgent:
    def test_its_keys_are_tried_after_the_files(
        self, keys: Keys, hop: Hop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with agent(monkeypatch, keys.client("ed25519"), keys.client("rsa")):
            tried = labels(replace(hop, usual_keys=(keys.client("ed25519"),)))

        assert tried == [str(keys.client("ed25519")), "agent: client_rsa"]

    def test_it_opens_what_is_locked(self, keys: Keys, hop: Hop, monkeypatch: pytest.MonkeyPatch) -> None:
        with agent(monkeypatch, keys.client("rsa"), keys.locked):
            assert labels(replace(hop, key_file=keys.locked)) == ["agent: client_locked"]

    def test_only_named_keys_are_tried_where_that_is_said(
        self, keys: Keys, hop: Hop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        named = replace(hop, usual_keys=(keys.client("ecdsa"),), only_usual_keys=True)

        with agent(monkeypatch, keys.client("rsa")):
            assert labels(named) == [str(keys.client("ecdsa"))]

    # paramiko leaves the socket it could not connect to the garbage collector.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_an_agent_that_is_gone_is_none(
        self, keys: Keys, hop: Hop, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nobody"))

        assert labels(replace(hop, usual_keys=(keys.client("ecdsa"),))) == [str(keys.client("ecdsa"))]
