"""How a host is reached."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.host import HostAddress, HostKey, split_destination


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("web-1", (None, "web-1", None)),
        ("deploy@web-1", ("deploy", "web-1", None)),
        ("deploy@web-1:2222", ("deploy", "web-1", 2222)),
        ("user@example.com@web-1", ("user@example.com", "web-1", None)),
        ("ssh://deploy@web-1:2222/", ("deploy", "web-1", 2222)),
        ("2001:db8::1", (None, "2001:db8::1", None)),
        ("[2001:db8::1]", (None, "2001:db8::1", None)),
        ("deploy@[2001:db8::1]:2222", ("deploy", "2001:db8::1", 2222)),
    ],
)
def test_a_destination_falls_into_its_parts(text: str, expected: tuple[str | None, str, int | None]) -> None:
    assert split_destination(text) == expected


@pytest.mark.parametrize(
    "text", ["", "deploy@", ":22", "-oProxyCommand=x", "deploy@-x", "web 1", "web\n1", "[]:22"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address; expected"):
        split_destination(text)


@pytest.mark.parametrize("port", ["0", "65536", "ssh", "-1", "", "²", "9" * 5000])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(ValueError, match="has no valid port; expected a number from 1 to 65535"):
        split_destination(f"web-1:{port}")


@given(st.text())
def test_whatever_is_typed_is_split_or_refused(text: str) -> None:
    try:
        _, address, port = split_destination(text)
    except ValueError:
        return
    assert address
    assert port is None or 1 <= port <= 65535


def test_a_fingerprint_is_what_openssh_prints() -> None:
    blob = base64.b64decode("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl")

    fingerprint = HostKey("ssh-ed25519", blob).fingerprint

    assert fingerprint == "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU"


def test_a_passphrase_stands_in_no_repr() -> None:
    address = HostAddress("web-1", "10.0.0.1", Path("known_hosts"), passphrase=lambda: "secret")

    assert "passphrase" not in repr(address)
