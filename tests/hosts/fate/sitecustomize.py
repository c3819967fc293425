"""Read by any Python with this folder in PYTHONPATH before its program: halts an execution at a moment.

What a plan's own thread does is cut into moments: before and after each transaction is committed, before a
command, when it was sent, after its answer. The folder `FATE` names the fatal one in the file `at`:
`2 after .*TTOU` is the second whose name begins like that, `7` the seventh of all. There the thread writes
the file `halted` and goes on when that is gone, which it never does if the program is killed then.
"""

from __future__ import annotations

import os
import re
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.store.ledger import SqlLedger
    from bot.ports import Completed

_LOOK_S = 0.01


def _lie_in_wait(fatal: str, halted: Path) -> None:
    import paramiko  # noqa: PLC0415 - only a program whose fate is sealed loads these now

    from adapters.hosts.ssh.shell import SshShell  # noqa: PLC0415
    from adapters.store.store import SqlStore  # noqa: PLC0415

    number, _, pattern = fatal.partition(" ")
    left = int(number)
    current = threading.local()
    run, send, changing = SshShell.run, paramiko.Channel.send, SqlStore.changing

    def moment(about: str) -> None:
        nonlocal left
        if threading.current_thread().name.startswith(("plan ", "executing")) and re.match(pattern, about):
            left -= 1
            if not left:
                halted.with_suffix(".new").write_text(about)
                halted.with_suffix(".new").rename(halted)
                while halted.exists():
                    time.sleep(_LOOK_S)

    def mortal_run(
        self: SshShell, argv: tuple[str, ...], *, timeout_s: float, apart: bool = False
    ) -> Completed:
        command = "a look" if argv[0] == "sh" else " ".join(argv)
        moment(f"before {command}")
        current.command = command
        answer = run(self, argv, timeout_s=timeout_s, apart=apart)
        moment(f"after {command}")
        return answer

    def mortal_send(self: paramiko.Channel, data: bytes) -> int:
        sent = send(self, data)
        moment("sent " + getattr(current, "command", "the login"))
        return sent

    @contextmanager
    def mortal_changing(self: SqlStore) -> Iterator[SqlLedger]:
        with changing(self) as ledger:
            yield ledger
            moment("before a commit")
        moment("after a commit")

    # In this process alone.
    setattr(SshShell, "run", mortal_run)  # noqa: B010 - mypy forbids to assign to a method
    setattr(SqlStore, "changing", mortal_changing)  # noqa: B010
    setattr(paramiko.Channel, "send", mortal_send)  # noqa: B010


_FOLDER = Path(os.environ.get("FATE", ""))
if "FATE" in os.environ and (_FOLDER / "at").exists():
    _lie_in_wait((_FOLDER / "at").read_text(), _FOLDER / "halted")
