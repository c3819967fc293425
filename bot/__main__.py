"""The front door: command line, configuration, wire, run."""

from __future__ import annotations

import atexit
import os
import signal
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters import log, wiring
from bot.domain.check import Checked
from bot.domain.finding import State
from bot.domain.policy import Level
from bot.domain.units import counted
from bot.errors import BotError, ConfigError
from bot.flows.check import check_all
from bot.flows.doctor import mistakes
from bot.front import host_names, meant_host
from bot.front.access import host_setup, sudoers, trust
from bot.front.record import audit
from bot.views import doctor, status
from bot.views.check_json import check_json
from bot.views.report import report

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from types import FrameType

    from bot.domain.check import Failed
    from bot.domain.finding import Finding
    from bot.message import Message

# The convention of monitoring plugins: what a scheduler such as Nagios or Icinga understands.
_STATUS = {Level.GOOD: 0, Level.ACCEPTABLE: 0, Level.WARNING: 1, Level.CRITICAL: 2, Level.UNKNOWN: 3}
_UNKNOWN = 3
_FAILED = 1
# As a shell reports the signals SIGINT and SIGTERM.
_INTERRUPTED = 130
_TERMINATED = 143
# After SIGTERM the program ends within this time, whatever a library's threads still wait for.
_END_WITHIN_S = 2.0


class _Front(click.Group):
    """Our commands, and for each chat platform that can print something a group of its own.

    A platform is imported only when somebody asks for it or for the list of all commands.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        platforms = (name for name in wiring.platforms() if wiring.prints(name))
        return sorted({*super().list_commands(ctx), *platforms})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        own = super().get_command(ctx, cmd_name)
        if own is not None or cmd_name not in wiring.platforms():
            return own
        printing = [_printing(cmd_name, name) for name in wiring.prints(cmd_name)]
        if not printing:
            return None
        return click.Group(cmd_name, commands=printing, help=f"Set up {cmd_name.title()}.")


def _printing(platform: str, printed: wiring.Print) -> click.Command:
    @click.pass_obj
    def show(file: Path | None) -> None:
        click.echo(wiring.printed(wiring.setting(file), platform, printed).rstrip("\n"))

    return click.Command(printed.name, help=printed.help, callback=show)


@click.group(cls=_Front, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, readable=False),
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
    """Serve every configured chat platform, and watch every host.

    Without a configuration: this machine, in this terminal. SIGHUP reads the configuration again. Of several
    with the same database one watches, and another takes over when it ends.
    """
    _serve(file)


@cli.command()
@click.pass_obj
def chat(file: Path | None) -> None:
    """Serve this terminal alone; lines piped in are answered one by one."""
    _serve(file, only=wiring.TERMINAL)


for _command in (trust, sudoers, host_setup, audit):
    cli.add_command(_command)


class _UnreadableUsageError(click.UsageError):
    exit_code = _UNKNOWN


class _Plugin(click.Command):
    """A command that monitoring systems call: they read 1 and 2 as states of a host, so failing is 3."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            raise _UnreadableUsageError(error.message, error.ctx) from error

    def invoke(self, ctx: click.Context) -> None:
        try:
            super().invoke(ctx)
        except (BotError, OSError) as error:
            _tell(error)
            sys.exit(_UNKNOWN)


@cli.command(cls=_Plugin)
@click.argument("hosts", nargs=-1)
@click.option("--json", "as_json", is_flag=True, help="Write JSON instead of text.")
@click.option("--deep", is_flag=True, help="Read PSS too: exact, but dearer for the host; may need sudo.")
@click.pass_obj
def check(file: Path | None, hosts: tuple[str, ...], *, as_json: bool, deep: bool) -> None:
    """Look once at HOSTS, or at all of them.

    Exit status: 0 good or acceptable, 1 warning, 2 critical, 3 unknown; the worst host counts.
    """
    found = _look(wiring.setting(file), hosts, deep=deep)
    if as_json:
        click.echo(check_json(found))
    else:
        wiring.show(_said(found))
    sys.stdout.flush()
    levels = [each.assessment.level if isinstance(each, Checked) else Level.UNKNOWN for each in found]
    sys.exit(_STATUS[max(levels, key=lambda level: level.severity)])


@cli.command(name="doctor")
@click.argument("hosts", nargs=-1)
@click.pass_obj
def doctor_(file: Path | None, hosts: tuple[str, ...]) -> None:
    """Examine everything: configuration, database, chat platforms, and HOSTS or all of them.

    Exit status: 1 if anything is wrong.
    """
    found: list[Finding] = []
    for finding in _examined(file, hosts):
        wiring.show(doctor.line(finding))
        found.append(finding)
    wiring.show(doctor.summary(found))
    sys.exit(_FAILED if any(finding.state is State.WRONG for finding in found) else 0)


def _examined(file: Path | None, hosts: tuple[str, ...]) -> Iterable[Finding]:
    try:
        setting = wiring.setting(file)
    except ConfigError as error:
        return mistakes(error)
    names = tuple(dict.fromkeys(meant_host(setting, host) for host in hosts)) or host_names(setting)
    return wiring.examine(setting, names)


@cli.group(name="config")
def config_() -> None:
    """Work on the configuration."""


@config_.command(name="check")
@click.pass_obj
def config_check(file: Path | None) -> None:
    """Report every mistake in the configuration file at once."""
    setting = wiring.setting(file)
    missing = wiring.missing(setting)
    for sentence in missing:
        click.echo(sentence, err=True)
    if missing:
        sys.exit(_FAILED)
    hosts = counted(len(setting.config.hosts), "host")
    click.echo(f"{setting.file}: right ({hosts})" if setting.file else f"no file, so the defaults ({hosts})")


def _serve(file: Path | None, only: str | None = None) -> None:
    # Who serves is meant to be stopped: that is no failure.
    _on_termination(0)
    wiring.serve(wiring.setting(file), only=only)


def _tell(error: BotError | OSError) -> None:
    """Say what went wrong, unless the reader of our output has gone: then nobody asks any more."""
    if isinstance(error, BotError):
        click.echo(log.concealed(str(error)), err=True)
        return
    if not isinstance(error, BrokenPipeError):
        click.echo(f"The answer could not be written: {error.strerror}.", err=True)
    # What is still held back must not fail once more at the interpreter's end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _look(setting: wiring.Setting, hosts: tuple[str, ...], *, deep: bool) -> list[Checked | Failed]:
    all_names = host_names(setting)
    asked_for = tuple(dict.fromkeys(meant_host(setting, host) for host in hosts))
    with wiring.ports(setting, remember=False) as ports:
        return check_all(ports, asked_for or all_names, deep=deep)


def _said(found: Sequence[Checked | Failed]) -> Message:
    only = found[0]
    if len(found) > 1:
        message = status.fleet(found)
    else:
        message = report(only) if isinstance(only, Checked) else status.one_host(only)
    return replace(message, buttons=())


def _on_termination(status: int) -> None:
    """End everything in order on SIGTERM: what `docker stop` and systemd send."""
    is_stopped = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_stopped
        is_stopped = True
        signal.setitimer(signal.ITIMER_REAL, _END_WITHIN_S)
        sys.exit(status)

    def end(_signal: int, _frame: FrameType | None) -> None:
        os._exit(status)

    def leave() -> None:
        # All is in order now. Taking the interpreter apart could wait for ever for a lock, such as that of
        # imports, which a thread has that is never run again; and no handler would be called any more.
        if is_stopped:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            os._exit(status)

    # Registered early: it is called after all that libraries have to do at the end.
    atexit.register(leave)
    signal.signal(signal.SIGALRM, end)
    signal.signal(signal.SIGTERM, stop)


def main() -> None:
    """Run the command line; every way out is a sentence and a status, never a traceback."""
    log.start()
    _on_termination(_TERMINATED)
    if sys.stdout is None:
        click.echo("There is no standard output to answer on.", err=True)
        sys.exit(_UNKNOWN)
    try:
        cli.main(prog_name="memwarden", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(_INTERRUPTED)
    except (BotError, OSError) as error:
        _tell(error)
        sys.exit(_FAILED)


if __name__ == "__main__":
    main()
