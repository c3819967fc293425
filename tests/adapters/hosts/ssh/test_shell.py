"""A host over SSH, on a real sshd."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING

import psutil
import pytest

from adapters.hosts.ssh.shell import ssh_shell
from bot.domain.host import HostAddress
from bot.errors import CommandTimedOut, HostUnreachable
from bot.ports import Completed, Shell
from tests.contracts.shell import MAX_OUTPUT_BYTES, PROMPTLY_S, SHOW_WORDS, WORDS, ShellContract
from tests.servers.misbehaving import FakeSsh, listening, silent
from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import paramiko

    from tests.servers.misbehaving import Run
    from tests.servers.sshd import Keys, Sshd


def _mute(port: int, folder: Path) -> HostAddress:
    return HostAddress("web-1", "127.0.0.1", folder / "known_hosts", port=port, user="deploy", jump=())


class TestSshShell(ShellContract):
    @pytest.fixture(scope="class")
    @classmethod
    def shell(cls, sshd: Sshd) -> Iterator[Shell]:
        shell = ssh_shell(sshd.host(), max_output_bytes=MAX_OUTPUT_BYTES)
        yield shell
        shell.close()


class TestReconnecting:
    def test_one_connection_serves_all_commands(self, sshd: Sshd) -> None:
        before = sshd.log.count("Accepted publickey")

        with closing(ssh_shell(sshd.host())) as shell:
            for _ in range(5):
                shell.run(("true",), timeout_s=10)

        assert sshd.log.count("Accepted publickey") == before + 1

    def test_nothing_is_connected_until_something_runs(self, sshd: Sshd) -> None:
        before = sshd.log.count("Accepted publickey")

        ssh_shell(sshd.host()).close()

        assert sshd.log.count("Accepted publickey") == before

    def test_a_connection_that_died_between_two_commands_is_made_anew(self, sshd: Sshd) -> None:
        with closing(ssh_shell(sshd.host())) as shell:
            shell.run(("true",), timeout_s=10)
            sshd.drop_sessions()
            time.sleep(0.2)

            assert shell.run(("echo", "back"), timeout_s=10).stdout == b"back\n"

    def test_a_kept_shell_that_was_killed_is_opened_anew_on_the_same_connection(self, sshd: Sshd) -> None:
        with closing(ssh_shell(sshd.host())) as shell:
            before = sshd.log.count("Accepted publickey")
            kept = int(shell.run(("sh", "-c", "echo $PPID"), timeout_s=10).stdout)
            psutil.Process(kept).kill()
            time.sleep(0.2)

            assert shell.run(("echo", "back"), timeout_s=10).stdout == b"back\n"
            assert sshd.log.count("Accepted publickey") == before + 1

    def test_a_command_is_never_sent_twice(self, sshd: Sshd, tmp_path: Path) -> None:
        times = tmp_path / "times"
        append = ("sh", "-c", f"echo once >> {times}; sleep 10")

        with closing(ssh_shell(sshd.host())) as shell, ThreadPoolExecutor(1) as pool:
            shell.run(("true",), timeout_s=10)
            running = pool.submit(shell.run, append, timeout_s=10)
            assert eventually(times.exists)
            sshd.drop_sessions()
            with pytest.raises(HostUnreachable) as broken:
                running.result()

            assert str(broken.value) == (
                "The connection to web-1 broke while 'sh' ran; it is unknown whether it was done."
            )
            assert times.read_text() == "once\n"
            assert shell.run(("echo", "back"), timeout_s=10).stdout == b"back\n"

    def test_a_connection_found_dead_before_anything_was_sent_is_made_anew(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        # A greeting that is refused and the first command, then the channel with which the connection ends.
        stays = iter((True, True, False))
        fake = FakeSsh(keys, stays=lambda: next(stays, True), runs=printing(b"done"))

        with listening(fake.serve) as port, closing(ssh_shell(fake.host(port, tmp_path))) as shell:
            assert [shell.run(("true",), timeout_s=5).stdout for _ in range(2)] == [b"done", b"done"]

    @pytest.mark.parametrize("first", [True, False])
    def test_a_host_that_hangs_up_after_every_login_is_said(
        self, keys: Keys, tmp_path: Path, *, first: bool
    ) -> None:
        stays = iter((first, first))
        fake = FakeSsh(keys, stays=lambda: next(stays, False), runs=printing(b"done"))

        with listening(fake.serve) as port, closing(ssh_shell(fake.host(port, tmp_path))) as shell:
            if first:
                shell.run(("true",), timeout_s=5)
            with pytest.raises(HostUnreachable, match="web-1 closed the connection right after the login"):
                shell.run(("true",), timeout_s=5)

    def test_a_closed_shell_may_be_used_again(self, sshd: Sshd) -> None:
        with closing(ssh_shell(sshd.host())) as shell:
            shell.run(("true",), timeout_s=10)
            shell.close()
            shell.close()

            assert shell.run(("echo", "again"), timeout_s=10).stdout == b"again\n"

    def test_closing_leaves_no_process_on_the_host_and_no_thread_here(self, sshd: Sshd) -> None:
        threads = threading.active_count()
        shell = ssh_shell(sshd.host())
        shell.run(("true",), timeout_s=10)

        shell.close()

        assert eventually(lambda: not sshd.sessions())
        assert eventually(lambda: threading.active_count() <= threads)


class TestBrokenConnections:
    @pytest.mark.parametrize("attempt", range(5))
    def test_a_connection_cut_while_an_answer_flows_is_said_and_made_anew(
        self, sshd: Sshd, attempt: int
    ) -> None:
        with closing(ssh_shell(sshd.host())) as shell, ThreadPoolExecutor(1) as pool:
            shell.run(("true",), timeout_s=10)
            endless = pool.submit(shell.run, ("sh", "-c", "yes"), timeout_s=20)
            time.sleep(0.05 * (attempt + 1))
            sshd.drop_sessions()

            with pytest.raises(HostUnreachable, match="it is unknown whether it was done"):
                endless.result()
            assert shell.run(("echo", "anew"), timeout_s=10).stdout == b"anew\n"


class TestHostsThatHang:
    def test_a_host_that_hangs_after_the_login_is_left_at_the_timeout(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, authorized='command="sleep 10"') as server,
            closing(ssh_shell(server.host())) as shell,
        ):
            for _ in range(2):
                begun = time.monotonic()
                with pytest.raises(CommandTimedOut, match=r"'true' was not done within 0\.5 s on web-1"):
                    shell.run(("true",), timeout_s=0.5)
                assert time.monotonic() - begun < PROMPTLY_S

    def test_the_timeout_is_for_the_connection_too(self, tmp_path: Path) -> None:
        with listening(silent) as port, closing(ssh_shell(_mute(port, tmp_path))) as shell:
            begun = time.monotonic()
            with pytest.raises(HostUnreachable):
                shell.run(("true",), timeout_s=0.5)

        assert time.monotonic() - begun < PROMPTLY_S

    def test_closing_does_not_wait_for_a_connection_that_is_being_made(self, tmp_path: Path) -> None:
        with listening(silent) as port, ThreadPoolExecutor() as pool:
            shell = ssh_shell(_mute(port, tmp_path))
            running = pool.submit(shell.run, ("true",), timeout_s=3)
            time.sleep(0.2)
            begun = time.monotonic()
            shell.close()
            assert time.monotonic() - begun < 1
            with pytest.raises(HostUnreachable):
                running.result()

    def test_a_request_that_is_never_answered_ends_at_the_timeout(self, keys: Keys, tmp_path: Path) -> None:
        fake = FakeSsh(keys, runs=None)
        with listening(fake.serve) as port, closing(ssh_shell(fake.host(port, tmp_path))) as shell:
            begun = time.monotonic()
            with pytest.raises(CommandTimedOut):
                shell.run(("true",), timeout_s=0.5)

        assert time.monotonic() - begun < PROMPTLY_S

    def test_a_host_that_stopped_is_left_at_the_timeout_and_found_again(self, sshd: Sshd) -> None:
        with closing(ssh_shell(sshd.host())) as shell:
            shell.run(("true",), timeout_s=10)
            for session in sshd.sessions():
                session.suspend()
                for child in session.children():
                    child.suspend()
            with pytest.raises(CommandTimedOut):
                # More than every buffer on the way takes in: sending it blocks.
                shell.run(("true", *["x" * 100_000] * 100), timeout_s=0.5)

            assert shell.run(("echo", "found"), timeout_s=10).stdout == b"found\n"
            sshd.drop_sessions()


class TestHostsThatLie:
    @pytest.mark.parametrize(
        "answer",
        [
            lambda channel, _command: channel.sendall(b"\x00\xff" * 2000),
            lambda channel, command: channel.sendall(command),
            lambda channel, _command: channel.send_exit_status(0),
        ],
        ids=["garbage", "an echo", "nothing"],
    )
    def test_a_host_without_a_shell_gives_what_its_command_gives(
        self, keys: Keys, tmp_path: Path, answer: Callable[[paramiko.Channel, bytes], None]
    ) -> None:
        def run(channel: paramiko.Channel, command: bytes) -> None:
            with channel:
                if command == b"true":
                    channel.sendall(b"plain")
                    channel.send_exit_status(7)
                else:
                    answer(channel, command)

        fake = FakeSsh(keys, runs=run)
        with listening(fake.serve) as port, closing(ssh_shell(fake.host(port, tmp_path))) as shell:
            assert shell.run(("true",), timeout_s=5) == Completed(7, b"plain", b"")

    @pytest.mark.parametrize("said", [b"", b"E1\n", b"\xff" * 100], ids=ascii)
    def test_an_answer_cut_short_is_an_unknown_outcome(self, keys: Keys, tmp_path: Path, said: bytes) -> None:
        def run(channel: paramiko.Channel, command: bytes) -> None:
            with channel:
                greeting = re.search(rb"echo (\w+)-", command)
                assert greeting
                hello = b"%b-4242-%b\n" % (greeting[1], greeting[1])
                channel.sendall(hello)
                channel.sendall_stderr(hello)
                channel.recv(1000)
                channel.sendall(said)

        fake = FakeSsh(keys, runs=run)
        with (
            listening(fake.serve) as port,
            closing(ssh_shell(fake.host(port, tmp_path))) as shell,
            pytest.raises(HostUnreachable, match="it is unknown whether it was done"),
        ):
            shell.run(("true",), timeout_s=5)


class TestHostsWithoutAKeptShell:
    @pytest.fixture(scope="class")
    @classmethod
    def plain(cls, keys: Keys, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
        """An account that may run anything but a shell of its own."""
        folder = tmp_path_factory.mktemp("forced")
        script = folder / "forced"
        script.write_text(
            "#!/bin/sh\n"
            "case $SSH_ORIGINAL_COMMAND in exec*) echo no; exit 1;; esac\n"
            'eval "$SSH_ORIGINAL_COMMAND"\n'
        )
        script.chmod(0o755)
        with running_sshd(folder / "sshd", keys, authorized=f'command="{script}"') as server:
            shell = ssh_shell(server.host(), max_output_bytes=MAX_OUTPUT_BYTES)
            yield shell
            shell.close()

    def test_words_arrive_as_they_are(self, plain: Shell) -> None:
        shown = plain.run(("sh", "-c", SHOW_WORDS, "sh", *WORDS), timeout_s=10)

        expected = "".join(f"[{word}]" for word in WORDS)
        assert shown.stdout == expected.encode("utf-8", "surrogateescape")

    def test_output_and_status_are_told(self, plain: Shell) -> None:
        ran = plain.run(("sh", "-c", "echo out; echo err >&2; exit 77"), timeout_s=10)

        assert ran == Completed(77, b"out\n", b"err\n")

    def test_there_is_no_input(self, plain: Shell) -> None:
        assert plain.run(("cat",), timeout_s=10).stdout == b""

    def test_large_output_on_both_streams_arrives_whole(self, plain: Shell) -> None:
        printed = plain.run(
            ("sh", "-c", "head -c 3000000 /dev/zero >&2; head -c 3000000 /dev/zero"), timeout_s=20
        )

        assert (len(printed.stdout), len(printed.stderr)) == (3_000_000, 3_000_000)

    def test_a_command_that_hangs_ends_at_its_timeout(self, plain: Shell) -> None:
        begun = time.monotonic()

        with pytest.raises(CommandTimedOut):
            plain.run(("sleep", "10"), timeout_s=0.5)

        assert time.monotonic() - begun < PROMPTLY_S
        assert plain.run(("echo", "next"), timeout_s=10).stdout == b"next\n"

    def test_a_command_that_the_host_replaces_gives_what_that_prints(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, authorized='command="echo mine; exit 3"') as server,
            closing(ssh_shell(server.host())) as shell,
        ):
            assert shell.run(("echo", "yours"), timeout_s=10) == Completed(3, b"mine\n", b"")


class TestKindsOfHosts:
    def test_what_a_login_prints_is_no_answer(self, keys: Keys, tmp_path: Path) -> None:
        noisy = r'command="echo Welcome; echo Beware >&2; eval \"$SSH_ORIGINAL_COMMAND\""'
        with (
            running_sshd(tmp_path / "sshd", keys, authorized=noisy) as server,
            closing(ssh_shell(server.host())) as shell,
        ):
            assert shell.run(("echo", "answer"), timeout_s=10) == Completed(0, b"answer\n", b"")

    @pytest.mark.parametrize(
        "sh",
        [
            pytest.param("bash", marks=pytest.mark.needs("bash")),
            pytest.param("busybox sh", marks=pytest.mark.needs("busybox")),
        ],
    )
    def test_every_shell_keeps_words_as_they_are(self, keys: Keys, tmp_path: Path, sh: str) -> None:
        script = tmp_path / "login"
        script.write_text(
            f'#!/bin/sh\neval "$(printf %s "$SSH_ORIGINAL_COMMAND" | sed \'s#/bin/sh#{sh}#g\')"\n'
        )
        script.chmod(0o755)
        with (
            running_sshd(tmp_path / "sshd", keys, authorized=f'command="{script}"') as server,
            closing(ssh_shell(server.host())) as shell,
        ):
            kept = shell.run(("sh", "-c", "readlink /proc/$PPID/exe"), timeout_s=10).stdout.decode()
            assert sh.removesuffix(" sh") in kept
            for _ in range(2):
                shown = shell.run(("sh", "-c", SHOW_WORDS, "sh", *WORDS), timeout_s=10)
                expected = "".join(f"[{word}]" for word in WORDS)
                assert shown.stdout == expected.encode("utf-8", "surrogateescape")
            with pytest.raises(CommandTimedOut):
                shell.run(("sleep", "10"), timeout_s=0.3)
            assert shell.run(("exit", "3"), timeout_s=10).status == 127

    def test_a_host_that_allows_one_session_makes_commands_wait_for_it(
        self, keys: Keys, tmp_path: Path
    ) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, "MaxSessions 1") as server,
            closing(ssh_shell(server.host())) as shell,
            ThreadPoolExecutor(4) as pool,
        ):
            slow = ("sh", "-c", 'sleep 0.1; echo "$1"', "sh")
            printed = list(pool.map(lambda n: shell.run((*slow, f"{n}"), timeout_s=20).stdout, range(8)))

        assert printed == [f"{number}\n".encode() for number in range(8)]

    def test_a_host_that_allows_no_session_is_said(self, keys: Keys, tmp_path: Path) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, "MaxSessions 0") as server,
            closing(ssh_shell(server.host())) as shell,
            pytest.raises(HostUnreachable, match="opens no session: look at MaxSessions"),
        ):
            shell.run(("true",), timeout_s=10)

    @pytest.mark.parametrize(
        "option",
        [
            "Compression no",
            "Compression yes",
            "RekeyLimit 256K",
            "Ciphers aes256-ctr",
            "KexAlgorithms ecdh-sha2-nistp256",
        ],
    )
    def test_hosts_may_be_set_up_in_their_own_way(self, keys: Keys, tmp_path: Path, option: str) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, option) as server,
            closing(ssh_shell(server.host())) as shell,
        ):
            for _ in range(4):
                assert len(shell.run(("head", "-c", "500000", "/dev/zero"), timeout_s=20).stdout) == 500_000

    def test_a_host_with_nothing_in_common_is_said(self, keys: Keys, tmp_path: Path) -> None:
        with (
            running_sshd(tmp_path / "sshd", keys, "Ciphers chacha20-poly1305@openssh.com") as server,
            closing(ssh_shell(server.host())) as shell,
            pytest.raises(HostUnreachable, match=r"does not speak SSH with us: .*ciphers"),
        ):
            shell.run(("true",), timeout_s=10)


@pytest.mark.parametrize("pid", [0, 1])
def test_a_shell_that_calls_itself_process_1_is_not_kept_so_nobody_is_asked_to_kill_everything(
    keys: Keys, tmp_path: Path, pid: int
) -> None:
    asked: list[bytes] = []

    def run(channel: paramiko.Channel, command: bytes) -> None:
        asked.append(command)
        with channel:
            if greeting := re.search(rb"echo (\w+)-\$\$-", command):
                mark = greeting[1] + f"-{pid}-".encode() + greeting[1] + b"\n"
                channel.sendall(mark)
                channel.sendall_stderr(mark)
                channel.recv(1)
            else:
                channel.sendall(b"done")
                channel.send_exit_status(0)

    with (
        listening(FakeSsh(keys, runs=run).serve) as port,
        closing(ssh_shell(FakeSsh(keys).host(port, tmp_path))) as shell,
    ):
        assert shell.run(("true",), timeout_s=10).stdout == b"done"

    assert not any(b"kill" in command for command in asked)
    assert asked[-1] == b"true"


def printing(text: bytes) -> Run:
    """Run any command but a shell, and print this."""

    def run(channel: paramiko.Channel, command: bytes) -> None:
        with channel:
            if not command.startswith(b"exec"):
                channel.sendall(text)
            channel.send_exit_status(0)

    return run


def eventually(holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + PROMPTLY_S
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.02)
    return False
