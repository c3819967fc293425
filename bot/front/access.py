"""`memwarden trust`, `sudoers`, `host-setup`: how memwarden comes to a host, and what it may do there."""

from __future__ import annotations

from pathlib import Path

import click

from adapters import wiring
from bot.errors import HostKeyChanged, HostKeyUnknown, Refused
from bot.front import confirmed, meant_host

_OWN_FINGERPRINTS = "for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $key; done"


@click.command()
@click.argument("host")
@click.option(
    "--fingerprint",
    "fingerprints",
    multiple=True,
    help="Pin the key with this SHA256:… fingerprint without asking; once for each jump host too.",
)
@click.pass_obj
def trust(file: Path | None, host: str, fingerprints: tuple[str, ...]) -> None:
    """Show the keys of HOST and pin them after a yes.

    Jump hosts on the way that are not trusted yet come first.
    """
    setting = wiring.setting(file)
    name = meant_host(setting, host)
    while True:
        offered = wiring.offered_keys(setting, name)
        _pin(offered, fingerprints)
        if offered.is_last:
            return


@click.command()
@click.argument("host")
@click.argument("services", nargs=-1)
@click.option("--user", "login", metavar="NAME", help="The login there; else the one that is configured.")
@click.pass_obj
def sudoers(file: Path | None, host: str, services: tuple[str, ...], login: str | None) -> None:
    """Print the sudo rules that memwarden needs on HOST.

    For the services that are known and run or are installed there, and SERVICES besides.
    """
    setting = wiring.setting(file)
    click.echo(wiring.sudoers(setting, meant_host(setting, host), services, login=login), nl=False)


@click.command(name="host-setup")
@click.argument("host")
@click.argument("services", nargs=-1)
@click.option("--hardened", is_flag=True, help="Let the key run what the host allows and nothing else.")
@click.option("--user", "login", metavar="NAME", help="The login there; else the one that is configured.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A public key that is let in; else the login's keys stay as they are.",
)
@click.option("--do", is_flag=True, help="Show each command, ask once, and run them there.")
@click.pass_obj
def host_setup(
    file: Path | None,
    host: str,
    services: tuple[str, ...],
    *,
    hardened: bool,
    login: str | None,
    key: Path | None,
    do: bool,
) -> None:
    """Print, or do, what memwarden needs on HOST.

    A login, sudo rules for exact commands, and a small program that checks what it is asked for. Can be done
    again at any time; SERVICES are named where they neither run nor are installed yet.
    """
    setting = wiring.setting(file)
    name = meant_host(setting, host)
    with wiring.installation(setting, name, services, login=login, hardened=hardened, key=key) as planned:
        click.echo(planned.script, nl=False)
        if not do:
            return
        if not confirmed(f"Run all of this on {name} as root?"):
            raise Refused("Nothing was done.")
        for sentence in planned.perform():
            click.echo(f"done: {sentence}")


def _pin(offered: wiring.OfferedKeys, fingerprints: tuple[str, ...]) -> None:
    """Pin the keys with these fingerprints, or after a yes all of them. Raises HostError where none is."""
    host = offered.host
    chosen = tuple(key for key in offered.keys if not fingerprints or key.fingerprint in fingerprints)
    if not chosen:
        shown = ", ".join(key.fingerprint for key in offered.keys)
        raise HostKeyChanged(f"{host} shows no such key but {shown}. Nothing was pinned.")
    if set(chosen) <= set(offered.pinned):
        click.echo(f"{host} is trusted already: it shows what is pinned in {offered.known_hosts}")
        return
    if not fingerprints:
        for key in offered.keys:
            click.echo(f"{key.fingerprint}  {key.type}")
        click.echo(f"Compare with what this prints on {host} itself: {_OWN_FINGERPRINTS}")
        if offered.pinned:
            before = ", ".join(key.fingerprint for key in offered.pinned)
            click.echo(f"BEWARE: until now {host} was pinned as {before}.")
            click.echo("A reinstalled host has new keys, and so has a forged one: be sure which it is.")
        if not confirmed(f"Pin them for {host}?"):
            raise HostKeyUnknown(
                f"The keys of {host} were not confirmed. Nothing was pinned. Unattended, use --fingerprint."
            )
    offered.pin(chosen)
    click.echo(f"pinned {', '.join(key.type for key in chosen)} for {host} in {offered.known_hosts}")
