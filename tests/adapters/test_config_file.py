"""Which configuration file is read, and what is said if it cannot be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from adapters.config_file import find, located, read, shown
from bot.errors import ConfigError


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be a user without any configuration, in an empty directory."""
    (tmp_path / "here").mkdir()
    (tmp_path / "settings" / "memwarden").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))


def said(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        read(path)
    return str(caught.value)


def test_without_any_file_there_is_none() -> None:
    assert find(None, {}) is None


def test_the_file_asked_for_comes_before_all_others() -> None:
    Path("config.toml").touch()

    assert find(Path("mine.toml"), {"MEMWARDEN_CONFIG": "other.toml"}) == Path("mine.toml")
    assert find(None, {"MEMWARDEN_CONFIG": "other.toml"}) == Path("other.toml")


def test_an_empty_variable_names_no_file() -> None:
    assert find(None, {"MEMWARDEN_CONFIG": ""}) is None


def test_the_file_in_the_current_directory_comes_before_that_of_the_user(tmp_path: Path) -> None:
    users = tmp_path / "settings" / "memwarden" / "config.toml"
    users.touch()
    assert find(None, {}) == users

    Path("config.toml").touch()
    assert find(None, {}) == Path("config.toml")


def test_a_file_is_read_as_it_is() -> None:
    Path("config.toml").write_bytes("# größe\r\n".encode())

    assert read(Path("config.toml")) == "# größe\r\n"


def test_a_missing_file_is_one_sentence() -> None:
    assert said(Path("no.toml")) == "no.toml: there is no such file; look at --config and MEMWARDEN_CONFIG"


def test_a_directory_is_one_sentence() -> None:
    Path("conf").mkdir()

    assert said(Path("conf")) == "conf: this is a directory; name the file in it, such as conf/config.toml"


def test_a_file_that_cannot_be_opened_is_one_sentence() -> None:
    Path("loop.toml").symlink_to("loop.toml")
    Path("plain").touch()

    assert said(Path("loop.toml")) == "loop.toml: cannot be read: Too many levels of symbolic links"
    assert said(Path("plain/config.toml")) == "plain/config.toml: cannot be read: Not a directory"
    assert said(Path("a\0b")) == "a\\x00b: cannot be read: embedded null byte"


def test_another_encoding_is_one_sentence_with_the_line() -> None:
    Path("config.toml").write_bytes(b"[bot]\n# gr\xf6\xdfe\n")

    assert said(Path("config.toml")) == "config.toml:2: is not UTF-8 text; save it in this encoding"


def test_a_huge_file_is_not_read() -> None:
    with Path("config.toml").open("wb") as file:
        file.truncate(1024 * 1024 + 1)

    assert (
        said(Path("config.toml"))
        == "config.toml: is larger than 1 MiB; that is no configuration of memwarden"
    )


def test_paths_are_printable_whatever_their_bytes() -> None:
    assert shown(Path(os.fsdecode(b"a\xff\x1b[2J\n\xc3\xa4"))) == "a\\udcff\\x1b[2J\\nä"


def test_paths_in_the_file_are_relative_to_it(tmp_path: Path) -> None:
    assert located(Path("key"), Path("/etc/memwarden/config.toml")) == Path("/etc/memwarden/key")
    assert located(Path("/key"), Path("/etc/memwarden/config.toml")) == Path("/key")
    assert located(Path("~/key"), Path("/etc/memwarden/config.toml")) == tmp_path / "key"
    assert located(Path("key"), None) == Path("key")


def test_the_home_of_nobody_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match="no-such-user/key: there is no such home directory"):
        located(Path("~no-such-user/key"), None)
