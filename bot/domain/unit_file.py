"""A systemd unit as its files and systemd itself say it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Assigned:
    """A setting's value as a file has it: raw (quotes and specifiers as written), continued lines joined."""

    file: str
    value: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit.

    `files` are its files in the order in which systemd reads them, each with its text; `exec_start` are the
    ExecStart= lines in force after all resets, `environment` the assignments of Environment= in force (name,
    value) in order, `environment_files` the paths of EnvironmentFile= in force. The rest is what `systemctl
    show` says: `active` (`active`, `failed`…), `enabled` (UnitFileState), `main_pid` (None: none runs),
    `needs_reload` (files changed since systemd read them), `triggered_by` (sockets, timers), `oom_policy`.
    `show` has every property that was asked for, in systemd's own words.
    """

    name: str
    files: tuple[tuple[str, str], ...]
    exec_start: tuple[Assigned, ...]
    environment: tuple[tuple[str, Assigned], ...]
    environment_files: tuple[Assigned, ...]
    active: str
    enabled: str
    main_pid: int | None
    needs_reload: bool
    can_reload: bool
    triggered_by: tuple[str, ...]
    oom_policy: str
    show: tuple[tuple[str, str], ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether systemd says that it runs."""
        return self.active in ("active", "reloading", "activating")
