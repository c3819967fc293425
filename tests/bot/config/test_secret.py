"""A secret is named in the configuration; what it is stands elsewhere and is never told."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest

from bot.config import Secret, Section, Variable, load, read_section
from bot.errors import ConfigError

LITERAL = "hunter2 is my password"


class Login(Section):
    token: Secret


def token(written: str) -> Secret:
    return read_section(Login, load(f"[chat.slack]\ntoken = {written}", "config.toml"), "slack").token


def test_a_secret_stands_in_an_environment_variable() -> None:
    assert token('{ env = "SLACK_TOKEN" }') == Secret(Variable("SLACK_TOKEN"))


def test_a_secret_stands_in_a_file() -> None:
    assert token('{ file = "~/token" }') == Secret(Path("~/token"))


def test_a_secret_can_be_shown_and_stored_because_it_holds_nothing() -> None:
    secret = token('{ env = "SLACK_TOKEN" }')

    assert repr(secret) == "Secret(place=Variable(name='SLACK_TOKEN'))"
    assert pickle.loads(pickle.dumps(secret)) == secret  # noqa: S301 - what was just written


@pytest.mark.parametrize(
    "written",
    [
        f'"{LITERAL}"',
        f'{{ env = "{LITERAL}" }}',
        f'{{ file = "{LITERAL}\\n" }}',
        f'{{ value = "{LITERAL}" }}',
        f'{{ env = "A", file = "{LITERAL}" }}',
        f'["{LITERAL}"]',
    ],
)
def test_a_secret_written_into_the_file_is_refused_and_not_repeated(written: str) -> None:
    with pytest.raises(ConfigError) as caught:
        token(written)

    assert caught.value.mistakes[0].path == "chat.slack.token"
    assert caught.value.mistakes[0].line == 2
    assert LITERAL not in "".join(traceback.format_exception(caught.value)) + repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_a_literal_is_told_how_to_write_a_secret() -> None:
    with pytest.raises(ConfigError) as caught:
        token(f'"{LITERAL}"')

    assert str(caught.value) == (
        "config.toml:2: chat.slack.token: a secret never stands in this file:"
        ' write `{ env = "NAME" }` for an environment variable or `{ file = "path" }` for a file'
    )


def test_the_configuration_does_not_show_what_nobody_has_looked_into() -> None:
    assert LITERAL not in repr(load(f'[chat.slack]\ntoken = "{LITERAL}"', "config.toml"))


@pytest.mark.parametrize(
    "key", ["user", "port", "jump", "tags", "services", "thresholds", "password", "address"]
)
def test_a_secret_at_a_wrong_key_is_not_repeated(key: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(f'[[host]]\nname = "a"\n{key} = ["{LITERAL}"]', "config.toml")

    assert LITERAL not in str(caught.value) + repr(caught.value)
