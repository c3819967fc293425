"""Pinning: which keys a host shows, and writing them down as the ones it must show from now on."""

from __future__ import annotations

import base64
import os
import stat
import tempfile
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import paramiko

from adapters.hosts.deadline import Deadline
from adapters.hosts.ssh.connection import connect, reach
from adapters.hosts.ssh.keys import Keyring
from adapters.hosts.ssh.known_keys import entry_of, names_exactly
from adapters.hosts.ssh.refusals import Refusals
from adapters.hosts.ssh.transport import KEY_KINDS, Transport, exchange_keys, pins_of
from adapters.hosts.ssh.wording import reason
from bot.errors import HostError, HostUnreachable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.hosts.ssh.route import Hop
    from bot.domain.host import HostKey, Timeouts


def fetch_keys(hops: Sequence[Hop], timeouts: Timeouts) -> tuple[HostKey, ...]:
    """Return the keys that the last hop shows, one of each type it has; nobody logs in there.

    The hops before it must be pinned already and are logged in to. Raises HostUnreachable, and for the hops
    before it HostKeyUnknown, HostKeyChanged, LoginRefused.
    """
    *before, last = hops
    with ExitStack() as opened:
        through: Transport | None = None
        if before:
            whole = Deadline.after(len(before) * (timeouts.connect_s + timeouts.auth_s))
            connection = connect(before, timeouts, Keyring(), Refusals(), whole)
            through = opened.enter_context(closing(connection)).transport
        return _all_shown(last, through, timeouts)


def next_to_pin(hops: Sequence[Hop], timeouts: Timeouts) -> tuple[Hop, tuple[HostKey, ...]]:
    """Return the first jump host that does not show what is pinned for it, else the last hop, with its keys.

    Pinning them and asking again, until the last hop is returned, makes the whole way trusted. Raises what
    `fetch_keys` raises.
    """
    *before, last = hops
    for number, hop in enumerate(before, start=1):
        keys = fetch_keys(hops[:number], timeouts)
        if not _as_pinned(hop, keys):
            return hop, keys
    return last, fetch_keys(hops, timeouts)


def pin(known_hosts: Path, name: str, keys: Sequence[HostKey]) -> None:
    """Make these the keys of the host `name` in a known_hosts file, instead of those it had there.

    Every other line stays as it is, and so do patterns that mean more hosts than this. The file is replaced
    as a whole and keeps its owner and mode, but nobody else may write it; a new one is for its owner alone.
    Raises HostError when it cannot be written.
    """
    try:
        target = known_hosts.resolve()
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        old = target.read_bytes().decode("utf-8", "surrogateescape") if target.exists() else ""
        lines = old.removesuffix("\n").split("\n") if old else []
        kept = [line for line in (_without(line, name) for line in lines) if line is not None]
        pinned = [f"{name} {key.type} {base64.b64encode(key.blob).decode()}" for key in keys]
        _replace(target, "".join(f"{line}\n" for line in (*kept, *pinned)))
    except OSError as error:
        raise HostError(f"{known_hosts} cannot be written: {reason(error)}.") from error


def _as_pinned(hop: Hop, keys: Sequence[HostKey]) -> bool:
    pins = pins_of(hop)
    known_types = {key.type for key in pins.keys}
    checked = [key for key in keys if key.type in known_types]
    return bool(checked) and all(pins.allow(key) for key in checked)


def _all_shown(hop: Hop, through: Transport | None, timeouts: Timeouts) -> tuple[HostKey, ...]:
    shown: list[HostKey] = []
    missing: HostUnreachable | None = None
    for algorithms in KEY_KINDS:
        try:
            shown.append(_shown(hop, through, algorithms, timeouts))
        except HostUnreachable as error:
            # A host without a key of this type ends the negotiation; anything else will not get better.
            if not isinstance(error.__cause__, paramiko.ssh_exception.IncompatiblePeer):
                raise
            missing = error
    if missing is not None and not shown:
        raise missing
    return tuple(shown)


def _shown(hop: Hop, through: Transport | None, algorithms: Sequence[str], timeouts: Timeouts) -> HostKey:
    deadline = Deadline.after(timeouts.connect_s)
    with (
        closing(reach(hop, through, deadline)) as stream,
        closing(Transport(stream, algorithms)) as transport,
    ):
        return exchange_keys(transport, hop, deadline)


def _without(line: str, name: str) -> str | None:
    """Return the line as it stays when it no longer pins `name`; None when nothing is left of it."""
    entry = entry_of(line)
    if entry is None or entry.marker or not any(names_exactly(pattern, name) for pattern in entry.names):
        return line
    others = [pattern for pattern in entry.names if not names_exactly(pattern, name)]
    return line.replace(",".join(entry.names), ",".join(others), 1) if others else None


def _liken(handle: int, old: os.stat_result) -> None:
    new = os.fstat(handle)
    if (new.st_uid, new.st_gid) != (old.st_uid, old.st_gid):
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, stat.S_IMODE(old.st_mode) & ~(stat.S_IWGRP | stat.S_IWOTH))


def _replace(target: Path, text: str) -> None:
    handle, new = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="surrogateescape") as file:
            if target.exists():
                _liken(file.fileno(), target.stat())
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(new).replace(target)
    except OSError:
        Path(new).unlink(missing_ok=True)
        raise
