"""What memwarden needs on a host to do what people approve: which rights, and how they get there."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot import host as texts
from bot import probe
from bot.domain import bounds, redis_limit
from bot.domain.plan import Order, privileged
from bot.domain.remediation import DROP_IN, LAST_DROP_IN
from bot.domain.units import GIB, MIB
from bot.errors import Refused, UnknownService, Unreadable
from bot.facts import journal, number, oom_log, unit_file, unit_state
from bot.flows import plans
from bot.flows.check import look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.config import Host
    from bot.domain.check import Checked
    from bot.domain.remediation import Argv, Remediation, Target
    from bot.domain.service import KnownService
    from bot.ports import Completed, Ports

INSTALLED = (
    *("systemctl", "list-unit-files", "--type=service", "--no-legend", "--no-pager"),
    "--state=enabled,enabled-runtime,disabled,static,indirect,generated,transient",
)
_WHO = ("id", "-un")
_STEP_S = 60.0
# One within each of the spans of which oom_log asks for the log: a command asks for the next longer one.
_LOG_S = (900.0, 3600.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class Rights:
    """What may be done on a host: for each target the commands that need root, and who is to have them.

    `reads` are all commands that need no rights. `smaps_mib` is how much resident memory a deep read may
    walk, 0 where there is none.
    """

    login: str
    is_root: bool
    granted: tuple[tuple[Target, tuple[Argv, ...]], ...]
    reads: tuple[Argv, ...]
    smaps_mib: int

    @property
    def changes(self) -> tuple[Argv, ...]:
        """All commands that change something, each once; they need root."""
        return tuple(dict.fromkeys(argv for _, grants in self.granted for argv in grants))

    @property
    def grants(self) -> tuple[Argv, ...]:
        """All commands that need root, each once. The one that reads is sent within a probe."""
        return (*((probe.PSS_AS_ROOT,) if self.smaps_mib else ()), *self.changes)


@dataclass(frozen=True, slots=True)
class Wish:
    """What an installation is to be: the program's text, and how the bot logs in afterwards.

    `key` is the text of a public key file, None where the login's keys stay as they are. `quoted` writes a
    command as it is sent over SSH.
    """

    program: str
    quoted: Callable[[Argv], str]
    hardened: bool = False
    key: str | None = None


@dataclass(frozen=True, slots=True)
class _Candidate:
    service: str
    unit: str
    known: KnownService | None


def rights(ports: Ports, name: str, *, login: str | None = None, services: tuple[str, ...] = ()) -> Rights:
    """Look at a host and return what may be done there.

    `services` are more than those that run or are installed: names or units. Raises HostError, Refused.
    """
    host = ports.config.host(name)
    checked = look(ports, name)
    who = login or host.user or _run(ports, name, *_WHO).stdout.decode("utf-8", "replace").strip()
    found = tuple(_candidates(ports, host, checked, services))
    granted = tuple(
        (target, grants)
        for candidate in found
        for target in (plans.target_of(ports, candidate.service, candidate.unit, candidate.known),)
        if (grants := _grants(ports, host, candidate, target))
    )
    if not granted:
        raise Refused(f"{name} has no service to which memwarden could do anything: name one.")
    return Rights(
        login=texts.checked_login(who),
        is_root=who == "root",
        granted=granted,
        reads=tuple(dict.fromkeys(_reads(ports, host, checked, found, granted))),
        smaps_mib=_smaps_mib(ports),
    )


def commands(ports: Ports, name: str, rights: Rights, wish: Wish) -> tuple[texts.Command, ...]:
    """Return the installation; what lets nothing else through any more comes last. Raises Refused."""
    if wish.hardened and wish.key is None:
        raise Refused("The hardened mode is for a key of memwarden's own: name its public half with --key.")
    steps = [] if rights.is_root else [texts.make_login(rights.login)]
    steps += [texts.put_program(wish.program), _policy(rights)]
    if not rights.is_root:
        steps.append(texts.put_sudoers(texts.sudoers(name, rights.login, rights.grants)))
    if wish.hardened:
        as_root = tuple(privileged(argv, is_root=rights.is_root) for argv in rights.changes)
        steps.append(texts.put_allowed(texts.allowed(map(wish.quoted, (*rights.reads, *as_root)))))
    if wish.key is not None:
        line = texts.authorized_line(
            texts.public_key(wish.key), hardened=wish.hardened, is_jump=_is_jump(ports, name)
        )
        steps.append(texts.put_key(rights.login, line))
    return tuple(steps)


def perform(ports: Ports, name: str, steps: tuple[texts.Command, ...]) -> Iterator[texts.Command]:
    """Do it, and yield each step that is done. Raises HostError, Refused with what went wrong."""
    is_root = _run(ports, name, *plans.WHO_WE_ARE).stdout.strip() == b"0"
    if not is_root and _run(ports, name, *privileged(("/usr/bin/true",), is_root=False)).status != 0:
        raise Refused(
            f"The login on {name} is not root and has no sudo for everything, so it can install nothing.\n"
            f"memwarden host-setup {name} | ssh root@{name} sh"
        )
    for step in steps:
        shell = privileged(("/bin/sh", "-c", texts.shell_text(step)), is_root=is_root)
        answer = ports.hosts.shell(name).run(shell, timeout_s=_STEP_S)
        if answer.status != 0:
            raise Refused(
                f"{name}: {step.sentence}: {_said(answer)}. What was done before stays; do it again."
            )
        yield step


def _policy(rights: Rights) -> texts.Command:
    return texts.put_policy(texts.policy(rights.granted, smaps_mib=rights.smaps_mib))


def _smaps_mib(ports: Ports) -> int:
    """Return the budget of a deep read in whole MiB, at least one where there is any."""
    budget_gib = ports.config.check.deep_budget_gib
    return max(1, int(budget_gib * GIB / MIB)) if budget_gib else 0


def _candidates(
    ports: Ports, host: Host, checked: Checked, services: tuple[str, ...]
) -> Iterator[_Candidate]:
    """Yield what runs and is known or configured, what is installed of it, and what was named."""
    seen: set[str] = set()
    described = tuple((name, own.units, None) for name, own in host.services.items())
    for found in (
        *_running(checked),
        *_installed(ports, host, described),
        *(_named(ports, host, checked, word) for word in services),
    ):
        if found.unit not in seen and bounds.is_unit(found.unit):
            seen.add(found.unit)
            yield found


def _running(checked: Checked) -> Iterator[_Candidate]:
    for service in checked.services:
        if service.known is not None and not bounds.outside_units(service):
            for unit in service.units:
                yield _Candidate(service.name, unit, service.known)


def _installed(
    ports: Ports, host: Host, described: tuple[tuple[str, tuple[str, ...], None], ...]
) -> Iterator[_Candidate]:
    """Yield the units on disk that are known or configured: one that is stopped may be started."""
    answer = _run(ports, host.name, *INSTALLED)
    lines = answer.stdout.decode("utf-8", "replace").split("\n")
    units = [line.split()[0] for line in lines if line.split() and "@.service" not in line.split()[0]]
    known = tuple((service.name, service.units, service) for service in ports.known_services)
    for unit in units:
        for name, patterns, service in (*described, *known):
            if any(fnmatchcase(unit, pattern) for pattern in patterns):
                yield _Candidate(name, unit, service)
                break


def _named(ports: Ports, host: Host, checked: Checked, word: str) -> _Candidate:
    unit = word if word.endswith(".service") else f"{word}.service"
    for service in checked.services:
        if word == service.name or unit in service.units:
            inside = next((u for u in service.units if u == unit), None) or next(iter(service.units), unit)
            return _Candidate(service.name, inside, service.known)
    if not bounds.is_unit(unit):
        raise Refused(f"{word!a} is no name of a service on {host.name}.")
    unit = _by_its_own_name(ports, host.name, unit)
    known = next((k for k in ports.known_services if any(fnmatchcase(unit, p) for p in k.units)), None)
    return _Candidate(known.name if known else word.removesuffix(".service"), unit, known)


def _by_its_own_name(ports: Ports, name: str, unit: str) -> str:
    """Return what systemd itself calls a unit: an alias must not hide what is essential."""
    show = _run(ports, name, *unit_file.show_command(unit))
    cat = _run(ports, name, *unit_file.cat_command(unit))
    try:
        return unit_file.parse(unit, show, cat).name
    except (UnknownService, Unreadable):
        # What is not there yet has no other name.
        return unit


def _grants(ports: Ports, host: Host, candidate: _Candidate, target: Target) -> tuple[Argv, ...]:
    return tuple(
        argv
        for remediation in ports.remediations
        if _may(ports, host, candidate, remediation)
        for argv in remediation.grants(target)
    )


def _may(ports: Ports, host: Host, candidate: _Candidate, remediation: Remediation) -> bool:
    """Tell whether it could ever be asked for: by the same bounds as a plan."""
    known, unit = candidate.known, candidate.unit
    names = {candidate.service, unit, unit.removesuffix(".service"), known.name if known else ""}
    tables = [own for name, own in host.services.items() if name.casefold() in {n.casefold() for n in names}]
    if any(remediation.name in own.forbid for own in tables):
        return False
    essential = bounds.is_essential((unit,), known, ports.known_services)
    if essential and not remediation.on_essential and not any(remediation.name in t.allow for t in tables):
        return False
    return (
        remediation.serves is None
        or known is None
        or known not in ports.known_services
        or known.name in remediation.serves
    )


def _reads(
    ports: Ports,
    host: Host,
    checked: Checked,
    found: tuple[_Candidate, ...],
    granted: tuple[tuple[Target, tuple[Argv, ...]], ...],
) -> Iterator[Argv]:
    """Yield every command that memwarden sends to such a host without rights, whole."""
    budget = ports.config.check.deep_budget_gib
    yield probe.command()
    yield probe.command(deep=budget > 0, sudo=host.sudo, budget_gib=budget)
    yield from (("id",), _WHO, ("date", "+%s"), ("systemctl", "is-system-running"), INSTALLED)
    yield ("journalctl", "--no-pager", "--system", "--lines=1", "--output=short-iso")
    yield from (plans.WHO_WE_ARE, plans.HAS_HELPER)
    for since_s in _LOG_S:
        yield oom_log.command(sudo=host.sudo, since_s=since_s)
    yield oom_log.ring_command(sudo=host.sudo)
    units = [unit for service in checked.services for unit in service.units]
    units += [unit for one in found for unit in (one.unit, *(one.known.units if one.known else ()))]
    for unit in dict.fromkeys(filter(bounds.is_unit, units)):
        yield from (unit_state.command(unit), journal.command(unit))
        yield from (unit_file.show_command(unit), unit_file.cat_command(unit))
    for target, _ in granted:
        for name in (DROP_IN, LAST_DROP_IN):
            path = f"/etc/systemd/system/{target.unit}.d/{name}"
            yield from (("/usr/bin/cat", path), ("/usr/bin/test", "-e", path))
        for remediation in ports.remediations:
            yield from _reads_of(remediation, target, host.name)
        if target.program == "redis":
            yield from _present_limit(ports, host.name)


def _reads_of(remediation: Remediation, target: Target, host: str) -> Iterator[Argv]:
    if remediation.serves is not None and target.program not in remediation.serves:
        return
    yield from remediation.unprivileged(target)
    for size_mib in (None, *target.sizes_mib):
        size = None if size_mib is None else size_mib * MIB
        yield from remediation.reads(Order(remediation.name, host, target.service, size_bytes=size))


def _present_limit(ports: Ports, name: str) -> Iterator[Argv]:
    """Yield what gives redis back the limit it has now, which may be none of those that can be asked for."""
    answer = _run(ports, name, *redis_limit.get("maxmemory")).stdout.decode("utf-8", "replace")
    limit_bytes = number(answer.removeprefix("maxmemory\n").strip())
    if limit_bytes is not None:
        yield redis_limit.put_limit(limit_bytes)


def _is_jump(ports: Ports, name: str) -> bool:
    return any(name.casefold() == jump.casefold() for host in ports.config.hosts for jump in host.jump or ())


def _run(ports: Ports, name: str, *argv: str) -> Completed:
    return ports.hosts.shell(name).run(argv, timeout_s=ports.config.check.timeout_s)


def _said(answer: Completed) -> str:
    lines = [line for line in answer.stderr.decode("utf-8", "replace").split("\n") if line.strip()]
    said = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in lines[-1]) if lines else ""
    return said[:200] or f"it ended with status {answer.status}"
