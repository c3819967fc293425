"""Who may do what."""

from __future__ import annotations

import pytest

from bot.domain.people import Person, Role, Roster

ROSTER = Roster(
    viewers=("discord-role:456", "terminal:*"),
    operators=("slack:U02", "slack-group:S01"),
    approvers=("slack:U01", "slack:U02"),
)


@pytest.mark.parametrize(
    ("person", "role"),
    [
        (Person("slack", "U01", "Ann"), Role.APPROVER),
        (Person("slack", "U02", "in two lists"), Role.APPROVER),
        (Person("slack", "U03", "by group", ("slack-group:S01",)), Role.OPERATOR),
        (Person("discord", "9", "by role", ("discord-role:456",)), Role.VIEWER),
        (Person("terminal", "deploy", "anybody at the terminal"), Role.VIEWER),
        (Person("slack", "U09", "a stranger"), Role.NOBODY),
        (Person("discord", "U01", "the same id elsewhere"), Role.NOBODY),
        (Person("slack", "U0", "the start of an id"), Role.NOBODY),
        (Person("slack", "*", "who calls himself everybody"), Role.NOBODY),
    ],
)
def test_a_person_has_the_highest_role_that_any_entry_gives(person: Person, role: Role) -> None:
    assert ROSTER.role_of(person) is role


def test_a_star_means_everybody() -> None:
    assert Roster(("*",), (), ()).role_of(Person("slack", "U09", "anybody")) is Role.VIEWER


def test_an_empty_roster_lets_nobody_in() -> None:
    assert Roster((), (), ()).role_of(Person("terminal", "root", "root", ("slack-group:S01",))) is Role.NOBODY


def test_each_role_may_do_what_the_ones_before_it_may() -> None:
    assert Role.APPROVER > Role.OPERATOR > Role.VIEWER > Role.NOBODY
    assert [role.word for role in Role] == ["nobody", "viewer", "operator", "approver"]


def test_groups_are_told_apart_by_platform_and_people_are_none() -> None:
    assert ROSTER.groups_of("slack") == ("slack-group:S01",)
    assert ROSTER.groups_of("discord") == ("discord-role:456",)
    assert ROSTER.groups_of("terminal") == ()
