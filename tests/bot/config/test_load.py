"""What a configuration says when nothing is wrong with it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.config import Config, Host, Secret, Variable, default, load
from bot.domain.people import Person, Role
from bot.domain.policy import Thresholds


def read(text: str) -> Config:
    return load(text, "config.toml")


def only_host(text: str) -> Host:
    (host,) = read(text).hosts
    return host


def test_an_empty_file_is_the_default_configuration() -> None:
    assert read("") == default()


def test_without_hosts_this_machine_is_looked_after() -> None:
    (host,) = default().hosts

    assert (host.name, host.address, host.is_local) == ("local", "local", True)


def test_configured_hosts_take_the_place_of_this_machine() -> None:
    config = read('[[host]]\nname = "web-1"\n[[host]]\nname = "db-1"\naddress = "10.0.0.2"')

    assert [(host.name, host.address, host.is_local) for host in config.hosts] == [
        ("web-1", "web-1", False),
        ("db-1", "10.0.0.2", False),
    ]


def test_this_machine_may_have_another_name() -> None:
    assert only_host('host = [{ name = "jumpbox", address = "local" }]').is_local


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), ("7.5", 7.5), ('"90s"', 90), ('"5m"', 300), ('"1.5h"', 5400), ('" 1 d "', 86400)],
)
def test_durations_are_seconds_or_have_a_unit(written: str, seconds: float) -> None:
    assert read(f"[check]\nevery = {written}").check.every_s == seconds


def test_a_time_zone_is_ready_to_use() -> None:
    config = read('[bot]\ntime_zone = "Asia/Kolkata"')

    assert datetime(2024, 1, 1, tzinfo=config.bot.zone).utcoffset() == timedelta(hours=5, minutes=30)


def test_utc_needs_no_time_zone_database() -> None:
    assert default().bot.zone is UTC


def test_a_host_inherits_the_thresholds_that_it_does_not_set() -> None:
    config = read('[thresholds]\ngood = 40\n[[host]]\nname = "db"\nthresholds = { warning = 5 }')

    assert config.thresholds == Thresholds(40, 20, 10)
    assert config.thresholds_of(config.hosts[0]) == Thresholds(40, 20, 5)


def test_everything_about_a_way_to_a_host_is_kept_as_written() -> None:
    host = only_host("""
        [[host]]
        name = "db-1"
        address = "[2001:db8::1]"
        port = 2222
        user = "deploy"
        key_file = "~/.ssh/id_ed25519"
        passphrase = { env = "KEY_PASSPHRASE" }
        known_hosts = "pinned"
        jump = ["bastion", "deploy@[2001:db8::2]:22"]
        tags = ["production", "2024"]
        sudo = true
    """)

    assert (host.address, host.port, host.user, host.sudo) == ("2001:db8::1", 2222, "deploy", True)
    assert (host.key_file, host.known_hosts) == (Path("~/.ssh/id_ed25519"), Path("pinned"))
    assert host.passphrase == Secret(Variable("KEY_PASSPHRASE"))
    assert (host.jump, host.tags) == (("bastion", "deploy@[2001:db8::2]:22"), ("production", "2024"))


@pytest.mark.parametrize(
    ("written", "hops"),
    [
        ('name = "a"', None),
        ('name = "a"\njump = []', ()),
        ('name = "a"\njump = "bastion"', ("bastion",)),
        ('name = "a"\njump = "one, two"', ("one", "two")),
    ],
)
def test_a_jump_left_out_is_not_the_same_as_none_at_all(written: str, hops: tuple[str, ...] | None) -> None:
    assert only_host(f"[[host]]\n{written}").jump == hops


def test_services_of_ones_own_are_patterns() -> None:
    host = only_host('[[host]]\nname = "a"\n[host.services.shop]\nunits = ["shop-*.service"]')

    assert host.services["shop"].units == ("shop-*.service",)
    assert host.services["shop"].programs == ()


def test_people_have_the_roles_that_the_file_gives_them() -> None:
    people = read('[people]\noperators = ["slack:U01"]\napprovers = ["slack-group:S01"]').people

    assert people.role_of(Person("slack", "U01", "Alice")) is Role.OPERATOR
    assert people.role_of(Person("slack", "U02", "Bob", ("slack-group:S01",))) is Role.APPROVER
    assert people.role_of(Person("discord", "9", "Eve")) is Role.VIEWER


@pytest.mark.parametrize("name", ["web-1", "web_1.example.org", "10.0.0.1", "größe", "🐘-primary", "a" * 64])
def test_hosts_may_be_called_almost_anything(name: str) -> None:
    assert only_host(f'[[host]]\nname = "{name}"').name == name


def test_two_ways_to_write_an_accent_are_one_name() -> None:
    assert only_host('[[host]]\nname = "cafe\u0301"').name == "caf\u00e9"


def test_files_of_windows_editors_are_read() -> None:
    assert read("\ufeff[check]\r\nevery = 90\r\n").check.every_s == 90


def test_where_a_configuration_came_from_makes_no_difference() -> None:
    assert load("# nothing", "a.toml") == load("", "b.toml")


def test_nothing_in_a_configuration_can_be_changed() -> None:
    config = read(
        '[chat.slack]\nnested = { deeper = 1 }\n[[host]]\nname = "a"\nservices.b.units = ["b.service"]'
    )

    for mapping in (
        config.chat,
        config.chat["slack"],
        config.chat["slack"]["nested"],
        config.hosts[0].services,
    ):
        assert not hasattr(mapping, "__setitem__")
    with pytest.raises(ValueError, match="frozen"):
        config.hosts[0].name = "b"
