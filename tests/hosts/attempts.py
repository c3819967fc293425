"""What somebody tries who has stolen the bot's key: each attempt, and in which modes it works."""

from __future__ import annotations

import shlex
from dataclasses import dataclass

from bot import probe

HELPER = "/usr/local/sbin/memwarden-host"
SUDO = "/usr/bin/sudo -n"
EVIL = "/tmp/evil"  # noqa: S108 - a folder on the test's host, where a thief would have one
"""A folder of the thief's on the host: false programs, a unit, files for shells to read."""

PLAIN, HARDENED = "plain", "hardened"
BOTH = frozenset({PLAIN, HARDENED})
NEITHER = frozenset[str]()
ONLY_PLAIN = frozenset({PLAIN})


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something a thief wants, and a command that ends with 0 only where he gets it.

    `options` are words for his ssh, or its like, the `program`. `works` are the modes in which it is known to
    work.
    """

    what: str
    command: str
    works: frozenset[str] = NEITHER
    options: tuple[str, ...] = ()
    stdin: str = ""
    program: str = "ssh"
    environment: tuple[tuple[str, str], ...] = ()


def _all(what: str, *commands: str, works: frozenset[str] = NEITHER) -> tuple[Attempt, ...]:
    return tuple(Attempt(what, command, works) for command in commands)


def _as_root(what: str, *words: str, works: frozenset[str] = NEITHER) -> tuple[Attempt, ...]:
    return _all(what, *(f"{SUDO} {each}" for each in words), works=works)


def _systemctl(what: str, *words: str, works: frozenset[str] = NEITHER) -> tuple[Attempt, ...]:
    return _as_root(what, *(f"/usr/bin/systemctl {each}" for each in words), works=works)


def _helper(what: str, *words: str, works: frozenset[str] = NEITHER) -> tuple[Attempt, ...]:
    return _as_root(what, *(f"{HELPER} {each}" for each in words), works=works)


def _fooled(what: str, before: str) -> Attempt:
    """A granted command in hostile surroundings: it works where something of the thief's ran as root."""
    seen = f'[ "$(stat -c %U {EVIL}/ran)" = root ]'
    return Attempt(what, f"rm -f {EVIL}/ran; {before} >{EVIL}/said 2>&1; {seen}")


GRANTED = (
    *_all(
        "see every process with its command line and its memory, as reports show them",
        shlex.join(probe.command(deep=True)),
        works=BOTH,
    ),
    *_systemctl(
        "stop, start, restart, disable and enable the services that were named",
        "stop daphne.service",
        "disable daphne.service",
        "enable daphne.service",
        "start daphne.service",
        "restart daphne.service",
        works=BOTH,
    ),
    *_systemctl(
        "tell the web server to end or start one worker, as often as they like",
        "kill --kill-who=main -s TTOU gunicorn.service",
        "kill --kill-who=main -s TTIN gunicorn.service",
        works=BOTH,
    ),
    *_helper(
        "set a lasting number of workers, from 1 to `most_workers`, and take that back",
        "workers gunicorn.service 1",
        "workers gunicorn.service 16",
        "forget gunicorn.service",
        works=BOTH,
    ),
    *_helper(
        "set a lasting limit of redis, one of `sizes`, with any policy, and take that back",
        "maxmemory redis-server.service 64 allkeys-lru",
        "forget redis-server.service",
        works=BOTH,
    ),
    *_systemctl("have systemd read its files again", "daemon-reload", works=BOTH),
    *_all(
        "read how these services are started: their unit files, secrets in them too",
        "/usr/bin/systemctl cat --no-pager -- gunicorn.service",
        works=BOTH,
    ),
    *_all(
        "ask redis about itself, and set its limit and policy until it restarts",
        "/usr/bin/redis-cli INFO memory",
        "/usr/bin/redis-cli CONFIG SET maxmemory-policy noeviction",
        "/usr/bin/redis-cli CONFIG SET maxmemory 0",
        works=BOTH,
    ),
)

AS_ANY_LOGIN = (
    *_all("run any command without rights", "id -u", "sh -c 'echo x'", "cat /etc/passwd", works=ONLY_PLAIN),
    *_helper("read how much memory each process shares, by a command of its own", "smaps", works=ONLY_PLAIN),
    Attempt("have a shell", "", ONLY_PLAIN, stdin="id -u\n"),
    *_all(
        "ask any server on the host that asks for no password: redis for any key, and to drop them all",
        "/usr/bin/redis-cli PING",
        works=ONLY_PLAIN,
    ),
    *_all(
        "leave keys and jobs of that login behind, which outlive the stolen key",
        "cp ~/.ssh/authorized_keys ~/.ssh/copy && cat ~/.ssh/copy >>~/.ssh/authorized_keys"
        " && mv ~/.ssh/copy ~/.ssh/authorized_keys",
        "echo '# nothing' | crontab - && crontab -r",
        works=ONLY_PLAIN,
    ),
    *_all(
        "reach what the host reaches, by a program of their own",
        "python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", 80))'",
        works=ONLY_PLAIN,
    ),
    *_all("fill the disk where anyone may write", f"echo x >{EVIL}/x", works=ONLY_PLAIN),
)

SHELLS = (
    Attempt("have a terminal", "tty", options=("-tt",)),
    Attempt("use the ssh-agent of whoever connects", 'test -S "$SSH_AUTH_SOCK"', options=("-A",)),
    Attempt(
        "use their display (X11)",
        'test -n "$DISPLAY"',
        options=("-Y",),
        environment=(("DISPLAY", "127.0.0.1:9"),),
    ),
    Attempt(
        "have ssh reach other servers through the host (-L, -D)",
        "",
        options=("-W", "127.0.0.1:80"),
        stdin="GET / HTTP/1.0\n\n",
    ),
    Attempt(
        "be reached through it (-R)",
        "true",
        options=("-o", "ExitOnForwardFailure=yes", "-R", "0:127.0.0.1:9"),
    ),
    Attempt(
        "be reached through a socket file",
        "true",
        options=("-o", "ExitOnForwardFailure=yes", "-R", f"{EVIL}/socket:127.0.0.1:9"),
    ),
    Attempt(
        "have a network through it (-w)", "true", options=("-o", "ExitOnForwardFailure=yes", "-w", "any:any")
    ),
    Attempt(
        "set variables of the session",
        'test "$BASH_ENV$LD_PRELOAD$PATH" = xxx',
        options=("-o", "SetEnv=BASH_ENV=x LD_PRELOAD=x PATH=x"),
    ),
)

COPIES = (
    Attempt(
        "copy files that anyone may read", "", ONLY_PLAIN, stdin="get /etc/passwd /dev/null\n", program="sftp"
    ),
    Attempt("copy files that anyone may read", "/etc/passwd", ONLY_PLAIN, program="scp"),
    Attempt("copy files to where root reads", "", stdin="put /etc/hostname /etc/cron.d/x\n", program="sftp"),
    Attempt("copy files to where root reads", "", stdin=f"put /etc/hostname {HELPER}\n", program="sftp"),
    Attempt("copy files to where root reads", "", stdin="get /etc/shadow /dev/null\n", program="sftp"),
)

ROOT = (
    *_as_root(
        "have a shell, or a program of their choice, as root",
        "-s",
        "-i",
        "/bin/sh -c id",
        "su",
        "id -u",
        "/usr/bin/env sh",
    ),
    *_as_root(
        "run awk, tee or cat as root", "/usr/bin/awk BEGIN{}", f"tee {EVIL}/x", "/usr/bin/cat /etc/shadow"
    ),
    *_as_root("become another user", "-u redis id", "-u#-1 id", "-u www-data id", "-g root id"),
    *_as_root("edit as root", "-e /etc/passwd", "sudoedit /etc/passwd"),
    *_as_root(
        "run a granted command with variables, or in another folder or root",
        f"LD_PRELOAD={EVIL}/x.so /usr/bin/systemctl daemon-reload",
        f"PATH={EVIL} /usr/bin/systemctl daemon-reload",
        "-E /usr/bin/systemctl daemon-reload",
        f"-D {EVIL} /usr/bin/systemctl daemon-reload",
        f"-R {EVIL} /usr/bin/systemctl daemon-reload",
        "-C 9 /usr/bin/systemctl daemon-reload",
        "-b -T 9 -p x /usr/bin/systemctl reboot",
    ),
    *_as_root("run another program of a granted name", f"{EVIL}/systemctl daemon-reload", "systemd-run true"),
    *_all("read the password file", "cat /etc/shadow", "cp /etc/shadow ~"),
    *_all(
        "read root's files, or clear the kernel's log",
        "ls /root",
        "cat /etc/sudoers.d/memwarden",
        "dmesg --clear",
    ),
    *_all(
        "read others' environment, memory or open files",
        "cat /proc/1/environ",
        "cat /proc/$(pgrep -o gunicorn)/environ",
        "cat /proc/$(pgrep -o redis-server)/mem",
        "cat /proc/$(pgrep -o gunicorn)/smaps_rollup",
        "ls /proc/$(pgrep -o gunicorn)/fd/",
    ),
    *_all("end others' processes", "kill -9 $(pgrep -o gunicorn)", "kill -9 1"),
)

SYSTEMD = (
    *_systemctl(
        "stop or restart what is essential: ssh, dbus, the journal, the host itself",
        *("stop ssh.service", "restart ssh.service", "stop dbus.service", "kill ssh.service"),
        *(
            "stop systemd-journald.service",
            "stop nginx.service",
            "poweroff",
            "reboot",
            "isolate rescue.target",
        ),
        "kill --kill-who=main -s TTOU ssh.service",
    ),
    *_systemctl(
        "edit, link, mask or bend units (edit, link, set-property, set-environment)",
        *("edit gunicorn.service", "edit --full gunicorn.service", f"link {EVIL}/evil.service"),
        *(
            f"enable {EVIL}/evil.service",
            "set-property gunicorn.service MemoryMax=1M",
            "mask gunicorn.service",
        ),
        *("revert gunicorn.service", "set-environment LD_PRELOAD=x", "import-environment", "daemon-reexec"),
        *("preset-all", "set-default rescue.target", "log-level debug", "bind gunicorn.service /etc /srv"),
    ),
    *_systemctl(
        "say more, fewer or other words than a granted command has",
        *("stop daphne.service ssh.service", "stop daphne.service --now", "--root=/ stop daphne.service"),
        *("stop -H x daphne.service", "stop --force daphne.service", "stop daphne", "stop 'daphne.*'"),
        *("stop ./daphne.service", "stop 'daphne.service\nssh.service'", "stop daphne.service ''", "stop"),
        *(
            "kill gunicorn.service",
            "kill -s KILL gunicorn.service",
            "kill --kill-who=all -s TTOU gunicorn.service",
        ),
        *(
            "kill --kill-who=main -s TERM gunicorn.service",
            "start evil.service",
            "--no-pager stop daphne.service",
        ),
        *("status", "list-units", "show-environment"),
    ),
    *_all(
        "order systemd about without sudo",
        *(
            "systemctl stop daphne.service",
            "systemctl restart ssh",
            "systemctl daemon-reload",
            "systemd-run true",
        ),
        "busctl call org.freedesktop.systemd1 /org/freedesktop/systemd1 org.freedesktop.systemd1.Manager"
        " StopUnit ss ssh.service replace",
    ),
)

HELPERS = (
    *_helper(
        "have the program write for another unit, path or pattern",
        *(
            "workers ssh.service 2",
            "workers nginx.service 2",
            "workers daphne.service 2",
            "forget ssh.service",
        ),
        *(
            "workers ../../../tmp/x.service 2",
            "workers /etc/passwd 2",
            "workers gunicorn 2",
            "forget gunicorn",
        ),
        *("workers 'gunicorn.service\n' 2", "workers 'gunicorn.*' 2", "workers '*.service' 2", "forget -- x"),
        *(
            "workers --help 2",
            "workers -x.service 2",
            "workers 'gunicorn.service ssh.service' 2",
            "forget ''",
        ),
        *("workers 'gunicorn.service.d/../ssh.service' 2", "workers gunicorn.service/../ssh.service 2"),
        *("workers '$(id).service' 2", "workers '`id`.service' 2", "workers gunicorn@x.service 2"),
    ),
    *_helper(
        "have it write another number of workers, such as 0 or 100000, or words",
        *("workers gunicorn.service 0", "workers gunicorn.service 17", "workers gunicorn.service 100000"),
        *("workers gunicorn.service -1", "workers gunicorn.service 02", "workers gunicorn.service 1e3"),
        *("workers gunicorn.service ''", "workers gunicorn.service '2 --config=/tmp/evil/x'"),
        *("workers gunicorn.service '2\n3'", "workers gunicorn.service '*'", "workers gunicorn.service"),
        *("workers gunicorn.service 2 --pythonpath=/tmp/evil", "workers gunicorn.service '2;id'"),
    ),
    *_helper(
        "have it write another limit of redis, or words",
        *("maxmemory redis-server.service 1 noeviction", "maxmemory redis-server.service 17 allkeys-lru"),
        *("maxmemory redis-server.service 16 'noeviction --dir /root'", "maxmemory redis-server.service 16"),
        *("maxmemory gunicorn.service 16 noeviction", "maxmemory redis-server.service 16 ../x"),
    ),
    *_helper("use other words of the program", "gate", "smaps all", "smaps 99999", "version", "-c id", ""),
    *_as_root(
        "run the program in another way",
        f"sh {HELPER} workers gunicorn.service 2",
        f"{EVIL}/memwarden-host workers gunicorn.service 2",
    ),
    Attempt("open the gate from inside", f"SSH_ORIGINAL_COMMAND=id {HELPER} gate"),
)

FILES = (
    *_all(
        "write or replace what root reads: the program, its policy, rules, units, jobs",
        *(f"echo x >{path}" for path in (f"{HELPER}", "/etc/memwarden/policy", "/etc/sudoers.d/memwarden")),
        *(
            f"echo x >{path}"
            for path in ("/etc/systemd/system/x.service", "/etc/ld.so.preload", "/etc/cron.d/x")
        ),
        "echo x >/run/systemd/system/x.service",
        "echo x >/etc/memwarden/allowed/$(printf id | sha256sum | cut -d' ' -f1)",
        "mkdir /etc/systemd/system/ssh.service.d",
        "mv /etc/memwarden /etc/memwarden.old",
        f"ln -sf {EVIL}/memwarden-host {HELPER}",
        "rm -rf /etc/memwarden/policy",
        "chmod 777 /etc/memwarden",
    ),
    *_all(
        "put a link where the drop-in goes, before or while it is written",
        f"ln -s {EVIL} /etc/systemd/system/gunicorn.service.d",
        "i=0; while [ $i -lt 40 ]; do i=$((i+1));"
        f" ln -s {EVIL} /etc/systemd/system/gunicorn.service.d 2>/dev/null && exit 0;"
        f" ln -s /etc/passwd /etc/systemd/system/gunicorn.service.d/50-memwarden.conf 2>/dev/null && exit 0;"
        f" {SUDO} {HELPER} workers gunicorn.service 2 >/dev/null & done; wait;"
        f" {SUDO} {HELPER} forget gunicorn.service; test -e {EVIL}/50-memwarden.conf",
    ),
)

SURROUNDINGS = (
    _fooled(
        "have root run false programs (PATH)", f"PATH={EVIL}:$PATH {SUDO} {HELPER} forget gunicorn.service"
    ),
    _fooled(
        "have root run false programs in the working folder",
        f"cd {EVIL}; PATH=.:$PATH {SUDO} {HELPER} workers gunicorn.service 2;"
        f" {SUDO} {HELPER} forget gunicorn.service",
    ),
    _fooled(
        "have root read their start-up files (ENV, BASH_ENV, IFS)",
        f"export ENV={EVIL}/env BASH_ENV={EVIL}/env IFS=/ PS4='$({EVIL}/env)' SHELLOPTS=xtrace;"
        f" {SUDO} {HELPER} forget gunicorn.service",
    ),
    _fooled(
        "hand root functions of a shell",
        f"env 'BASH_FUNC_awk%%=() {{ {EVIL}/awk; }}' 'awk=() {{ {EVIL}/awk; }}'"
        f" {SUDO} {HELPER} forget gunicorn.service",
    ),
    _fooled(
        "hand systemctl their pager, editor or units",
        f"export PAGER={EVIL}/awk SYSTEMD_PAGER={EVIL}/awk SYSTEMD_EDITOR={EVIL}/awk"
        f" LESSOPEN='|{EVIL}/awk %s' SYSTEMD_PAGERSECURE=0 SYSTEMD_UNIT_PATH={EVIL}: SYSTEMD_BUS_ADDRESS=x;"
        f" {SUDO} /usr/bin/systemctl daemon-reload",
    ),
    Attempt(
        "load libraries of their own (LD_PRELOAD)",
        f"LD_PRELOAD={EVIL}/x.so LD_LIBRARY_PATH={EVIL} {SUDO} {HELPER} smaps 2>&1 | grep -q 'evil/x.so'",
    ),
    Attempt(
        "cut the drop-in short by their limits (ulimit)",
        f"(ulimit -f 0; {SUDO} {HELPER} workers gunicorn.service 2) >/dev/null 2>&1;"
        " d=/etc/systemd/system/gunicorn.service.d; ls -A $d 2>/dev/null | grep -v made-by | grep -q . &&"
        " ! grep -q 'workers 2' $d/50-memwarden.conf",
    ),
    Attempt(
        "confuse the program by closed streams",
        f"{SUDO} {HELPER} workers gunicorn.service 2 <&- >&- 2>&-;"
        " ! grep -q 'workers 2' /etc/systemd/system/gunicorn.service.d/50-memwarden.conf;"
        f" s=$?; {SUDO} {HELPER} forget gunicorn.service; exit $s",
    ),
)

AROUND_THE_GATE = (
    *_all(
        "add to a granted command, in front, behind or after it",
        *(
            f"{SUDO} /usr/bin/systemctl daemon-reload{more}"
            for more in ("; id", " && id", "\nid", " | id", " &", " ")
        ),
        f" {SUDO} /usr/bin/systemctl daemon-reload",
        f"exec {SUDO} /usr/bin/systemctl daemon-reload",
        "/usr/bin/redis-cli INFO memory; id",
        "/usr/bin/redis-cli INFO all",
        works=ONLY_PLAIN,
    ),
    *_all("read other paths", "/usr/bin/cat /etc/passwd", "/usr/bin/test -e /etc/passwd", works=ONLY_PLAIN),
    *_all(
        "ask redis for more",
        "/usr/bin/redis-cli CONFIG SET maxmemory 1073741825",
        "/usr/bin/redis-cli CONFIG SET maxmemory 0 # ",
        "/usr/bin/redis-cli -h 127.0.0.1 PING",
        works=ONLY_PLAIN,
    ),
    *_all("open the gate for themselves", f"SSH_ORIGINAL_COMMAND='id -u' sh {HELPER} gate", works=NEITHER),
)

ATTEMPTS = (
    *GRANTED,
    *AS_ANY_LOGIN,
    *SHELLS,
    *COPIES,
    *ROOT,
    *SYSTEMD,
    *HELPERS,
    *FILES,
    *SURROUNDINGS,
    *AROUND_THE_GATE,
)
