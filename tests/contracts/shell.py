"""What every Shell does. A subclass provides the fixture `shell`, which keeps MAX_OUTPUT_BYTES of output.

The commands are those that every Linux has, and the shell runs them on this machine.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import psutil
import pytest

from bot.errors import CommandFailed, CommandTimedOut, Unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from bot.ports import Completed, Shell

MAX_OUTPUT_BYTES = 8 * 1024 * 1024
# Far less than the commands would take, and enough for a machine with other things to do.
PROMPTLY_S = 5.0
SHOW_WORDS = 'for word do printf "[%s]" "$word"; done'
LONG = "".join(f'{number} it\'s "$HOME" `id` \\n\n' for number in range(300))

WORDS = [
    "plain",
    "",
    "two words",
    "it's",
    '"double"',
    "a'b\"c'd",
    "$HOME",
    "$(echo gone)",
    "`echo gone`",
    "*",
    "?[a-z]*",
    "{a,b}",
    "~",
    "~root",
    "a\\b\\\\c\\",
    "line\nline\n",
    "\n",
    "\ttab\r",
    "!!",
    "#comment",
    "; exit 3",
    "&& exit 3",
    "| cat",
    "> /dev/null",
    "< /dev/null",
    "%s%d",
    "-n",
    "--",
    "A=b",
    "\x1b[31mred\x07\x7f",
    "äöü €",
    "\udcff\udc80 not UTF-8",
    LONG,
]


def finished(shell: Shell, *argv: str) -> Completed:
    return shell.run(argv, timeout_s=20)


class ShellContract:
    @pytest.mark.parametrize("word", WORDS, ids=lambda word: ascii(word)[:20])
    def test_a_word_arrives_exactly_as_it_is(self, shell: Shell, word: str) -> None:
        shown = finished(shell, "sh", "-c", SHOW_WORDS, "sh", word)

        assert shown.stdout == b"[%b]" % word.encode("utf-8", "surrogateescape")
        assert (shown.status, shown.stderr) == (0, b"")

    def test_words_stay_apart_and_in_order(self, shell: Shell) -> None:
        shown = finished(shell, "sh", "-c", SHOW_WORDS, "sh", *WORDS)

        expected = "".join(f"[{word}]" for word in WORDS)
        assert shown.stdout == expected.encode("utf-8", "surrogateescape")

    def test_a_long_word_arrives_every_time(self, shell: Shell) -> None:
        shown = [
            finished(shell, "sh", "-c", SHOW_WORDS, "sh", LONG, f"{LONG}{turn % 2}") for turn in range(4)
        ]

        assert [each.stdout for each in shown] == [
            f"[{LONG}][{LONG}{turn % 2}]".encode() for turn in range(4)
        ]

    def test_many_long_words_arrive(self, shell: Shell) -> None:
        words = [f"{number}{LONG}" for number in range(40)]

        assert all(finished(shell, "printf", "%s", word).stdout == word.encode() for word in words)

    def test_300_kilobytes_of_arguments_arrive(self, shell: Shell) -> None:
        counted = finished(shell, "sh", "-c", 'printf %s "$*" | wc -c', "sh", *["x" * 100_000] * 3)

        assert counted.stdout.split() == [b"300002"]

    def test_an_argument_longer_than_the_kernel_takes_is_status_126(self, shell: Shell) -> None:
        refused = finished(shell, "true", "x" * 300_000)

        assert refused.status == 126
        assert b"too long" in refused.stderr

    def test_output_is_bytes_whatever_they_are(self, shell: Shell) -> None:
        printed = finished(shell, "printf", r"\000\377\033[2J\r\n\n")

        assert printed.stdout == b"\x00\xff\x1b[2J\r\n\n"

    def test_output_without_a_newline_is_kept_as_it_is(self, shell: Shell) -> None:
        assert finished(shell, "printf", "no newline").stdout == b"no newline"

    def test_standard_error_is_kept_apart(self, shell: Shell) -> None:
        printed = finished(shell, "sh", "-c", "echo out; echo err >&2; echo out")

        assert (printed.stdout, printed.stderr) == (b"out\nout\n", b"err\n")

    def test_the_exit_status_is_told(self, shell: Shell) -> None:
        assert [finished(shell, "sh", "-c", f"exit {status}").status for status in (0, 1, 77, 255)] == [
            0,
            1,
            77,
            255,
        ]

    def test_an_end_by_a_signal_is_told_as_a_shell_does(self, shell: Shell) -> None:
        assert finished(shell, "sh", "-c", "kill -9 $$").status == 128 + 9

    def test_a_missing_program_is_status_127(self, shell: Shell) -> None:
        missing = finished(shell, "memwarden-no-such-program")

        assert missing.status == 127
        assert b"memwarden-no-such-program" in missing.stderr

    def test_what_is_no_program_is_status_126(self, shell: Shell) -> None:
        assert finished(shell, "/etc").status == 126

    @pytest.mark.parametrize("word", ["exit", "cd", "if", "{", "A=b", "export"])
    def test_words_of_the_shell_itself_are_no_programs(self, shell: Shell, word: str) -> None:
        assert finished(shell, word, "3").status == 127

    def test_there_is_no_input(self, shell: Shell) -> None:
        assert finished(shell, "cat").stdout == b""

    def test_one_command_leaves_nothing_behind_for_the_next(self, shell: Shell) -> None:
        before = finished(shell, "sh", "-c", "pwd; umask; env | sort")
        finished(shell, "sh", "-c", "cd /; umask 0; export LEFT=behind")

        assert finished(shell, "sh", "-c", "pwd; umask; env | sort") == before

    def test_large_output_on_both_streams_arrives_whole(self, shell: Shell) -> None:
        alternating = "for n in 1 2 3 4 5 6; do head -c 500000 /dev/zero; head -c 500000 /dev/zero >&2; done"

        printed = finished(shell, "sh", "-c", alternating)

        assert (printed.stdout, printed.stderr) == (bytes(3_000_000), bytes(3_000_000))

    def test_more_output_than_is_kept_is_an_error(self, shell: Shell) -> None:
        with pytest.raises(Unreadable, match=f"'head' printed more than {MAX_OUTPUT_BYTES} bytes on "):
            finished(shell, "head", "-c", f"{MAX_OUTPUT_BYTES + 1}", "/dev/zero")

        assert finished(shell, "echo", "alive").stdout == b"alive\n"

    def test_endless_output_is_an_error_and_ends(self, shell: Shell) -> None:
        with pytest.raises(Unreadable):
            finished(shell, "yes")

        assert finished(shell, "echo", "alive").stdout == b"alive\n"

    def test_a_command_that_hangs_ends_at_its_timeout(self, shell: Shell) -> None:
        finished(shell, "true")
        begun = time.monotonic()

        with pytest.raises(CommandTimedOut, match=r"'sleep' was not done within 0\.3 s on "):
            shell.run(("sleep", "30"), timeout_s=0.3)

        assert time.monotonic() - begun < PROMPTLY_S

    def test_a_command_that_trickles_ends_at_its_timeout(self, shell: Shell) -> None:
        finished(shell, "true")
        begun = time.monotonic()

        with pytest.raises(CommandTimedOut):
            shell.run(("sh", "-c", "while :; do echo x; sleep 0.05; done"), timeout_s=0.4)

        assert time.monotonic() - begun < PROMPTLY_S

    def test_a_command_that_closed_its_output_ends_at_its_timeout(self, shell: Shell) -> None:
        finished(shell, "true")
        begun = time.monotonic()

        with pytest.raises(CommandTimedOut):
            shell.run(("sh", "-c", "exec >/dev/null 2>&1; sleep 30"), timeout_s=0.3)

        assert time.monotonic() - begun < PROMPTLY_S

    def test_what_hung_is_killed_with_its_children(self, shell: Shell, tmp_path: Path) -> None:
        family = tmp_path / "family"
        finished(shell, "true")

        with pytest.raises(CommandTimedOut):
            shell.run(
                ("sh", "-c", f"echo $$ > {family}; sleep 30 & echo $! >> {family}; wait"), timeout_s=1.0
            )

        pids = [int(line) for line in family.read_text().split()]
        assert len(pids) == 2
        assert all(gone(pid) for pid in pids)

    def test_the_next_command_after_a_timeout_works(self, shell: Shell) -> None:
        with pytest.raises(CommandTimedOut):
            shell.run(("sh", "-c", "echo early; sleep 0.4; echo late; sleep 30"), timeout_s=0.2)

        time.sleep(0.3)
        assert finished(shell, "echo", "mine").stdout == b"mine\n"

    def test_a_child_left_behind_does_not_hold_the_command_up(self, shell: Shell) -> None:
        begun = time.monotonic()

        printed = finished(shell, "sh", "-c", "sleep 10 & echo started")

        assert printed.stdout == b"started\n"
        assert time.monotonic() - begun < PROMPTLY_S

    def test_what_a_child_left_behind_says_between_two_commands_is_dropped(self, shell: Shell) -> None:
        finished(shell, "sh", "-c", "(sleep 0.1; echo intruder; echo intruder >&2) & true")
        time.sleep(0.3)

        assert finished(shell, "echo", "mine").stdout == b"mine\n"

    def test_what_runs_apart_hears_nothing_of_what_an_earlier_command_left_behind(self, shell: Shell) -> None:
        finished(shell, "sh", "-c", "(sleep 0.3; echo intruder; echo intruder >&2) & true")

        mine = shell.run(("sh", "-c", "echo mine; sleep 0.6; exit 3"), timeout_s=20, apart=True)

        assert (mine.status, mine.stdout, mine.stderr) == (3, b"mine\n", b"")

    def test_what_runs_apart_leaves_nothing_to_be_heard_later(self, shell: Shell) -> None:
        shell.run(("sh", "-c", "(sleep 0.3; echo intruder) & true"), timeout_s=20, apart=True)

        assert finished(shell, "sh", "-c", "sleep 0.6; echo mine").stdout == b"mine\n"

    def test_commands_run_at_the_same_time_do_not_mix(self, shell: Shell) -> None:
        def echoed(number: int) -> tuple[bytes, bytes]:
            printed = finished(shell, "sh", "-c", 'echo "$1"; echo "$1" >&2; sleep 0.01', "sh", f"{number}")
            return printed.stdout, printed.stderr

        with ThreadPoolExecutor(12) as pool:
            echoes = list(pool.map(echoed, range(60)))

        assert echoes == [(f"{number}\n".encode(),) * 2 for number in range(60)]

    def test_a_hanging_command_does_not_keep_others_waiting(self, shell: Shell) -> None:
        finished(shell, "true")
        with ThreadPoolExecutor(1) as pool:
            hanging = pool.submit(shell.run, ("sleep", "30"), timeout_s=1.0)
            time.sleep(0.1)

            assert finished(shell, "echo", "quick").stdout == b"quick\n"
            assert not hanging.done()
            assert isinstance(hanging.exception(), CommandTimedOut)

    @pytest.mark.parametrize("argv", [(), ("echo", "a\0b"), ("echo", "\ud800")], ids=ascii)
    def test_words_that_no_program_can_be_given_are_refused(
        self, shell: Shell, argv: tuple[str, ...]
    ) -> None:
        with pytest.raises(CommandFailed):
            shell.run(argv, timeout_s=5)


def gone(pid: int) -> bool:
    """Whether a process has ended, or does so within 3 s; nobody may have buried it yet."""
    until = time.monotonic() + PROMPTLY_S
    while time.monotonic() < until:
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                time.sleep(0.01)
                continue
        return True
    return False
