"""A deep probe reads PSS by the host's own program where there is one, and by itself where there is none."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from bot import probe
from bot.domain.remediation import HELPER

if TYPE_CHECKING:
    from pathlib import Path

HAS_RIGHTS = '#!/bin/sh\n[ "$1" = -n ] && shift && exec "$@"\n'
HAS_NONE = "#!/bin/sh\necho 'sudo: a password is required' >&2\nexit 1\n"
SAYS = "#!/bin/sh\n[ \"$*\" = smaps ] && printf '@pss\\nu0\\ns1 7 7 0 0 7 7 0\\n@end\\n'\n"


def deep(folder: Path, *, sudo: str, is_installed: bool) -> str:
    """Run the probe on a host with this sudo, and return its part about PSS."""
    program = folder / "memwarden-host"
    programs = {"sudo": sudo, **({program.name: SAYS} if is_installed else {})}
    for name, text in programs.items():
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    argv = [word.replace(HELPER, str(program)) for word in probe.command(deep=True)]
    ran = subprocess.run(
        argv, env={"PATH": f"{folder}:{os.environ['PATH']}"}, capture_output=True, text=True, check=True
    )
    assert ran.stderr == ""
    assert ran.stdout.endswith("\n@end\n")
    return ran.stdout.partition("@pss\n")[2]


def test_the_program_is_asked_where_it_is_installed(tmp_path: Path) -> None:
    assert deep(tmp_path, sudo=HAS_RIGHTS, is_installed=True) == "u0\ns1 7 7 0 0 7 7 0\n@end\n"


@pytest.mark.parametrize(("sudo", "is_installed"), [(HAS_NONE, True), (HAS_RIGHTS, False)])
def test_else_the_login_reads_what_it_may(tmp_path: Path, *, sudo: str, is_installed: bool) -> None:
    found = deep(tmp_path, sudo=sudo, is_installed=is_installed)

    assert found.startswith(f"u{os.geteuid()}\n")
    assert f"\ns{os.getpid()} " in found


def test_an_everyday_probe_asks_for_nothing_of_it(tmp_path: Path) -> None:
    sudo = tmp_path / "sudo"
    sudo.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    sudo.chmod(0o755)

    ran = subprocess.run(
        probe.command(), env={"PATH": f"{tmp_path}:{os.environ['PATH']}"}, capture_output=True, check=True
    )

    assert b"@pss" not in ran.stdout
    assert not (tmp_path / "ran").exists()
