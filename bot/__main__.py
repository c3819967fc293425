"""The front door: command line, configuration, wire, run."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters import log, wiring
from bot.domain.check import Checked
from bot.domain.policy import Level
from bot.errors import BotError, HostKeyChanged, HostKeyUnknown
from bot.flows.check import check_all
from bot.usage import known_host
from bot.views import status
from bot.views.check_json import check_json
from bot.views.report import report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import FrameType

    from bot.domain.check import Failed
    from bot.message import Message

# The convention of monitoring plugins: what a scheduler such as Nagios or Icinga understands.
_STATUS = {Level.GOOD: 0, Level.ACCEPTABLE: 0, Level.WARNING: 1, Level.CRITICAL: 2, Level.UNKNOWN: 3}
_UNKNOWN = 3
_FAILED = 1
# As a shell reports the signals SIGINT and SIGTERM.
_INTERRUPTED = 130
_TERMINATED = 143


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    help="The configuration file. Else MEMWARDEN_CONFIG, ./config.toml, or config.toml in the user's "
    "configuration directory.",
)
@click.version_option(package_name="memwarden")
@click.pass_context
def cli(context: click.Context, file: Path | None) -> None:
    """Tell where a server's memory goes, in chat or here."""
    context.obj = file


@cli.command()
@click.pass_obj
def run(file: Path | None) -> None:
    """Serve every configured chat platform.

    Without a configuration: this machine, in this terminal.
    """
    _serve(file)


@cli.command()
@click.pass_obj
def chat(file: Path | None) -> None:
    """Serve this terminal alone; lines piped in are answered one by one."""
    _serve(file, only=wiring.TERMINAL)


@cli.command()
@click.argument("hosts", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
@click.option("--deep", is_flag=True, help="Read PSS too: exact, but dearer for the host; may need sudo.")
@click.pass_obj
def check(file: Path | None, hosts: tuple[str, ...], *, as_json: bool, deep: bool) -> None:
    """Look once at HOSTS, or at all of them.

    Exit status: 0 good or acceptable, 1 warning, 2 critical, 3 unknown; the worst host counts.
    """
    try:
        found = _look(wiring.setting(file), hosts, deep=deep)
    except BotError as error:
        click.echo(str(error), err=True)
        sys.exit(_UNKNOWN)
    if as_json:
        click.echo(check_json(found))
    else:
        wiring.show(_said(found))
    levels = [each.assessment.level if isinstance(each, Checked) else Level.UNKNOWN for each in found]
    sys.exit(_STATUS[max(levels, key=lambda level: level.severity)])


@cli.command()
@click.argument("host")
@click.option("--fingerprint", help="Pin the key with this SHA256:… fingerprint, without asking.")
@click.pass_obj
def trust(file: Path | None, host: str, fingerprint: str | None) -> None:
    """Show the keys of HOST and pin them after a yes.

    Jump hosts on the way that are not trusted yet come first.
    """
    setting = wiring.setting(file)
    name = known_host(host, _names(setting))
    while True:
        offered = wiring.offered_keys(setting, name)
        _pin(offered, fingerprint if offered.is_last else None)
        if offered.is_last:
            return


@cli.group(name="config")
def config_() -> None:
    """Work on the configuration."""


@config_.command(name="check")
@click.pass_obj
def config_check(file: Path | None) -> None:
    """Report every mistake in the configuration file at once."""
    setting = wiring.setting(file)
    count = len(setting.config.hosts)
    click.echo(
        f"{setting.file or 'no file, so the defaults'}: right ({count} {'host' if count == 1 else 'hosts'})"
    )


def _pin(offered: wiring.OfferedKeys, fingerprint: str | None) -> None:
    """Pin the key with this fingerprint, or after a yes all of them. Raises HostError where none is."""
    host = offered.host
    if fingerprint is None:
        for key in offered.keys:
            click.echo(f"{key.fingerprint}  {key.type}")
        click.echo(f"On {host} itself, `ssh-keygen -lf` of /etc/ssh/ssh_host_*_key.pub prints the same.")
        if not click.confirm(f"Pin them for {host}?"):
            raise HostKeyUnknown(f"The keys of {host} were not confirmed. Nothing was pinned.")
    chosen = tuple(key for key in offered.keys if fingerprint in (None, key.fingerprint))
    if not chosen:
        shown = ", ".join(key.fingerprint for key in offered.keys)
        raise HostKeyChanged(f"{host} shows no key {fingerprint} but {shown}. Nothing was pinned.")
    offered.pin(chosen)
    click.echo(f"pinned {', '.join(key.type for key in chosen)} for {host} in {offered.known_hosts}")


def _serve(file: Path | None, only: str | None = None) -> None:
    # Who serves is meant to be stopped: that is no failure.
    _on_termination(0)
    wiring.serve(wiring.setting(file), only=only)


def _look(setting: wiring.Setting, hosts: tuple[str, ...], *, deep: bool) -> list[Checked | Failed]:
    all_names = _names(setting)
    asked_for = tuple(dict.fromkeys(known_host(host, all_names) for host in hosts))
    with wiring.ports(setting, remember=False) as ports:
        return check_all(ports, asked_for or all_names, deep=deep)


def _names(setting: wiring.Setting) -> tuple[str, ...]:
    return tuple(host.name for host in setting.config.hosts)


def _said(found: Sequence[Checked | Failed]) -> Message:
    only = found[0]
    if len(found) > 1:
        message = status.fleet(found)
    else:
        message = report(only) if isinstance(only, Checked) else status.one_host(only)
    return replace(message, buttons=())


def _on_termination(status: int) -> None:
    """End everything in order on SIGTERM: what `docker stop` and systemd send."""

    def stop(_signal: int, _frame: FrameType | None) -> None:
        sys.exit(status)

    signal.signal(signal.SIGTERM, stop)


def main() -> None:
    """Run the command line; every way out is a sentence and a status, never a traceback."""
    log.start()
    _on_termination(_TERMINATED)
    try:
        sys.exit(cli.main(prog_name="memwarden", standalone_mode=False))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(_INTERRUPTED)
    except BotError as error:
        click.echo(str(error), err=True)
        sys.exit(_FAILED)
    except BrokenPipeError:
        # Whoever read our output has gone; nothing is left to say, not even at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(_FAILED)


if __name__ == "__main__":
    main()
