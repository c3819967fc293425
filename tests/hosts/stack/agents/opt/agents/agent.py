"""What else fills a small server: an agent's own memory, a buffer in shared memory, and full pipes.

The pipes' pages belong to the kernel: no process, no slab and no cache accounts for them.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import socket
from pathlib import Path

MIB = 1024 * 1024

parser = argparse.ArgumentParser()
for option in ("--own-mib", "--buffer-mib", "--pipes-mib"):
    parser.add_argument(option, type=int, default=0)
parser.add_argument("--buffer", type=Path, default=os.devnull)
options = parser.parse_args()

ballast = [b"a" * MIB for _ in range(options.own_mib)]
with options.buffer.open("wb") as buffer:
    buffer.writelines(b"b" * MIB for _ in range(options.buffer_mib))
for _ in range(options.pipes_mib):
    _, write_end = os.pipe()
    fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, MIB)
    os.write(write_end, b"p" * MIB)

with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
    notify.connect(os.environ["NOTIFY_SOCKET"])
    notify.send(b"READY=1")
signal.pause()
