"""A way to a server that is far away: every byte arrives later, and is counted.

Runs as a process of its own (`python -m tests.bench.relay PORT DELAY_MS`), so that its work is nobody else's.
Delays are added to what TCP has already delivered: congestion windows are those of loopback.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK_BYTES = 1 << 16
_HOST = "127.0.0.1"
_PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Relay:
    """A running relay."""

    port: int
    process: subprocess.Popen[str]

    def carried_bytes(self) -> int:
        """Return how many bytes went through so far, both ways together."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())


@contextmanager
def relay(port: int, delay_ms: float = 0) -> Iterator[Relay]:
    """Relay to a local port; each way takes `delay_ms` longer."""
    argv = [sys.executable, "-m", __name__, str(port), str(delay_ms)]
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_PROJECT
    ) as process:
        assert process.stdin
        assert process.stdout
        yield Relay(int(process.stdout.readline()), process)
        process.stdin.close()


async def _serve(port: int, delay_s: float) -> None:
    carried = 0

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal carried
        loop = asyncio.get_running_loop()
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def arrive() -> None:
            while True:
                at, data = await under_way.get()
                await asyncio.sleep(at - loop.time())
                writer.write(data)
                if not data:
                    writer.close()
                    return

        arriving = asyncio.create_task(arrive())
        with suppress(OSError):
            while data := await reader.read(_CHUNK_BYTES):
                carried += len(data)
                under_way.put_nowait((loop.time() + delay_s, data))
        under_way.put_nowait((loop.time() + delay_s, b""))
        await arriving

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        to_reader, to_writer = await asyncio.open_connection(_HOST, port)
        await asyncio.gather(pump(reader, to_writer), pump(to_reader, writer))

    server = await asyncio.start_server(connected, _HOST, 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await asyncio.to_thread(sys.stdin.readline):
        sys.stdout.write(f"{carried}\n")
        sys.stdout.flush()
    # Nobody waits for what is still open.
    os._exit(0)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), float(sys.argv[2]) / 1e3))
