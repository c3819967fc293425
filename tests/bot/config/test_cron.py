"""When cron means, as clocks show it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.config.cron import last_before, next_after, parse

BERLIN = ZoneInfo("Europe/Berlin")
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def fires(expression: str, after: datetime, times: int) -> list[str]:
    found: list[str] = []
    moment = after
    for _ in range(times):
        following = next_after(parse(expression), moment, BERLIN)
        assert following is not None
        moment = following
        found.append(f"{moment.astimezone(BERLIN):%a %d %b %H:%M %Z}")
    return found


@pytest.mark.parametrize(
    ("expression", "after", "expected"),
    [
        (
            "0 8 * * *",
            datetime(2026, 3, 27, 12, tzinfo=UTC),
            ["Sat 28 Mar 08:00 CET", "Sun 29 Mar 08:00 CEST", "Mon 30 Mar 08:00 CEST"],
        ),
        (
            "0 8 * * *",
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            ["Sun 25 Oct 08:00 CET", "Mon 26 Oct 08:00 CET", "Tue 27 Oct 08:00 CET"],
        ),
        (
            "0 9 * * 1",
            datetime(2026, 3, 1, tzinfo=UTC),
            ["Mon 02 Mar 09:00 CET", "Mon 09 Mar 09:00 CET", "Mon 16 Mar 09:00 CET"],
        ),
        ("0 0 29 2 *", datetime(2026, 1, 1, tzinfo=UTC), ["Tue 29 Feb 00:00 CET", "Sun 29 Feb 00:00 CET"]),
        (
            "0 0 1 * fri",
            datetime(2026, 3, 20, tzinfo=UTC),
            ["Fri 27 Mar 00:00 CET", "Wed 01 Apr 00:00 CEST", "Fri 03 Apr 00:00 CEST"],
        ),
        (
            "30 2 * * *",
            datetime(2026, 3, 28, 12, tzinfo=UTC),
            ["Sun 29 Mar 03:30 CEST", "Mon 30 Mar 02:30 CEST"],
        ),
        (
            "30 2 * * *",
            datetime(2026, 10, 24, 12, tzinfo=UTC),
            ["Sun 25 Oct 02:30 CEST", "Mon 26 Oct 02:30 CET"],
        ),
        (
            "59 23 * * *",
            datetime(2026, 12, 31, 12, tzinfo=UTC),
            ["Thu 31 Dec 23:59 CET", "Fri 01 Jan 23:59 CET"],
        ),
    ],
)
def test_calendar_times_are_those_of_the_people_s_clocks(
    expression: str, after: datetime, expected: list[str]
) -> None:
    assert fires(expression, after, len(expected)) == expected


@pytest.mark.parametrize(
    ("expression", "moment", "expected"),
    [
        ("0 8 * * *", datetime(2026, 3, 29, 5, 59, tzinfo=UTC), "Sat 28 Mar 08:00 CET"),
        ("0 8 * * *", datetime(2026, 3, 29, 6, tzinfo=UTC), "Sun 29 Mar 08:00 CEST"),
        ("30 2 * * *", datetime(2026, 3, 29, 1, 15, tzinfo=UTC), "Sat 28 Mar 02:30 CET"),
        ("30 2 * * *", datetime(2026, 3, 29, 1, 30, 0, 1, tzinfo=UTC), "Sun 29 Mar 03:30 CEST"),
        ("30 2 * * *", datetime(2026, 10, 25, 1, 45, tzinfo=UTC), "Sun 25 Oct 02:30 CEST"),
        ("0 9 * * mon", datetime(2026, 10, 26, 7, 59, 59, tzinfo=UTC), "Mon 19 Oct 09:00 CEST"),
    ],
)
def test_the_last_time_is_the_one_before_now_whatever_clocks_do(
    expression: str, moment: datetime, expected: str
) -> None:
    found = last_before(parse(expression), moment, BERLIN)

    assert found is not None
    assert f"{found.astimezone(BERLIN):%a %d %b %H:%M %Z}" == expected


def test_what_clocks_show_a_second_time_is_over() -> None:
    between = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)

    assert fires("30 2 * * *", between, 1) == ["Mon 26 Oct 02:30 CET"]


@pytest.mark.parametrize(
    ("expression", "same"),
    [
        ("0 0 * * 0", "0 0 * * 7"),
        ("0 0 * * 1-5", "0 0 * * Mon-Fri"),
        ("0 0 * * fri-sun", "0 0 * * 0,5,6"),
        ("*/20 * * * *", "0,20,40 * * * *"),
        ("5/20 * * * *", "5-59/20 * * * *"),
        ("0 0 1 jan,feb *", "0 0 1 1-2 *"),
        (" 0  8 * * * ", "0 8 * * *"),
    ],
)
def test_what_can_be_written_in_two_ways_means_the_same(expression: str, same: str) -> None:
    assert fires(expression, NEW_YEAR, 60) == fires(same, NEW_YEAR, 60)


@pytest.mark.parametrize(
    ("expression", "beginning"),
    [
        ("0 8 * *", "expected five fields of cron"),
        ("@daily", "expected five fields of cron"),
        ("60 8 * * *", "the minute is no number from 0 to 59"),
        ("0 24 * * *", "the hour is no number from 0 to 23"),
        ("0 8 0 * *", "the day of the month is no number from 1 to 31"),
        ("0 8 * 13 *", "the month is no number from 1 to 12, or jan to dec"),
        ("0 8 * * 8", "the day of the week is no number from 0 to 7, or sun to sat"),
        ("0 8 * * mo", "the day of the week is no number from 0 to 7, or sun to sat"),
        ("*-3 8 * * *", "the minute is no number"),
        ("5-1 8 * * *", "the minute is no number"),
        ("*/0 8 * * *", "the minute is no number"),
        ("1,,2 8 * * *", "the minute is no number"),
        ("² 8 * * *", "the minute is no number"),
        ("0 8 31 2,4 *", "that day of the month never comes in that month"),
    ],
)
def test_what_is_no_time_is_refused_in_a_sentence(expression: str, beginning: str) -> None:
    with pytest.raises(ValueError, match=f"^{beginning}"):
        parse(expression)
