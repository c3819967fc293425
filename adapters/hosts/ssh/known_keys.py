"""The pinned host keys: known_hosts files, read strictly (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.host import HostKey

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_HASHED = "|1|"
_BLANKS = re.compile("[ \t]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: whom it is for (names, wildcards or hashes), its key, its marker (`@revoked`)."""

    names: tuple[str, ...]
    key: HostKey
    marker: str = ""

    def is_for(self, name: str) -> bool:
        """Whether the line means the host of this name; `!name` takes it out again."""
        found = False
        for pattern in self.names:
            if pattern.startswith("!") and _matches(pattern[1:], name):
                return False
            found = found or _matches(pattern, name)
        return found


@dataclass(frozen=True, slots=True)
class Pins:
    """What is known of one host: the keys it may show and those it must not."""

    keys: tuple[HostKey, ...]
    revoked: tuple[HostKey, ...] = ()

    def allow(self, key: HostKey) -> bool:
        """Whether the host may show this key."""
        return key in self.keys and key not in self.revoked


def pins(file: Path, name: str) -> Pins:
    """Return what `file` says of the host `name`; nothing is known if there is no such file.

    Raises OSError when it cannot be read.
    """
    try:
        text = file.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return Pins(())
    meant = [entry for entry in entries(text.split("\n")) if entry.is_for(name)]
    return Pins(
        keys=tuple(entry.key for entry in meant if not entry.marker),
        revoked=tuple(entry.key for entry in meant if entry.marker == "@revoked"),
    )


def entries(lines: Iterable[str]) -> list[Entry]:
    """Return the entries among the lines; what is not one pins nothing."""
    return [entry for line in lines if (entry := entry_of(line)) is not None]


def entry_of(line: str) -> Entry | None:
    """Return the entry a line holds, None for a comment or anything broken."""
    # As OpenSSH: whatever else a person may take for the end of a line or of a word is neither.
    fields = [field for field in _BLANKS.split(line.removesuffix("\r")) if field]
    marker = fields.pop(0) if fields and fields[0].startswith("@") else ""
    if len(fields) < 3 or fields[0].startswith("#"):  # noqa: PLR2004 - names, type, key
        return None
    names, key_type, encoded = fields[:3]
    try:
        blob = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    if not blob.startswith(len(key_type).to_bytes(4, "big") + key_type.encode("utf-8", "surrogateescape")):
        return None
    return Entry(tuple(names.split(",")), HostKey(key_type, blob), marker)


def names_exactly(pattern: str, name: str) -> bool:
    """Whether a pattern of an entry, plain or hashed, means this one host and no other."""
    return _hash_matches(pattern, name) if pattern.startswith(_HASHED) else pattern.lower() == name


def _matches(pattern: str, name: str) -> bool:
    if pattern.startswith(_HASHED) or not ("*" in pattern or "?" in pattern):
        return names_exactly(pattern, name)
    expression = re.escape(pattern.lower()).replace(r"\*", ".*").replace(r"\?", ".")
    return re.fullmatch(expression, name) is not None


def _hash_matches(hashed: str, name: str) -> bool:
    salt, _, digest = hashed.removeprefix(_HASHED).partition("|")
    try:
        key, expected = base64.b64decode(salt, validate=True), base64.b64decode(digest, validate=True)
    except (binascii.Error, ValueError):
        return False
    return hmac.compare_digest(hmac.new(key, name.encode(), hashlib.sha1).digest(), expected)
