"""Where to connect, as the configuration and ~/.ssh/config say."""

from __future__ import annotations

import getpass
from pathlib import Path

import pytest

from adapters.hosts.ssh.route import Hop, route
from bot.domain.host import HostAddress
from bot.errors import HostUnreachable

KNOWN_HOSTS = Path("/etc/memwarden/known_hosts")


def told(
    tmp_path: Path, config: str, address: str = "web-1", jump: tuple[HostAddress, ...] | None = None
) -> tuple[Hop, ...]:
    file = tmp_path / "config"
    file.write_text(config)
    return route(HostAddress("web-1", address, KNOWN_HOSTS, jump=jump), file)


def where(hops: tuple[Hop, ...]) -> list[str]:
    return [f"{hop.user}@{hop.address}:{hop.port}" for hop in hops]


def test_without_a_configuration_the_usual_holds(tmp_path: Path) -> None:
    [hop] = route(HostAddress("web-1", "10.0.0.1", KNOWN_HOSTS), tmp_path / "none")

    assert (hop.address, hop.port, hop.user) == ("10.0.0.1", 22, getpass.getuser())
    assert (hop.pinned_as, hop.known_hosts) == ("10.0.0.1", KNOWN_HOSTS)
    assert [key.name for key in hop.usual_keys] == ["id_ed25519", "id_ecdsa", "id_rsa"]


def test_an_alias_fills_in_what_was_not_said(tmp_path: Path) -> None:
    config = "Host web-*\n HostName %h.example.com\n Port 2222\n User deploy\n IdentityFile /keys/%h\n"

    [hop] = told(tmp_path, config)

    assert where((hop,)) == ["deploy@web-1.example.com:2222"]
    assert hop.pinned_as == "[web-1.example.com]:2222"
    assert hop.usual_keys == (Path("/keys/web-1.example.com"),)


def test_what_was_said_counts_more_than_the_alias(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_text("Host web-1\n Port 2222\n User root\n IdentityFile /keys/alias\n")

    [hop] = route(
        HostAddress("web-1", "web-1", KNOWN_HOSTS, port=22, user="deploy", key_file=Path("/keys/mine")), file
    )

    assert where((hop,)) == ["deploy@web-1:22"]
    assert hop.key_file == Path("/keys/mine")


def test_a_key_alias_is_the_name_that_is_pinned(tmp_path: Path) -> None:
    [hop] = told(tmp_path, "Host web-1\n HostName 10.0.0.1\n HostKeyAlias Web\n")

    assert hop.pinned_as == "web"


def test_jump_hosts_come_in_their_order(tmp_path: Path) -> None:
    config = (
        "Host web-1\n ProxyJump gate,admin@[2001:db8::1]:2200\n"
        "Host gate\n HostName gate.example.com\n User jumper\n"
        "Host *\n User deploy\n"
    )

    assert where(told(tmp_path, config)) == [
        "jumper@gate.example.com:22",
        "admin@2001:db8::1:2200",
        "deploy@web-1:22",
    ]


def test_the_nearest_jump_host_may_have_one_of_its_own(tmp_path: Path) -> None:
    config = (
        "Host web-1\n ProxyJump gate,inner\nHost gate\n ProxyJump door\n"
        "Host inner\n ProxyJump elsewhere\nHost *\n User u\n"
    )

    assert where(told(tmp_path, config)) == ["u@door:22", "u@gate:22", "u@inner:22", "u@web-1:22"]


@pytest.mark.parametrize("jump", [(), (HostAddress("bastion", "10.0.0.9", KNOWN_HOSTS, jump=()),)])
def test_a_jump_that_was_said_counts_more_than_the_alias(
    tmp_path: Path, jump: tuple[HostAddress, ...]
) -> None:
    hops = told(tmp_path, "Host *\n ProxyJump gate\n User u\n", jump=jump)

    assert where(hops) == [*(f"u@{each.address}:22" for each in jump), "u@web-1:22"]


def test_jump_hosts_in_a_circle_are_refused(tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable) as refused:
        told(tmp_path, "Host web-1\n ProxyJump gate\nHost gate\n ProxyJump web-1\n")

    assert str(refused.value) == "The jump hosts of web-1 go in a circle: web-1 -> gate -> web-1."


def test_a_jump_host_for_everybody_is_a_circle_for_itself(tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable, match="go in a circle: web-1 -> gate -> gate"):
        told(tmp_path, "Host *\n ProxyJump gate\n")


def test_a_proxy_command_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(
        HostUnreachable, match=r"reached by a ProxyCommand .* name its jump hosts as ProxyJump"
    ):
        told(tmp_path, "Host web-1\n ProxyCommand nc %h %p\n")


def test_a_proxy_command_of_none_is_none(tmp_path: Path) -> None:
    assert len(told(tmp_path, "Host web-1\n ProxyCommand none\n ProxyJump none\n")) == 1


@pytest.mark.parametrize(
    "config",
    [
        "Host 'web-1\n",
        "nonsense\n",
        "Host web-1\n Port many\n",
        "Host web-1\n ProxyJump host:0\n",
        "Match nothing\n",
    ],
)
def test_a_configuration_that_makes_no_sense_is_refused(tmp_path: Path, config: str) -> None:
    with pytest.raises(HostUnreachable) as refused:
        told(tmp_path, config)

    assert str(refused.value).startswith(f"{tmp_path / 'config'} cannot be used: ")


def test_no_command_of_the_configuration_is_run(tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable, match=r"memwarden runs no commands \(`Match exec`\)"):
        told(tmp_path, f'Match exec "touch {tmp_path}/ran"\n Port 2222\n')

    assert not (tmp_path / "ran").exists()


def test_a_configuration_that_is_not_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "config"
    file.write_bytes(b"Host \xff\n")

    with pytest.raises(HostUnreachable, match="config cannot be used: "):
        route(HostAddress("web-1", "web-1", KNOWN_HOSTS), file)


def test_included_files_stand_in_their_place(tmp_path: Path) -> None:
    (tmp_path / "10-web").write_text("Host web-1\n Port 2222\n")
    (tmp_path / "20-all").write_text("Host *\n Port 4444\n User included\n")

    [hop] = told(tmp_path, f"Include {tmp_path}/[0-9]*\nUser first\nHost *\n Port 5555\n")

    assert where((hop,)) == ["included@web-1:2222"]


def test_what_follows_an_included_file_belongs_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "other").write_text("Compression yes\n")

    [hop] = told(tmp_path, f'Host web-1\n Include "{tmp_path}/other"\n Port 3333\n User u\n')

    assert where((hop,)) == ["u@web-1:3333"]


@pytest.mark.parametrize("section", ["Host *", "Host other", "Match user x"])
def test_sections_included_into_one_for_some_hosts_are_refused(tmp_path: Path, section: str) -> None:
    (tmp_path / "inner").write_text(f"{section}\n User intruder\n HostName 10.9.9.9\n")
    (tmp_path / "outer").write_text(f"Include {tmp_path}/inner\n")

    with pytest.raises(
        HostUnreachable, match=r"inner has Host or Match lines and is included below `Host db`"
    ):
        told(tmp_path, f"Host db\n Include {tmp_path}/outer\nHost web-1\n User u\n")


def test_an_alias_of_the_host_key_has_no_port(tmp_path: Path) -> None:
    [hop] = told(tmp_path, "Host web-1\n User u\n Port 2222\n HostKeyAlias Web.Alias\n")

    assert hop.pinned_as == "web.alias"


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HostUnreachable, match="is included too deeply"):
        told(tmp_path, f"Include {tmp_path}/config\n")
