"""`memwarden run` on Slack and Discord at once: whatever is said and clicked, both do the same.

The program runs as in earnest, with its real libraries, as a process of its own; only the two platforms are
ours. What takes minutes there (a platform that is deaf) is tested with the adapters.
"""

from __future__ import annotations

import re
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

import pytest

from tests.bot.both import running
from tests.bot.places import OnDiscord, OnSlack, answers, replaced

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.bot.both import Running
    from tests.bot.places import Asked, Place, Seen
    from tests.servers.sshd import Sshd

_NUMBERS = count(1)
# It gives up on what does not close after a second; the rest is what a busy machine may take.
_ENDS_WITHIN_S = 15.0
# However little memory this machine has left, what is said about it does not change between two questions.
_CONFIGURATION = """
[thresholds]
good = 0.3
acceptable = 0.2
warning = 0.1

[[host]]
name = "local"
tags = ["here"]
services.tests = {{ programs = ["python*", "pytest*"] }}

[[host]]
name = "web-1"
address = "{server.address}"
port = {server.port}
user = "{server.user}"
key_file = "{key}"
known_hosts = "{known_hosts}"
tags = ["elsewhere"]
"""

_NO_SUCH_HOST = (
    "There is no host or tag `nobody`. Known hosts: `local` and `web-#`. Known tags: `here` and `elsewhere`."
)


@pytest.fixture(scope="module")
def program(sshd: Sshd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The program, connected to both, with this machine and one behind SSH to look after."""
    hosts = _CONFIGURATION.format(
        server=sshd, key=sshd.keys.client("ed25519"), known_hosts=sshd.known_hosts()
    )
    with running(tmp_path_factory.mktemp("both"), hosts) as program:
        program.start()
        yield program
        assert secrets_in(program.printed, program) == []
        assert "Traceback" not in program.printed


@pytest.fixture
def places(program: Running) -> Iterator[tuple[Place, Place]]:
    """A channel of each platform in which nothing was said yet."""
    number = next(_NUMBERS)
    both = OnSlack(program.slack, number), OnDiscord(program.discord, number)
    yield both
    assert [place.complaints() for place in both] == [[], []]


@pytest.fixture(params=[0, 1], ids=["slack", "discord"])
def place(request: pytest.FixtureRequest, places: tuple[Place, Place]) -> Place:
    """One of them after the other."""
    chosen: Place = places[request.param]
    return chosen


def ask(place: Place, command: str, *values: str, share: bool = False) -> Seen:
    (answer,) = answers(place, lambda: place.ask(command, *values, share=share))
    return answer


def secrets_in(printed: str, program: Running) -> list[str]:
    return [name for name, secret in program.secrets.items() if secret in printed]


def without_figures(headline: str) -> str:
    return re.sub(r"[0-9][0-9.,]*", "#", headline)


@pytest.mark.parametrize(
    ("command", "values", "headline"),
    [
        ("status", (), "# good"),
        ("status", ("here",), "local is good: # of # GiB available (# %)"),
        ("status", ("web-1",), "web-# is good: # of # GiB available (# %)"),
        ("report", ("local",), "local is good: # of # GiB available (# %)"),
        ("report", ("web-1",), "web-# is good: # of # GiB available (# %)"),
        ("top", ("local", "3"), "local: the # largest processes hold # of # GiB (# %)"),
        ("hosts", (), "# hosts"),
        ("help", (), "What you can say after `/mem`"),
        ("help", ("top",), "/mem top [host] [n]"),
        ("report", (), "Which host? Write its name after `report`. Known hosts: `local` and `web-#`."),
        ("status", ("nobody",), _NO_SUCH_HOST),
    ],
)
def test_both_say_the_same(
    places: tuple[Place, Place], command: str, values: tuple[str, ...], headline: str
) -> None:
    said = [ask(place, command, *values) for place in places]

    assert [without_figures(each.headline) for each in said] == [headline, headline]
    assert said[0].buttons == said[1].buttons
    assert [each.private for each in said] == [True, True]


@pytest.mark.parametrize(("command", "values"), [("hosts", ()), ("help", ()), ("help", ("service",))])
def test_what_was_not_measured_is_the_same_to_the_word(
    places: tuple[Place, Place], command: str, values: tuple[str, ...]
) -> None:
    on_slack, on_discord = (ask(place, command, *values) for place in places)

    assert on_slack.words == on_discord.words


def test_a_service_of_this_machine_is_told_about(places: tuple[Place, Place]) -> None:
    refusals = [ask(place, "service", "local", "nothing-of-the-kind").plain for place in places]
    # In a container its name tells which one.
    names = [next(name for name in re.findall("`([^`]+)`", said) if "tests" in name) for said in refusals]

    said = [ask(place, "service", "local", name) for place, name in zip(places, names, strict=True)]

    assert names[0] == names[1]
    for each in said:
        assert each.headline.startswith(f"{names[0]} on local holds ")
        assert each.buttons == ("Report", "Refresh", "Share", "All columns")


def test_every_button_of_a_private_answer_does_its_work_in_place(place: Place) -> None:
    shown = ask(place, "status", "local")
    walk = (
        ("Refresh", "local is good", ("Report", "Top processes", "Refresh", "Share")),
        ("Report", "local is good", ("Top processes", "Refresh", "Share", "All columns")),
        ("Refresh", "local is good", ("Top processes", "Refresh", "Share", "All columns")),
        ("All columns", "local is good", ("Top processes", "Refresh", "Share")),
        ("Top processes", "local: the", ("Report", "Refresh", "Share", "All columns")),
        ("Refresh", "local: the", ("Report", "Refresh", "Share", "All columns")),
        ("All columns", "local: the", ("Report", "Refresh", "Share")),
        ("Report", "local is good", ("Top processes", "Refresh", "Share", "All columns")),
    )

    for label, headline, buttons in walk:
        shown = replaced(place, shown, partial(place.press, shown, label))
        assert shown.headline.startswith(headline), label
        assert (shown.buttons, shown.private) == (buttons, True), label
    assert len(place.seen()) == 1
    assert place.seen("bob") == []


@pytest.mark.parametrize(("command", "headline"), [("status", "2 good"), ("top", "web-1: the ")])
def test_an_answer_is_shared_with_everybody(place: Place, command: str, headline: str) -> None:
    shown = ask(place, command, *(["web-1"] if command == "top" else []))

    (shared,) = answers(place, lambda: place.press(shown, "Share"))

    (seen,) = place.seen("bob")
    assert (seen.key, seen.plain) == (shared.key, shared.plain)
    assert seen.headline.startswith(headline)
    assert not seen.private
    assert "Share" not in seen.buttons


def test_what_others_click_on_a_shared_answer_is_theirs_alone_but_refreshing(place: Place) -> None:
    shared = ask(place, "status", "local", share=True)

    (own,) = answers(place, lambda: place.press(shared, "Report", "bob"), by="bob")
    refreshed = replaced(place, shared, lambda: place.press(shared, "Refresh", "bob"))

    assert own.private
    assert own.buttons == ("Top processes", "Refresh", "Share", "All columns")
    assert not refreshed.private
    assert refreshed.headline.startswith("local is good")
    assert [seen.key for seen in place.seen("ann")] == [shared.key]


@pytest.mark.parametrize(
    ("command", "parameter", "typed", "offered"),
    [
        ("report", "host", "", ["local", "web-1"]),
        ("report", "host", "WE", ["web-1"]),
        ("status", "hosts", "", ["local", "web-1", "here", "elsewhere"]),
        ("status", "hosts", "else", ["elsewhere"]),
        ("service", "name", "test", ["tests"]),
    ],
)
def test_names_are_completed_while_somebody_types(
    place: Place, command: str, parameter: str, typed: str, offered: list[str]
) -> None:
    assert place.offered(command, parameter, typed)[: len(offered)] == offered


def test_the_word_that_is_missing_is_asked_for_in_a_form(place: Place) -> None:
    asked = ask(place, "report")

    answer = replaced(place, asked, lambda: place.fill_in(asked, {"host": "web-1"}))

    assert answer.headline.startswith("web-1 is good")


def test_what_is_delivered_twice_is_answered_once(place: Place) -> None:
    def twice(act: Callable[[], Asked]) -> Asked:
        asked = act()
        place.redeliver(asked)
        return asked

    (first,) = answers(place, lambda: twice(lambda: place.ask("status", "local")))
    (shared,) = answers(place, lambda: twice(lambda: place.press(first, "Share")))
    last = ask(place, "hosts")

    assert [seen.key for seen in place.seen()] == [first.key, shared.key, last.key]


def test_a_connection_that_is_lost_costs_no_answer(place: Place) -> None:
    def disturbed() -> Asked:
        asked = place.ask("report", "web-1")
        assert asked.acknowledged_after_s is not None
        place.hang_up()
        return asked

    (answer,) = answers(place, disturbed)
    place.wait_connected()
    afterwards = replaced(place, answer, lambda: place.press(answer, "Top processes"))

    assert answer.headline.startswith("web-1 is good")
    assert afterwards.headline.startswith("web-1: the ")


def test_buttons_outlive_the_process_which_ends_soon_when_it_is_told_to(
    program: Running, places: tuple[Place, Place]
) -> None:
    before = [ask(place, "status", "local") for place in places]
    for place in places:
        assert place.ask("report", "web-1").acknowledged_after_s is not None

    ended = program.stop()
    program.start()

    after = [
        replaced(place, shown, partial(place.press, shown, "Top processes"))
        for place, shown in zip(places, before, strict=True)
    ]
    assert [shown.headline.partition(" the ")[0] for shown in after] == ["local:", "local:"]
    assert ended.status == 0
    assert ended.after_s < _ENDS_WITHIN_S
    # Nothing, but for a question that was not answered yet.
    assert {line.rpartition(": ")[2] for line in ended.printed.splitlines()} <= {"memwarden is ending."}


def test_a_wrong_token_of_one_is_a_line_and_the_other_goes_on_and_says_so(tmp_path: Path) -> None:
    wrong = "xoxb-1-wrong-token-of-somebody-else"
    with running(tmp_path, SLACK_BOT_TOKEN=wrong) as program:
        place = OnDiscord(program.discord, 1)
        config = tmp_path / "config.toml"
        config.write_text(config.read_text().replace('channel = "100"', 'channel = "1001"'))
        program.begin()
        program.discord.wait_connected(30)
        program.wait(lambda: bool(program.discord.commands), "the commands are not registered")
        program.wait(lambda: "slack" in program.printed, "nothing is said about Slack")
        program.wait(lambda: bool(place.seen()), "nothing is said about Slack on Discord")
        (told,) = place.seen()
        answer = ask(place, "status")
        ended = program.stop()

    (line,) = ended.printed.splitlines()
    assert " ERROR adapters.wiring.serving: slack is not served any more, but discord: " in line
    assert "invalid_auth" in line
    assert told.headline.startswith("Slack is not served any more: Slack does not accept the bot token")
    assert wrong not in told.plain
    assert answer.headline.startswith("local is ")
    assert ended.status == 0
    assert wrong not in ended.printed
    assert secrets_in(ended.printed, program) == []
