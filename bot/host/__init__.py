"""What is installed on a host: the program `memwarden-host` beside this file, and the texts around it.

The program derives what it writes by itself (`bot.domain.drop_in` does the same here), and checks whatever it
is given against a policy that only root can change. Who holds the bot's key can do what the rules name, word
for word; in hardened mode not even anything else without root.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.domain.remediation import HELPER
from bot.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.domain.remediation import Argv, Target

PROGRAM_FILE = "memwarden-host"
"""The name of the program's file in this package."""

POLICY_FILE, ALLOWED_FOLDER, SUDOERS_FILE = (
    "/etc/memwarden/policy",
    "/etc/memwarden/allowed",
    "/etc/sudoers.d/memwarden",
)
_LOGIN = re.compile(r"[a-z_][a-z0-9_.-]{0,31}")
# No wildcard, no quote, no blank, nothing that sudoers(5) reads as anything but itself when it is escaped.
_WORD = re.compile(r"[A-Za-z0-9@%_+./:=,-]+")
_ESCAPED = re.compile(r"([,:=\\])")
_KEY = re.compile(
    r"((?:ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-[a-z0-9-]+@openssh\.com)"
    r" [A-Za-z0-9+/]+={0,3})"
    r"(?: [^\n]*)?\n*"
)
_SCALED = frozenset({"gunicorn", "puma", "celery", "uwsgi"})
_END = "MEMWARDEN_END"


@dataclass(frozen=True, slots=True)
class Command:
    """One command of the installation, a text for a shell that runs as root, and what it does."""

    sentence: str
    text: str


def checked_login(name: str) -> str:
    """Return the name of a login if sudoers can hold it and a shell cannot mistake it. Raises Refused."""
    if not _LOGIN.fullmatch(name):
        raise Refused(
            "The name of the login on the host must be small letters, digits, `_`, `.` and `-`,"
            " and begin with a letter: name another with --user."
        )
    return name


def sudoers(host: str, login: str, grants: Iterable[Argv]) -> str:
    """Return the rules for a login: one exact command in each line. Raises Refused."""
    rules = [f"{checked_login(login)} ALL=(root) NOPASSWD: {rule(argv)}\n" for argv in grants]
    return "".join(
        (
            f"# All that memwarden may do as root on {_printable(host)}, word for word.\n",
            f"# install as {SUDOERS_FILE}\n",
            *rules,
        )
    )


def rule(argv: Argv) -> str:
    """Return a command as sudoers has it. Raises Refused for words that might mean more than themselves."""
    if not argv or not argv[0].startswith("/") or not all(_WORD.fullmatch(word) for word in argv):
        raise Refused(f"No exact rule can be written for {' '.join(argv)!a}: nothing was granted.")
    # Without arguments a rule would allow all of them; two quotes stand for none.
    words = argv if len(argv) > 1 else (*argv, '""')
    return " ".join(_ESCAPED.sub(r"\\\1", word) for word in words)


def policy(granted: Iterable[tuple[Target, Sequence[Argv]]], *, smaps_mib: int = 0) -> str:
    """Return the text of the program's policy: what of the program itself is granted.

    `smaps_mib` is how much resident memory may be walked to read PSS, 0 where that is not to be done.
    """
    lines = [f"smaps all {smaps_mib}"] if smaps_mib else []
    for target, grants in granted:
        counts = [int(argv[3]) for argv in grants if argv[:3] == (HELPER, "workers", target.unit)]
        sizes = {int(argv[3]) for argv in grants if argv[:3] == (HELPER, "maxmemory", target.unit)}
        if counts:
            program = target.program if target.program in _SCALED else "any"
            lines.append(f"workers {target.unit} {program} {max(counts)}")
        if sizes:
            lines.append(f"maxmemory {target.unit} {' '.join(map(str, sorted(sizes)))}")
    return "".join(f"{line}\n" for line in ("# What memwarden-host may be asked for.", *dict.fromkeys(lines)))


def allowed(commands: Iterable[str]) -> Mapping[str, str]:
    """Return the files of hardened mode, by name: one for each command, exactly as it comes over SSH."""
    return {hashlib.sha256(command.encode()).hexdigest(): f"{command}\n" for command in commands}


def public_key(text: str) -> str:
    """Return the type and the blob of a public key file. Raises Refused."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise Refused("The file named with --key holds no public key: one line such as `ssh-ed25519 AAAA…`.")
    return found[1]


def authorized_line(key: str, *, hardened: bool, is_jump: bool) -> str:
    """Return the line of authorized_keys for a key: no terminal, no forwarding; hardened only the gate.

    A host on the way to others must let connections through.
    """
    options = ["restrict"]
    if is_jump:
        options.append("port-forwarding")
    if hardened:
        options.append(f'command="{HELPER} gate"')
    return f"{','.join(options)} {key} memwarden"


def make_login(login: str) -> Command:
    """Return what makes the login where there is none."""
    name = checked_login(login)
    return Command(
        f"the login {name}, if there is none yet",
        f"id -u {name} >/dev/null 2>&1 || useradd --create-home --shell /bin/sh {name}\n",
    )


def put_program(text: str) -> Command:
    """Return what installs the program."""
    return Command("the program that does what root must do", _put(HELPER, text, "0755"))


def put_policy(text: str) -> Command:
    """Return what installs the program's policy."""
    return Command("what that program may be asked for", _put(POLICY_FILE, text, "0644"))


def put_sudoers(text: str) -> Command:
    """Return what installs the sudo rules, after visudo found nothing wrong with them."""
    return Command("the exact sudo rules", _put(SUDOERS_FILE, text, "0440", check="visudo -cqf"))


def put_allowed(files: Mapping[str, str]) -> Command:
    """Return what installs the commands that the gate lets through, all at once."""
    new, old = f"{ALLOWED_FOLDER}.new", f"{ALLOWED_FOLDER}.old"
    parts = [f"rm -rf {new} {old}\nmkdir -p {new}\n"]
    parts += [_heredoc(f"cat >{new}/{name}", text) for name, text in sorted(files.items())]
    parts.append(f"chown -R root:root {new}\nchmod 0755 {new}\nchmod 0644 {new}/*\n")
    parts.append(
        f"[ ! -e {ALLOWED_FOLDER} ] || mv {ALLOWED_FOLDER} {old}\nmv {new} {ALLOWED_FOLDER}\nrm -rf {old}\n"
    )
    return Command("the commands that this key may run, one in a file", "".join(parts))


def put_key(login: str, line: str) -> Command:
    """Return what lets a key in, in place of every other line with the same key; done as that login."""
    blob = line.split()[-2]
    text = (
        "set -eu\numask 077\ncd\nmkdir -p .ssh\ntouch .ssh/authorized_keys\n"
        f"awk -v key='{blob}' '{{ for (i = 1; i <= NF; i++) if ($i == key) next; print }}'"
        " .ssh/authorized_keys >.ssh/authorized_keys.new\n"
        f"printf '%s\\n' '{line}' >>.ssh/authorized_keys.new\n"
        "mv -f .ssh/authorized_keys.new .ssh/authorized_keys\n"
    )
    return Command("the key", _heredoc(f"su -s /bin/sh {checked_login(login)}", text))


def script(host: str, commands: Sequence[Command]) -> str:
    """Return the whole installation as a script that root can run on the host."""
    name = _printable(host)
    head = f"# memwarden on {name}. Run it there as root, or: memwarden host-setup {name} --do\n"
    return head + "".join(f"\n# {command.sentence}\n{shell_text(command)}" for command in commands)


def shell_text(command: Command) -> str:
    """Return a command as a shell is given it: with a PATH of its own, ended by its first failure."""
    return (
        "(\nset -eu\numask 022\nPATH=/usr/sbin:/usr/bin:/sbin:/bin\nexport PATH\n"
        f"{command.text.rstrip()}\n) || exit\n"
    )


def _put(path: str, text: str, mode: str, *, check: str = "") -> str:
    """Write a file beside its place, then move it there. Folders of sudo's do not read names with a dot."""
    new = f"{path}.new"
    return (
        f"mkdir -p {path.rpartition('/')[0]}\n"
        + _heredoc(f"cat >{new}", text)
        + f"chown root:root {new}\nchmod {mode} {new}\n"
        + (f"{check} {new} || {{ rm -f {new}; exit 1; }}\n" if check else "")
        + f"mv -f {new} {path}\n"
    )


def _heredoc(command: str, text: str) -> str:
    if not text.endswith("\n") or f"\n{_END}\n" in f"\n{text}":
        raise Refused("A text of the installation cannot be written: nothing was done.")
    return f"{command} <<'{_END}'\n{text}{_END}\n"


def _printable(name: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in name)
