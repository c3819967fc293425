"""What a known_hosts file says."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.hosts.ssh.known_keys import entry_of, pins
from bot.domain.host import HostKey

if TYPE_CHECKING:
    from pathlib import Path

KEY = HostKey("ssh-ed25519", b"\x00\x00\x00\x0bssh-ed25519 key")
OTHER = HostKey("ssh-ed25519", b"\x00\x00\x00\x0bssh-ed25519 other")


def written(names: str, key: HostKey = KEY) -> str:
    return f"{names} {key.type} {base64.b64encode(key.blob).decode()}"


def hashed(name: str) -> str:
    salt = bytes(range(20))
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("web-1", "web-1"),
        ("WEB-1", "web-1"),
        ("db-1,web-1", "web-1"),
        ("[web-1]:2222", "[web-1]:2222"),
        ("*", "web-1"),
        ("web-?", "web-1"),
        ("[*.example.com]:22??", "[web-1.example.com]:2222"),
        ("::1", "::1"),
        (hashed("web-1"), "web-1"),
        (hashed("[web-1]:2222"), "[web-1]:2222"),
    ],
)
def test_a_line_is_for_the_hosts_it_names(names: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"# mine\n\n  {written(names)} a comment\n")

    assert pins(file, name).keys == (KEY,)


@pytest.mark.parametrize(
    ("names", "name"),
    [
        ("web-1", "web-10"),
        ("web-1", "web-1.example.com"),
        ("web-1", "[web-1]:2222"),
        ("[web-1]:2222", "web-1"),
        ("web-[0-9]", "web-1"),
        ("*,!web-1", "web-1"),
        ("!web-1,*", "web-1"),
        ("web.1", "web-1"),
        (hashed("web-1"), "web-2"),
        ("|1|broken|x", "web-1"),
        ("|1|", "web-1"),
    ],
)
def test_a_line_is_for_no_other_host(names: str, name: str, tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(written(names))

    assert pins(file, name).keys == ()


def test_several_keys_of_one_host_all_count(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{written('web-1')}\n{written('*', OTHER)}\n")

    known = pins(file, "web-1")

    assert known.keys == (KEY, OTHER)
    assert known.allow(KEY)
    assert known.allow(OTHER)


def test_a_revoked_key_is_not_allowed(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"{written('web-1')}\n@revoked {written('*')}\n")

    assert not pins(file, "web-1").allow(KEY)


def test_an_authority_pins_nothing(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_text(f"@cert-authority {written('*')}\n")

    assert pins(file, "web-1").keys == ()


def test_without_a_file_nothing_is_pinned(tmp_path: Path) -> None:
    assert pins(tmp_path / "none", "web-1").keys == ()


@pytest.mark.parametrize(
    "line",
    [
        "",
        "#",
        "# web-1 ssh-ed25519 AAAA",
        "web-1",
        "web-1 ssh-ed25519",
        "web-1 ssh-ed25519 not-base64!",
        f"web-1 ssh-rsa {base64.b64encode(KEY.blob).decode()}",
        "web-1 ssh-ed25519 AAAA",
        "@revoked",
        "@revoked web-1 ssh-ed25519",
    ],
)
def test_what_is_no_entry_pins_nothing(line: str) -> None:
    assert entry_of(line) is None


@given(st.text())
def test_no_line_is_a_crash(line: str) -> None:
    entry = entry_of(line)

    assert entry is None or entry.is_for("web-1") in {True, False}


@pytest.mark.parametrize("forged", ["\x0b", "\x0c", "\x1c", "\r", "\x85", "\u2028", "\u3000"], ids=ascii)
def test_only_a_newline_ends_a_line_and_only_blanks_a_field(tmp_path: Path, forged: str) -> None:
    file = tmp_path / "known_hosts"
    file.write_bytes(f"# seen: SSH-2.0-evil{forged}{written('web-1')}\n{forged}{written('web-1')}\n".encode())

    assert pins(file, "web-1").keys == ()


def test_lines_that_end_as_on_windows_are_read(tmp_path: Path) -> None:
    file = tmp_path / "known_hosts"
    file.write_bytes(f"{written('web-1')}\r\n".encode())

    assert pins(file, "web-1").keys == (KEY,)
