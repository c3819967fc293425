"""The program as it stands on a host, moved: the constants at its top name a folder of the test's."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import bot.host
from tests.fakes.awks import links

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_CONSTANT = re.compile(r"^(PATH|OWNER|TOP|SYSTEM|POLICY|ALLOWED|SYSTEMCTL)=(.*)$", re.MULTILINE)
UNIT = "gunicorn.service"


@dataclass(frozen=True)
class Installed:
    """A host of one folder, on which the program runs with one shell and one awk."""

    root: Path
    shell: tuple[str, ...]

    @property
    def drop_ins(self) -> Path:
        return self.root / "etc/systemd/system" / f"{UNIT}.d"

    def has_unit(self, *files: tuple[str, str]) -> None:
        """From now on `systemctl cat` prints these files."""
        text = "\n".join(f"# {path}\n{content}" for path, content in files)
        (self.root / "cat").write_text(text)

    def has_policy(self, *lines: str) -> None:
        (self.root / "etc/memwarden/policy").write_text("".join(f"{line}\n" for line in lines))

    def allows(self, *commands: str) -> None:
        for name, text in bot.host.allowed(commands).items():
            (self.root / "etc/memwarden/allowed" / name).write_text(text)

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            (*self.shell, str(self.root / "program"), *words),
            capture_output=True,
            env=dict(env or {}),
            text=True,
            errors="surrogateescape",
            stdin=subprocess.DEVNULL,
            timeout=30,
            check=False,
        )

    def tree(self) -> dict[str, tuple[str, bytes]]:
        """Return all of /etc: the mode of everything, and what files hold."""
        return {
            str(path.relative_to(self.root)): (
                oct(path.lstat().st_mode),
                str(path.readlink()).encode()
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else b"",
            )
            for path in sorted((self.root / "etc").rglob("*"))
        }


def install(root: Path, shell: str = "sh", awk: str | None = None) -> Installed:
    """Put the program onto a host that has nothing yet."""
    for folder in ("etc/systemd/system", "etc/memwarden/allowed"):
        (root / folder).mkdir(parents=True)
    for path in (root / "etc").rglob("*"):
        path.chmod(0o755)
    (root / "etc").chmod(0o755)
    search = "/usr/sbin:/usr/bin:/sbin:/bin"
    if awk is not None:
        search = f"{links(root / 'bin', awk=awk)}:{search}"
    stub = root / "systemctl"
    stub.write_text(f"#!/bin/sh\n[ \"$*\" = '--no-pager cat -- {UNIT}' ] && exec cat {root}/cat\nexit 1\n")
    stub.chmod(0o755)
    moved = {
        "PATH": search,
        "OWNER": str(os.geteuid()),
        "TOP": f"{root}/etc",
        "SYSTEM": f"{root}/etc/systemd/system",
        "POLICY": f"{root}/etc/memwarden/policy",
        "ALLOWED": f"{root}/etc/memwarden/allowed",
        "SYSTEMCTL": str(stub),
    }
    text, count = _CONSTANT.subn(lambda found: f"{found[1]}={moved[found[1]]}", program())
    assert count == len(moved)
    (root / "program").write_text(text)
    found = shutil.which(shell)
    assert found
    words = (found, "sh") if shell == "busybox" else (found,)
    return Installed(root, words)


def program() -> str:
    return resources.files(bot.host).joinpath(bot.host.PROGRAM_FILE).read_text("utf-8")
