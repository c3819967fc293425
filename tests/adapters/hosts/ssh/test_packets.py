"""Packets within bounds."""

from __future__ import annotations

import time
import zlib
from contextlib import closing
from typing import TYPE_CHECKING

import paramiko
import pytest

from adapters.hosts.ssh.packets import Compressor, Decompressor
from adapters.hosts.ssh.shell import ssh_shell
from bot.errors import HostUnreachable
from tests.servers.misbehaving import FakeSsh, listening

if TYPE_CHECKING:
    import socket
    import threading
    from pathlib import Path

    from tests.servers.sshd import Keys

MIB = 1024 * 1024


def test_what_is_packed_unpacks_packet_by_packet() -> None:
    pack, unpack = Compressor(), zlib.decompressobj()
    packets = [b"first " * 1000, b"second", b"", b"third " * 1000]

    assert [unpack.decompress(pack(packet)) for packet in packets] == packets


def test_a_stream_of_packets_unpacks_packet_by_packet() -> None:
    pack, unpack = zlib.compressobj(), Decompressor()
    packets = [b"first " * 1000, b"second", bytes(32768)]

    unpacked = [unpack(pack.compress(packet) + pack.flush(zlib.Z_PARTIAL_FLUSH)) for packet in packets]

    assert unpacked == packets


def test_a_packet_that_unpacks_to_too_much_is_refused() -> None:
    bomb = zlib.compress(bytes(100 * MIB))

    with pytest.raises(paramiko.SSHException, match="unpacks to more than"):
        Decompressor()(bomb)


def test_a_packet_that_does_not_unpack_is_refused() -> None:
    with pytest.raises(paramiko.SSHException, match="does not unpack"):
        Decompressor()(b"garbage")


def test_a_packet_of_four_gigabytes_is_not_waited_for(keys: Keys, tmp_path: Path) -> None:
    def claim(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(b"SSH-2.0-greedy\r\n" + b"\xff\xff\xff\xf4" + bytes(12))
        while not over.is_set():
            connection.sendall(bytes(MIB))

    with listening(claim) as port, closing(ssh_shell(FakeSsh(keys).host(port, tmp_path))) as shell:
        begun = time.monotonic()
        with pytest.raises(
            HostUnreachable, match=r"does not speak SSH with us: a packet of \d+ bytes is none"
        ):
            shell.run(("true",), timeout_s=5)

    assert time.monotonic() - begun < 5
