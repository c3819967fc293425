"""Running this machine's commands, with an error that says which one failed and why."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class HostsError(Exception):
    """A test host cannot be built, booted or reached; the text says why."""


def run(
    *argv: str, stdin: str | None = None, timeout_s: float = 60, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, whatever its status. Raises HostsError if it is missing or too slow."""
    try:
        return subprocess.run(
            argv,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            check=False,
            encoding="utf-8",
            errors="surrogateescape",
            timeout=timeout_s,
            env=env,
        )
    except FileNotFoundError as error:
        raise HostsError(f"{argv[0]} is not installed; tests/hosts/README.md lists the packages") from error
    except subprocess.TimeoutExpired as error:
        raise HostsError(f"{' '.join(argv)} did not end within {timeout_s:g} s") from error


def must_run(*argv: str, timeout_s: float = 60, env: Mapping[str, str] | None = None) -> str:
    """Run a command and return what it printed. Raises HostsError unless it ends with status 0."""
    done = run(*argv, timeout_s=timeout_s, env=env)
    if done.returncode != 0:
        last_lines = "\n".join((done.stderr or done.stdout).splitlines()[-20:])
        raise HostsError(f"{' '.join(argv)} ended with status {done.returncode}:\n{last_lines}")
    return done.stdout
