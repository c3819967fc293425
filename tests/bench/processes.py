"""Many processes of our own, and the C programs that the benchmarks need."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

_HERE = Path(__file__).parent
# About what a process has on a small server; PSS costs by the page.
RESIDENT_MIB = 12
_CMDLINE_BYTES = 200


def compiled(name: str, folder: Path) -> Path:
    """Compile one of the C programs beside this file into a folder."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    program = folder / name
    subprocess.run([compiler, "-O2", "-o", program, _HERE / f"{name}.c"], check=True)
    return program


@contextmanager
def crowd(program: Path, count: int) -> Iterator[int]:
    """Let this many idle processes run meanwhile; yield the pid of their parent."""
    argv = [str(program), str(count), str(RESIDENT_MIB), "x" * _CMDLINE_BYTES]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as leader:
        assert leader.stdin
        assert leader.stdout
        assert leader.stdout.readline() == b"ready\n"
        yield leader.pid
        leader.stdin.close()
