"""Who is asking, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """What a person may do; each role may do all that the ones before it may."""

    NOBODY = 0
    VIEWER = 1
    OPERATOR = 2
    APPROVER = 3

    @property
    def word(self) -> str:
        """The role's name as people and the configuration write it."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Person:
    """Someone on a chat platform.

    `groups` are the names by which the configuration may mean them together with others:
    `slack-group:S01`, `discord-role:456`.
    """

    platform: str
    id: str
    name: str
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """Who has which role, as the configuration lists them: `slack:U01`, `discord-role:456`, `terminal:*`.

    `same` are accounts of one person each.
    """

    viewers: tuple[str, ...]
    operators: tuple[str, ...]
    approvers: tuple[str, ...]
    same: tuple[tuple[str, ...], ...] = ()

    def role_of(self, person: Person) -> Role:
        """Return the highest role that any entry gives the person."""
        meant = {"*", f"{person.platform}:*", f"{person.platform}:{person.id}", *person.groups}
        for role, listed in (
            (Role.APPROVER, self.approvers),
            (Role.OPERATOR, self.operators),
            (Role.VIEWER, self.viewers),
        ):
            if not meant.isdisjoint(listed):
                return role
        return Role.NOBODY

    def groups_of(self, platform: str) -> tuple[str, ...]:
        """Return the entries for groups of people of this platform, sorted: `slack-group:S01`."""
        entries = {*self.viewers, *self.operators, *self.approvers}
        return tuple(sorted(entry for entry in entries if entry.startswith(f"{platform}-")))

    def who(self, entry: str) -> str:
        """Return the entry that stands for all accounts of the person with this one (`slack:U01`)."""
        return next((accounts[0] for accounts in self.same if entry in accounts), entry)
