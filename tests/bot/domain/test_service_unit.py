"""What is said to systemd about a unit, and what a plan about one stands on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain import service_unit
from bot.domain.plan import Order
from bot.errors import Refused
from tests.bot.remediations.situations import forked, situation
from tests.fakes.units import starting, unit

if TYPE_CHECKING:
    from bot.domain.unit_file import Unit

TEXT = starting("/usr/bin/gunicorn --workers 4 shop")
NAME = "gunicorn.service"


@pytest.mark.parametrize(("is_root", "sudo"), [(True, ()), (False, ("/usr/bin/sudo", "-n"))])
def test_steps_are_run_by_root_whoever_logs_in(sudo: tuple[str, ...], *, is_root: bool) -> None:
    made = service_unit.Maker(NAME, is_root=is_root)

    assert made.step("stop", "stops it").argv == (*sudo, "/usr/bin/systemctl", "stop", NAME)
    signal = made.signal("TTOU", "ends one", workers=3)
    kill = ("/usr/bin/systemctl", "kill", "--kill-who=main", "-s", "TTOU", NAME)
    assert (signal.argv, signal.workers) == ((*sudo, *kill), 3)


@pytest.mark.parametrize(
    ("service", "option", "words"),
    [
        ("gunicorn", "", "stop web-1 gunicorn"),
        ("gunicorn", "lasting", "stop web-1 gunicorn lasting"),
        ("gunicorn (shop)", "", 'stop web-1 "gunicorn (shop)"'),
    ],
)
def test_the_words_ask_for_the_same_again(service: str, option: str, words: str) -> None:
    assert service_unit.words("stop", Order("stop_service", "web-1", service, option=option)) == words


def test_a_plan_stands_on_the_files_the_state_and_the_workers() -> None:
    now = situation(unit(TEXT), *forked())
    others = [
        situation(unit(TEXT + "# a comment\n"), *forked()),
        situation(unit(TEXT, ActiveState="reloading"), *forked()),
        situation(unit(TEXT, UnitFileState="disabled"), *forked()),
        situation(unit(TEXT), *forked(workers=3)),
        replace(now, is_root=True),
        replace(now, has_helper=False),
    ]

    bases = {service_unit.basis(each) for each in (now, *others)}
    assert len(bases) == 1 + len(others)


def test_it_does_not_stand_on_what_changes_all_the_time() -> None:
    one, other = situation(unit(TEXT), *forked()), situation(unit(TEXT), *forked(mib=120), available=1)

    assert service_unit.basis(one) == service_unit.basis(other)


def test_where_workers_do_not_matter_any_number_of_them_is_the_same_plan() -> None:
    one, other = situation(unit(TEXT), *forked()), situation(unit(TEXT), *forked(workers=3))

    assert service_unit.basis(one, counting=False) == service_unit.basis(other, counting=False)


def test_what_starts_a_unit_again_is_told() -> None:
    told = service_unit.waking(unit(TEXT, TriggeredBy="gunicorn.socket"))

    assert told == ("gunicorn.socket starts it again when something asks for it",)


def test_units_that_stop_with_it_are_each_named_once() -> None:
    found = unit(TEXT, RequiredBy="a.service b.service", BoundBy="b.service", ConsistsOf="c.service")

    assert service_unit.dependants(found) == ("a.service", "b.service", "c.service")


@pytest.mark.parametrize(
    ("found", "stopping"),
    [
        (unit(TEXT, RefuseManualStop="yes"), True),
        (unit(TEXT, RefuseManualStart="yes"), False),
        (unit(TEXT, RequiredBy="a.service ssh.service"), True),
    ],
)
def test_some_units_are_neither_stopped_nor_started(found: Unit, *, stopping: bool) -> None:
    with pytest.raises(Refused, match=NAME):
        service_unit.refuse_unwilling(found, stopping=stopping)
    service_unit.refuse_unwilling(found, stopping=not stopping)
