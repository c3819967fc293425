"""Whatever stands in the file, the answer is a configuration or a list of mistakes."""

from __future__ import annotations

import traceback

from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, load
from bot.errors import ConfigError

SECRET = "s3cr3t-v4lu3"

KEYS = st.sampled_from(
    [
        "bot",
        "check",
        "thresholds",
        "host",
        "chat",
        "people",
        "database",
        "time_zone",
        "every",
        "timeout",
        "deep_budget_gib",
        "good",
        "acceptable",
        "warning",
        "name",
        "address",
        "port",
        "user",
        "key_file",
        "passphrase",
        "known_hosts",
        "jump",
        "tags",
        "sudo",
        "services",
        "units",
        "programs",
        "viewers",
        "slack",
        "operators",
        "x",
        "env",
        "file",
    ]
)
SCALARS = st.one_of(
    st.sampled_from(
        [
            "1",
            "-1",
            "0.5",
            "inf",
            "nan",
            "true",
            "1979-05-27",
            "07:32:00",
            "'local'",
            "'60s'",
            "'a@b:1'",
            "'*'",
        ]
    ),
    st.just(f"'{SECRET}'"),
    st.text("ab-:@*./~ é\u200b", max_size=5).map("'{}'".format),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.dictionaries(KEYS, inner, max_size=3).map(
            lambda table: "{" + ", ".join(f"{key} = {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=6,
)
PATHS = st.lists(KEYS, min_size=1, max_size=3).map(".".join)
LINES = st.one_of(
    st.tuples(PATHS, VALUES).map(" = ".join),
    PATHS.map("[{}]".format),
    PATHS.map("[[{}]]".format),
    st.text(max_size=9),
)


def outcome(text: str) -> Config | ConfigError:
    try:
        return load(text, "config.toml")
    except ConfigError as error:
        return error


@given(st.text())
def test_any_text_is_a_configuration_or_a_list_of_mistakes(text: str) -> None:
    assert isinstance(outcome(text), Config | ConfigError)


@given(st.lists(LINES, max_size=8).map("\n".join))
def test_anything_like_a_configuration_is_one_or_has_mistakes_in_printable_lines(text: str) -> None:
    result = outcome(text)

    if isinstance(result, ConfigError):
        assert result.mistakes
        assert all(
            mistake.path.isprintable() and mistake.sentence.isprintable() for mistake in result.mistakes
        )
        assert all(mistake.line is None or mistake.line >= 1 for mistake in result.mistakes)


@given(st.tuples(PATHS, VALUES).map(" = ".join))
def test_no_mistake_repeats_a_value(text: str) -> None:
    result = outcome(text)

    if isinstance(result, ConfigError):
        assert SECRET not in "".join(traceback.format_exception(result))
        assert SECRET not in repr(result)


@given(st.sampled_from(["chat.slack.x", "chat.slack.passphrase", "chat.x.env"]), VALUES)
def test_no_configuration_shows_what_a_platform_has_not_read_yet(path: str, value: str) -> None:
    assert SECRET not in repr(outcome(f"{path} = {value}"))
