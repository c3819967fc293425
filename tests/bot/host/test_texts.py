"""The texts of an installation: exact rules, and scripts that can be run again."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

import bot.host
from bot.domain.remediation import HELPER, Target
from bot.errors import Refused
from tests.bot.host.installed import program

if TYPE_CHECKING:
    from pathlib import Path

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8vY0L1"
TARGET = Target("gunicorn", "gunicorn@a:b.service", "gunicorn", 16, (16, 32))
GRANTS = (
    ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", "TTOU", "gunicorn@a:b.service"),
    ("/usr/bin/systemctl", "daemon-reload"),
    (HELPER, "workers", "gunicorn@a:b.service", "2"),
    (HELPER, "workers", "gunicorn@a:b.service", "4"),
    (HELPER, "maxmemory", "gunicorn@a:b.service", "32", "allkeys-lru"),
    ("/usr/bin/true",),
)


@pytest.mark.needs("visudo")
def test_visudo_accepts_the_rules(tmp_path: Path) -> None:
    file = tmp_path / "memwarden"
    file.write_text(bot.host.sudoers("web-1", "deploy", GRANTS))
    file.chmod(0o440)

    checked = subprocess.run(["visudo", "-cf", str(file)], capture_output=True, text=True, check=False)

    assert (checked.returncode, checked.stderr) == (0, "")


def test_a_rule_is_one_command_with_all_its_words() -> None:
    who = "deploy ALL=(root) NOPASSWD:"
    assert bot.host.sudoers("web-1", "deploy", GRANTS) == (
        "# All that memwarden may do as root on web-1, word for word.\n"
        "# install as /etc/sudoers.d/memwarden\n"
        f"{who} /usr/bin/systemctl kill --kill-who\\=main -s TTOU gunicorn@a\\:b.service\n"
        f"{who} /usr/bin/systemctl daemon-reload\n"
        f"{who} {HELPER} workers gunicorn@a\\:b.service 2\n"
        f"{who} {HELPER} workers gunicorn@a\\:b.service 4\n"
        f"{who} {HELPER} maxmemory gunicorn@a\\:b.service 32 allkeys-lru\n"
        f'{who} /usr/bin/true ""\n'
    )


@pytest.mark.parametrize(
    "word", ["*", "a?", "[a]", "a b", "", "!x", "^a.*$", "a\\x2d", "a\nb", "#x", '"', "'", "größe"]
)
def test_no_rule_can_mean_more_than_it_says(word: str) -> None:
    with pytest.raises(Refused, match="No exact rule"):
        bot.host.rule(("/usr/bin/systemctl", "stop", word))


@pytest.mark.parametrize("argv", [(), ("systemctl", "stop"), ("ALL",)])
def test_a_rule_names_a_program_by_its_path(argv: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        bot.host.rule(argv)


@pytest.mark.parametrize(
    "login", ["ALL", "%wheel", "#0", "a b", "", "root,deploy", "-x", "a\nb", "ADMINS", "a=b"]
)
def test_rules_are_for_one_login(login: str) -> None:
    with pytest.raises(Refused):
        bot.host.sudoers("web-1", login, GRANTS)


def test_the_policy_says_no_more_than_the_rules() -> None:
    assert bot.host.policy([(TARGET, GRANTS)]) == (
        "# What memwarden-host may be asked for.\n"
        "workers gunicorn@a:b.service gunicorn 4\n"
        "maxmemory gunicorn@a:b.service 32\n"
    )


def test_the_policy_bounds_the_deep_read() -> None:
    assert "\nsmaps all 16384\n" in bot.host.policy([(TARGET, GRANTS)], smaps_mib=16384)


def test_a_hardened_key_runs_the_gate_alone() -> None:
    assert bot.host.authorized_line(KEY, hardened=True, is_jump=False) == (
        f'restrict,command="/usr/local/sbin/memwarden-host gate" {KEY} memwarden'
    )
    assert bot.host.authorized_line(KEY, hardened=False, is_jump=True) == (
        f"restrict,port-forwarding {KEY} memwarden"
    )


@pytest.mark.parametrize(
    "text", ["", "x", f'command="sh" {KEY}', f"{KEY}'\n", f"{KEY} a\n{KEY} b\n", "-----BEGIN"]
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(Refused):
        bot.host.public_key(text)


def test_a_comment_of_a_key_is_left_out() -> None:
    assert bot.host.public_key(f"{KEY} me@home 'x'\n") == KEY


def test_the_whole_installation_is_a_script_that_a_shell_can_read() -> None:
    steps = (
        bot.host.make_login("deploy"),
        bot.host.put_program(program()),
        bot.host.put_policy(bot.host.policy([(TARGET, GRANTS)])),
        bot.host.put_sudoers(bot.host.sudoers("web-1", "deploy", GRANTS)),
        bot.host.put_allowed(bot.host.allowed(["id -u", "printf 'a\nb'"])),
        bot.host.put_key("deploy", bot.host.authorized_line(KEY, hardened=True, is_jump=False)),
    )

    read = subprocess.run(
        ["sh", "-n"], input=bot.host.script("web-1", steps), capture_output=True, text=True, check=False
    )

    assert (read.returncode, read.stderr) == (0, "")


def test_a_key_takes_the_place_of_what_it_was_allowed_before(tmp_path: Path) -> None:
    line = bot.host.authorized_line(KEY, hardened=True, is_jump=False)
    text = bot.host.put_key("deploy", line).text.replace("su -s /bin/sh deploy", "sh")
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh/authorized_keys").write_text(f"ssh-rsa BBBB other\n{KEY} old\n# note\n")

    for _ in range(2):
        subprocess.run(["sh", "-c", text], env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}, check=True)

    assert (tmp_path / ".ssh/authorized_keys").read_text() == f"ssh-rsa BBBB other\n# note\n{line}\n"
