"""`memwarden doctor`: what is wrong between us and Slack, each with its remedy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from adapters.chat.slack import examine
from adapters.chat.slack.manifest import SCOPES
from adapters.secrets import reveal
from bot.domain.finding import Finding, State
from tests.adapters.chat.slack.served import options_of, world_of

if TYPE_CHECKING:
    from tests.servers.fake_slack import FakeSlack


@pytest.fixture
def least(slack: FakeSlack) -> FakeSlack:
    """A workspace whose app has exactly the scopes of the manifest."""
    slack.scopes.clear()
    slack.scopes.update(SCOPES)
    return slack


def examined(
    slack: FakeSlack,
    *,
    groups: tuple[str, ...] = (),
    places: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
    **more: object,
) -> dict[str, Finding]:
    world = world_of(slack, groups=groups, places=places, mentioned=mentioned)
    found = list(examine(options_of(slack, **more), world.surroundings))
    assert all(bool(finding.remedy) for finding in found if finding.state is State.WRONG)
    return {finding.subject: finding for finding in found}


def test_where_all_is_well_nothing_is_wrong(least: FakeSlack) -> None:
    least.add_group("S01", "oncall", ("U01",))

    found = examined(least, channel="C01", groups=("slack-group:S01",))

    assert [name for name, finding in found.items() if finding.state is not State.RIGHT] == ["slack: command"]
    assert found["slack: slack-group:S01"].sentence == "@oncall has 1 person."
    assert least.shown("U01") == []
    assert len(least.called("chat.postMessage")) == 1


def test_a_revoked_bot_token_is_wrong(least: FakeSlack) -> None:
    least.revoke(least.bot_token)

    wrong = examined(least, channel="C01")["slack: bot token"]

    assert wrong.state is State.WRONG
    assert wrong.sentence == "The bot token was revoked (token_revoked)."
    assert "OAuth & Permissions" in wrong.remedy


def test_an_app_token_that_cannot_connect_is_wrong(least: FakeSlack) -> None:
    least.app_scopes.clear()

    assert "connections:write" in examined(least)["slack: app token"].sentence


def test_a_missing_scope_is_wrong_and_one_too_many_is_a_note(least: FakeSlack) -> None:
    least.scopes.discard("files:write")
    least.scopes.add("channels:read")

    found = examined(least)

    assert found["slack: scope files:write"].state is State.WRONG
    assert "install the app again" in found["slack: scope files:write"].remedy
    assert "channels:read" in found["slack: scopes"].sentence


@pytest.mark.parametrize("scope", ["channels:history", "groups:history"])
def test_what_is_lost_without_a_minor_scope_is_a_note(least: FakeSlack, scope: str) -> None:
    least.scopes.discard(scope)

    note = examined(least)[f"slack: scope {scope}"]

    assert note.state is State.NOTE
    assert "without it an alert may be seen twice" in note.sentence


def test_a_channel_without_the_bot_is_wrong_for_alerts_and_for_answers(least: FakeSlack) -> None:
    least.add_channel("C02", "elsewhere", bot_is_member=False)

    found = examined(least, channel="C02", channels=("C01", "C99"))

    assert "/invite @memwarden" in found["slack: channel C02"].remedy
    assert found["slack: channel C01"].state is State.RIGHT
    assert found["slack: channel C99"].state is State.WRONG


def test_every_channel_that_a_route_names_is_looked_at(least: FakeSlack) -> None:
    least.add_channel("C02", "elsewhere", bot_is_member=False)

    found = examined(least, places=("C01", "C02", "#ops"))

    assert found["slack: channel C01"].state is State.RIGHT
    assert "/invite @memwarden" in found["slack: channel C02"].remedy
    assert "no id" in found["slack: channel #ops"].sentence
    assert "slack: channel" not in found
    assert least.shown("U01") == []


def test_no_channel_is_worth_a_note_where_a_route_relies_on_it(least: FakeSlack) -> None:
    found = examined(least, places=("", "C01"))

    assert found["slack: channel"].state is State.NOTE


def test_whom_a_route_mentions_is_looked_for(least: FakeSlack) -> None:
    least.add_group("S01", "oncall", ("U01",))

    found = examined(least, mentioned=("slack:U01", "slack:U99", "slack-group:S01", "slack-group:S99"))

    wrong = {subject for subject, finding in found.items() if finding.state is State.WRONG}
    assert wrong == {"slack: slack:U99", "slack: slack-group:S99"}
    assert found["slack: slack-group:S01"].state is State.RIGHT
    assert examined(least, mentioned=("slack:U01",))["slack: mentions"].state is State.RIGHT


def test_a_group_that_is_not_there_is_wrong(least: FakeSlack) -> None:
    found = examined(least, groups=("slack-group:S99",))

    assert found["slack: slack-group:S99"].state is State.WRONG


@pytest.mark.parametrize(("skew_s", "state"), [(0, State.RIGHT), (20, State.NOTE), (-400, State.WRONG)])
def test_a_clock_that_is_off_is_told(least: FakeSlack, skew_s: int, state: State) -> None:
    surroundings = replace(
        world_of(least).surroundings, now=lambda: datetime.now(UTC) + timedelta(seconds=skew_s)
    )

    (clock,) = (each for each in examine(options_of(least), surroundings) if each.subject == "slack: clock")

    assert clock.state is state


def test_a_secret_that_is_none_is_wrong_and_not_shown(least: FakeSlack) -> None:
    world = world_of(least)
    world.secrets["SIGNING"] = "oops, another secret"
    options = options_of(least, app_token=None, signing_secret={"env": "SIGNING"}, listen="127.0.0.1:3000")

    found = {each.subject: each for each in examine(options, world.surroundings)}

    assert found["slack: signing secret"].state is State.WRONG
    assert "oops" not in f"{found}"


def test_slack_out_of_reach_is_wrong(least: FakeSlack) -> None:
    options = options_of(least, api_url="http://127.0.0.1:1/api/")

    (token, app, _command) = examine(options, world_of(least).surroundings)

    assert "does not answer" in token.sentence
    assert "HTTPS_PROXY" in token.remedy
    assert app.state is State.WRONG


@pytest.mark.parametrize(
    ("given", "subject", "key"),
    [
        ({"bot_token": {"env": "NO_SUCH"}}, "slack: bot token", "bot_token"),
        ({"app_token": {"env": "NO_SUCH"}}, "slack: app token", "app_token"),
        (
            {"app_token": None, "signing_secret": {"env": "NO_SUCH"}, "listen": "127.0.0.1:3000"},
            "slack: signing secret",
            "signing_secret",
        ),
    ],
)
def test_a_secret_that_is_not_there_is_one_sentence_with_its_place(
    least: FakeSlack, given: dict[str, object], subject: str, key: str
) -> None:
    environ = {"BOT": least.bot_token, "APP": least.app_token}
    options = options_of(least, **({"bot_token": {"env": "BOT"}, "app_token": {"env": "APP"}} | given))
    surroundings = replace(
        world_of(least).surroundings, reveal=lambda secret: reveal(secret, environ, lambda path: path)
    )

    (wrong,) = (each for each in examine(options, surroundings) if each.state is State.WRONG)

    assert wrong == Finding(
        subject,
        State.WRONG,
        "environment: NO_SUCH is not set, and a secret should be in it.",
        f"Put the secret there, or correct `{key}` under [chat.slack].",
    )


def test_a_token_of_another_kind_is_told_with_where_to_copy_it_from(least: FakeSlack) -> None:
    world = world_of(least)
    world.secrets["APP"] = least.bot_token

    found = {each.subject: each for each in examine(options_of(least), world.surroundings)}

    assert found["slack: app token"].sentence.endswith("names is no such token, which begins with xapp-.")
    assert found["slack: app token"].remedy.startswith("Copy it from the app's settings")
