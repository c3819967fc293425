"""The machine memwarden runs on."""

from __future__ import annotations

import errno
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from typing import IO

import psutil

from adapters.hosts.deadline import Deadline
from adapters.hosts.words import encoded
from bot.errors import CommandTimedOut, HostError, Unreadable
from bot.ports import Completed

MAX_OUTPUT_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 1024 * 1024
_MISSING, _NOT_STARTED, _SIGNALLED = 127, 126, 128
# A program can end while a child it left behind holds its output open; its end is looked for this often.
_LOOK_S = 0.05
# How long the kernel may take to bury what was killed.
_BURIAL_S = 2.0


class LocalShell:
    """Runs commands on this machine, as the user memwarden runs as; safe for any number of threads."""

    def __init__(self, platform: str, max_output_bytes: int) -> None:
        self._platform = platform
        self._max_output_bytes = max_output_bytes

    def run(
        self,
        argv: tuple[str, ...],
        *,
        timeout_s: float,
        apart: bool = False,  # noqa: ARG002 - each command has outputs of its own here
    ) -> Completed:
        """Run an argument vector and return what came of it (see `bot.ports.Shell`).

        At the deadline the command and all its descendants are killed. Raises CommandTimedOut, Unreadable
        (more output than is kept), CommandFailed (words no program can be given), HostError (not Linux).
        """
        if not self._platform.startswith("linux"):
            raise HostError(
                f"This machine runs {self._platform}, and memory can only be read on Linux: "
                "add a Linux host to the configuration and run memwarden on it or over SSH."
            )
        words = encoded(argv)
        deadline = Deadline.after(timeout_s)
        try:
            process = _started(words)
        except OSError as error:
            return _not_started(argv[0], error)
        try:
            stdout, stderr = _outputs(process, deadline, self._max_output_bytes)
            return Completed(_status(process, deadline), stdout, stderr)
        except TimeoutError as error:
            raise CommandTimedOut(
                f"{argv[0]!a} was not done within {timeout_s:g} s on this machine."
            ) from error
        except OverflowError as error:
            raise Unreadable(
                f"{argv[0]!a} printed more than {self._max_output_bytes} bytes on this machine."
            ) from error
        finally:
            if process.poll() is None:
                _kill_tree(process)


def local_shell(platform: str = sys.platform, max_output_bytes: int = MAX_OUTPUT_BYTES) -> LocalShell:
    """Return the shell of this machine."""
    return LocalShell(platform, max_output_bytes)


def linked() -> bool:
    """Tell whether this machine has a network at all: an interface that is up and is not only for itself."""
    try:
        interfaces = psutil.net_if_stats()
    except OSError:
        # Not to be known: then nobody is to be told that we are cut off.
        return True
    return any(found.isup and not _is_loopback(name, found.flags) for name, found in interfaces.items())


def _is_loopback(name: str, flags: str) -> bool:
    return "loopback" in flags.split(",") or name == "lo"


def _started(words: tuple[bytes, ...]) -> psutil.Popen:
    # A session of its own: what is typed at our terminal (Ctrl-C) does not reach it.
    return psutil.Popen(
        words,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def _not_started(program: str, error: OSError) -> Completed:
    status = _MISSING if error.errno in {errno.ENOENT, errno.ENOTDIR} else _NOT_STARTED
    return Completed(status, b"", f"{program}: {error.strerror}\n".encode("utf-8", "backslashreplace"))


def _outputs(process: psutil.Popen, deadline: Deadline, limit_bytes: int) -> tuple[bytes, bytes]:
    """Read both outputs until they end, or until the program has ended and left nothing more in them.

    Raises TimeoutError at the deadline, OverflowError beyond the limit.
    """
    stdout: IO[bytes] = process.stdout
    stderr: IO[bytes] = process.stderr
    collected = {stdout: bytearray(), stderr: bytearray()}
    with stdout, stderr, selectors.DefaultSelector() as selector:
        for pipe, output in collected.items():
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, output)
        ended = False
        while selector.get_map() and not ended:
            if deadline.passed:
                raise TimeoutError
            ended = process.poll() is not None
            for key, _ in selector.select(0 if ended else min(_LOOK_S, deadline.left_s)):
                chunk = os.read(key.fd, _CHUNK_BYTES)
                key.data.extend(chunk)
                if not chunk:
                    selector.unregister(key.fileobj)
            if sum(map(len, collected.values())) > limit_bytes:
                raise OverflowError
        return bytes(collected[stdout]), bytes(collected[stderr])


def _status(process: psutil.Popen, deadline: Deadline) -> int:
    try:
        status = int(process.wait(timeout=deadline.left_s))
    except psutil.TimeoutExpired as error:
        raise TimeoutError from error
    return _SIGNALLED - status if status < 0 else status


def _kill_tree(process: psutil.Popen) -> None:
    """Kill the program, its process group and all its descendants, and bury them."""
    family: list[psutil.Process] = [process]
    with suppress(psutil.Error):
        family += process.children(recursive=True)
    with suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
    for member in family:
        with suppress(psutil.Error):
            member.kill()
    # As process 1 of a container we are the parent of whatever lost its own: nobody else buries it.
    psutil.wait_procs(family, timeout=_BURIAL_S)
