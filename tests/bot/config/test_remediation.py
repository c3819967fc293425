"""What the file says about approved remediation."""

from __future__ import annotations

import pytest

from bot.config import Config, load
from bot.errors import ConfigError

ACTIONS = ("set_workers", "stop_service")


def read(text: str) -> Config:
    return load(text, "config.toml", actions=lambda: ACTIONS)


def mistakes(text: str) -> list[str]:
    with pytest.raises(ConfigError) as refused:
        read(text)
    return [f"{mistake.path}: {mistake.sentence}" for mistake in refused.value.mistakes]


def test_without_a_table_one_other_person_approves() -> None:
    remediation = read("").remediation

    assert (remediation.quorum_of("set_workers"), remediation.four_eyes) == (1, True)
    assert (remediation.expires_s, remediation.solo_delay_s, remediation.watch_s) == (900, 30, 300)
    assert remediation.undo_unhealthy is False
    assert remediation.sizes_mib == (16, 32, 64, 128, 256, 512, 1024)


def test_some_remediations_take_more_people() -> None:
    remediation = read("[remediation]\nquorums = { stop_service = 2 }").remediation

    assert (remediation.quorum_of("stop_service"), remediation.quorum_of("set_workers")) == (2, 1)


def test_sizes_are_sorted_and_whole() -> None:
    assert read('[remediation]\nsizes = ["1 GiB", "30 MiB"]').remediation.sizes_mib == (30, 1024)
    assert mistakes('[remediation]\nsizes = ["1.5 MiB"]') == ["remediation: expected `sizes` of whole MiB"]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("quorum = 0", "remediation.quorum: expected a number of people, from 1 to 10"),
        ('expires = "5s"', "remediation.expires: expected a duration"),
        ("four_eyes = 1", "remediation.four_eyes: expected true or false"),
        ("quorums = { stop = 2 }", "remediation.quorums.stop: there is no such remediation; "),
    ],
)
def test_what_is_wrong_is_told_at_its_place(written: str, said: str) -> None:
    (mistake,) = mistakes(f"[remediation]\n{written}")

    assert mistake.startswith(said)


def test_a_service_that_is_known_can_be_allowed_or_forbidden() -> None:
    config = read(
        '[[host]]\nname = "web-1"\nservices.gunicorn = { forbid = ["stop_service"],'
        ' health = "https://web-1.example.org/health" }'
    )

    gunicorn = config.hosts[0].services["gunicorn"]
    assert (gunicorn.forbid, gunicorn.allow, gunicorn.is_recognised) == (("stop_service",), (), False)
    assert gunicorn.health == "https://web-1.example.org/health"


def test_a_remediation_that_does_not_exist_cannot_be_allowed() -> None:
    (mistake,) = mistakes('[[host]]\nname = "web-1"\nservices.redis = { allow = ["stop"] }')

    assert mistake.startswith("host[0].services.redis.allow[0]: there is no such remediation; ")


@pytest.mark.parametrize(
    "url",
    ["ftp://example.org", "https://", "https://me:secret@example.org", "example.org", "https://[", "a b"],
)
def test_a_health_address_has_to_be_one_without_a_password(url: str) -> None:
    (mistake,) = mistakes(f'[[host]]\nname = "web-1"\nservices.redis = {{ health = "{url}" }}')

    assert "without a password" in mistake
    assert "secret" not in mistake


def test_accounts_of_one_person_are_one() -> None:
    people = read('[people]\nsame = [["slack:U01", "discord:7"]]').people

    assert people.who("discord:7") == people.who("slack:U01") == "slack:U01"
    assert people.who("slack:U02") == "slack:U02"


def test_an_account_is_one_person_s() -> None:
    said = mistakes('[people]\nsame = [["slack:U01", "slack-group:S01"], ["discord:7", "slack:U01"]]')

    assert said == [
        'people.same[0][1]: expected one account, such as "slack:U01", no group',
        "people.same[1][1]: same[0] has this account already",
    ]
