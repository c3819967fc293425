"""Hardened mode: whoever holds the key runs what the host allows, byte for byte, and nothing else."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

import pytest

from adapters.hosts.ssh.keys import Keyring
from adapters.hosts.ssh.refusals import Refusals
from adapters.hosts.ssh.shell import ssh_shell
from bot import probe
from bot.domain.host import Timeouts
from tests.bot.host.installed import Installed, install
from tests.servers.sshd import running_sshd

if TYPE_CHECKING:
    from pathlib import Path

    from tests.servers.sshd import Keys

PROBE = probe.command()
HELLO = ("printf", "%s\n", 'it\'s $HOME; `id` \\ "x"\n*')
SHORT = "id -u"
HOSTILE = (
    *(
        "",
        " ",
        "sh",
        "/bin/sh",
        "bash -i",
        "id",
        "id -u ",
        " id -u",
        "id  -u",
        "id -u\n",
        "id -u;id",
        "id -u && id",
    ),
    *(
        "id -u # x",
        "id -u\nid",
        "id -u\rid",
        "id -u | sh",
        "id -u > /tmp/x",
        "id -u $(id)",
        "id -u `id`",
        "ID -U",
    ),
    *(
        "id\t-u",
        "'id' -u",
        "id '-u'",
        '"id" -u',
        "\\id -u",
        "id -u &",
        "exec id -u",
        "env id -u",
        "command id -u",
    ),
    *(
        "*",
        "i* -u",
        "id -?",
        "/usr/bin/id -u",
        "../../../usr/bin/id -u",
        "~",
        "$SHELL",
        "${SHELL}",
        "-c id",
        "--",
    ),
    *(
        "scp -t /",
        "scp -f /etc/passwd",
        "internal-sftp",
        "/usr/lib/openssh/sftp-server",
        "rsync --server . /",
    ),
    *(
        "/usr/local/sbin/memwarden-host gate",
        "memwarden-host version",
        "sudo -n sh",
        "sudo -n id -u",
        "sudo -s",
    ),
    *("sudo -n /usr/bin/systemctl stop ssh.service", "sudo -n /usr/bin/systemctl edit gunicorn.service"),
    *(
        "cat /etc/shadow",
        "cat ~/.ssh/authorized_keys",
        "echo x >> ~/.ssh/authorized_keys",
        "crontab -",
        "nohup sh",
    ),
    *("id -u\x0b", "id -u\x7f", "id -u\u00a0", "\ufeffid -u", "id\u2000-u", "id -\u0075\u0301", "id -u" * 2),
    *("A" * 100_000, "id -u" + " " * 1000, "\x1b[2Jid -u", "%s%n", "-n id -u", "printf", "printf '%s\n'"),
    *(
        "exec /bin/sh -c 'echo x;echo x >&2;exec /bin/sh'",
        "/bin/sh -c 'kill -9 -1 1'",
        "SSH_ORIGINAL_COMMAND=id -u",
    ),
    *(
        "3e8",
        "a" * 64,
        "../policy",
        "." * 3,
        "{id,-u}",
        "id${IFS}-u",
        "id$IFS-u",
        "!!",
        "<(id)",
        "id -u<x",
        "[ -e x ]",
    ),
)


@pytest.fixture
def host(tmp_path: Path) -> Installed:
    host = install(tmp_path)
    host.allows(SHORT, shlex.join(HELLO), shlex.join(PROBE))
    return host


def asked(host: Installed, command: str) -> tuple[int, str, str]:
    ran = host.run("gate", env={"SSH_ORIGINAL_COMMAND": command, "LC_ALL": "de_DE.UTF-8"})
    return ran.returncode, ran.stdout, ran.stderr


def test_what_is_allowed_runs_as_it_would_without_the_gate(host: Installed) -> None:
    assert asked(host, shlex.join(HELLO)) == (0, 'it\'s $HOME; `id` \\ "x"\n*\n', "")

    status, out, _ = asked(host, shlex.join(PROBE))
    assert status == 0
    assert out.startswith("@meminfo\n")
    assert out.endswith("@end\n")


@pytest.mark.parametrize("command", HOSTILE, ids=range(len(HOSTILE)))
def test_everything_else_is_refused_in_one_line(host: Installed, command: str) -> None:
    assert asked(host, command) == (126, "", "memwarden-host: this key may not run that here\n")


def test_without_a_command_there_is_no_shell(host: Installed) -> None:
    assert host.run("gate").returncode == 126


def test_a_file_of_the_right_name_allows_only_its_own_bytes(host: Installed) -> None:
    for path in (host.root / "etc/memwarden/allowed").iterdir():
        path.write_text("id\n")

    assert asked(host, SHORT)[0] == 126


@pytest.mark.parametrize("place", ["etc/memwarden", "etc/memwarden/allowed"])
def test_a_folder_that_others_can_write_allows_nothing(host: Installed, place: str) -> None:
    (host.root / place).chmod(0o777)

    assert asked(host, SHORT)[:2] == (126, "")


def test_a_file_that_others_can_write_or_a_link_allows_nothing(host: Installed) -> None:
    (allowed,) = [
        path for path in (host.root / "etc/memwarden/allowed").iterdir() if path.read_text() == "id -u\n"
    ]
    allowed.chmod(0o666)
    assert asked(host, SHORT)[0] == 126

    elsewhere = host.root / "elsewhere"
    elsewhere.write_text("id -u\n")
    allowed.unlink()
    allowed.symlink_to(elsewhere)
    assert asked(host, SHORT)[0] == 126


def test_the_bot_works_through_the_gate_and_a_thief_does_not(
    keys: Keys, host: Installed, tmp_path: Path
) -> None:
    gate = f'restrict,command="{host.shell[0]} {host.root}/program gate"'
    with running_sshd(tmp_path / "sshd", keys, authorized=gate) as server:
        shell = ssh_shell(
            server.host(),
            timeouts=Timeouts(),
            keyring=Keyring(),
            refusals=Refusals(),
        )
        try:
            hello = shell.run(HELLO, timeout_s=20)
            probed = shell.run(PROBE, timeout_s=20)
            refused = [
                shell.run(argv, timeout_s=20)
                for argv in (("id",), ("sh", "-c", "id"), ("cat", "/etc/passwd"))
            ]
        finally:
            shell.close()

    assert hello.stdout == b'it\'s $HOME; `id` \\ "x"\n*\n'
    assert probed.stdout.startswith(b"@meminfo\n")
    assert [(answer.status, answer.stdout) for answer in refused] == [(126, b"")] * 3
