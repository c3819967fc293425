"""SSH keys, made when needed and gone with the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .commands import must_run

if TYPE_CHECKING:
    from pathlib import Path


def new_key(file: Path, *, kind: str = "ed25519") -> str:
    """Make a key pair without a passphrase and return its public half: type and key, no comment."""
    must_run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "", "-f", str(file))
    return file.with_suffix(".pub").read_text().strip()
