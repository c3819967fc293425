"""Packets within bounds: compressed where the host can, and none larger than anyone honest sends.

Whoever answers on a host's port may claim a packet of four gigabytes, or send one that unpacks to as much.
"""

from __future__ import annotations

import zlib

import paramiko
from paramiko.packet import Packetizer

# OpenSSH takes no packet above 256 KiB, and data comes in pieces of 32 KiB.
_LARGEST_BYTES = 512 * 1024


class BoundedPacketizer(Packetizer):
    """paramiko's reader of packets, with an upper limit."""

    def read_all(self, n: int, check_rekey: bool = False) -> bytes:  # noqa: FBT001, FBT002 - paramiko's signature
        """Read exactly `n` bytes. Raises SSHException if no packet has so many."""
        if n > _LARGEST_BYTES:
            raise paramiko.SSHException(f"a packet of {n} bytes is none")
        return super().read_all(n, check_rekey)


class Compressor:
    """Packs what we send: little, so a small window will do (32 KiB of memory instead of 256)."""

    def __init__(self) -> None:
        self._stream = zlib.compressobj(wbits=12, memLevel=5)

    def __call__(self, data: bytes) -> bytes:
        """Pack one packet, whole."""
        return self._stream.compress(data) + self._stream.flush(zlib.Z_SYNC_FLUSH)


class Decompressor:
    """Unpacks what a host sends: 50 KB of processes travel as about 13."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj()

    def __call__(self, data: bytes) -> bytes:
        """Unpack one packet. Raises SSHException when it is broken or larger than any packet."""
        try:
            unpacked = self._stream.decompress(data, _LARGEST_BYTES)
        except zlib.error as error:
            raise paramiko.SSHException("a packet does not unpack") from error
        if self._stream.unconsumed_tail:
            raise paramiko.SSHException(f"a packet unpacks to more than {_LARGEST_BYTES} bytes")
        return unpacked
