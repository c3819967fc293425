"""`/mem hosts`."""

from __future__ import annotations

from tests.conversations.ops import Ops, text_of

FLEET = """
[[host]]
name = "web-1"
address = "10.0.0.5"
port = 2222
user = "ops"
jump = ["bastion", "me@inner:22"]
tags = ["production", "web"]

[[host]]
name = "db-1"
address = "fd00::5"
port = 22

[[host]]
name = "cache.example.com"

[[host]]
name = "here"
address = "local"
"""


def test_every_host_is_listed_with_the_way_to_it() -> None:
    answer = Ops(FLEET).say("alice", "hosts")

    assert text_of(answer).splitlines() == [
        "4 hosts",
        "host  reached as  tags",
        "web-1  ops@10.0.0.5:2222 via bastion, me@inner:22  production, web",
        "db-1  [fd00::5]:22  ",
        "cache.example.com  cache.example.com  ",
        "here  this machine  ",
        "as configured; nothing was asked of the hosts",
    ]


def test_only_those_that_are_meant_are_listed() -> None:
    assert text_of(Ops(FLEET).say("alice", "hosts web")).splitlines()[:3] == [
        "1 host",
        "host  reached as  tags",
        "web-1  ops@10.0.0.5:2222 via bastion, me@inner:22  production, web",
    ]
    assert text_of(Ops(FLEET).say("alice", "hosts HERE")).splitlines()[2:3] == ["here  this machine  "]


def test_without_configured_hosts_there_is_this_machine() -> None:
    assert text_of(Ops().say("alice", "hosts")).startswith(
        "1 host\nhost  reached as  tags\nlocal  this machine"
    )


def test_nothing_is_run_on_a_host() -> None:
    ops = Ops(FLEET)

    ops.say("alice", "hosts")

    assert all(shell.ran == [] for shell in ops.hosts.shells.values())
