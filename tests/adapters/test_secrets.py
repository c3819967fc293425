"""Secrets are read where the configuration says they are."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from adapters.secrets import reveal
from bot.config import Secret, Variable
from bot.errors import ConfigError


def as_it_is(path: Path) -> Path:
    return path


def written(path: Path, content: bytes, mode: int = 0o600) -> Secret:
    path.write_bytes(content)
    path.chmod(mode)
    return Secret(path)


def said(secret: Secret) -> str:
    with pytest.raises(ConfigError) as caught:
        reveal(secret, {}, as_it_is)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))
    return str(caught.value)


def test_a_secret_of_the_environment() -> None:
    assert reveal(Secret(Variable("TOKEN")), {"TOKEN": "hunter2"}, as_it_is) == "hunter2"


@pytest.mark.parametrize("environ", [{}, {"TOKEN": ""}])
def test_a_variable_that_is_not_set_is_one_sentence(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigError) as caught:
        reveal(Secret(Variable("TOKEN")), environ, as_it_is)

    assert str(caught.value) == "environment: TOKEN: is not set, and a secret should be in it"


def test_a_variable_of_other_bytes_than_text_is_one_sentence() -> None:
    with pytest.raises(ConfigError) as caught:
        reveal(Secret(Variable("TOKEN")), {"TOKEN": os.fsdecode(b"hunter2\xff")}, as_it_is)

    assert str(caught.value) == "environment: TOKEN: expected a secret as UTF-8 text"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_a_secret_of_a_file_ends_before_its_line_does(tmp_path: Path, end: bytes) -> None:
    assert reveal(written(tmp_path / "token", b" hunter2 " + end), {}, as_it_is) == " hunter2 "


def test_a_path_is_looked_up_where_the_caller_says(tmp_path: Path) -> None:
    written(tmp_path / "token", b"hunter2")

    assert reveal(Secret(tmp_path / "elsewhere"), {}, lambda path: path.with_name("token")) == "hunter2"


def test_a_group_may_share_a_secret(tmp_path: Path) -> None:
    assert reveal(written(tmp_path / "token", b"hunter2", 0o640), {}, as_it_is) == "hunter2"


@pytest.mark.parametrize("mode", [0o644, 0o602])
def test_a_file_open_to_everybody_is_refused(tmp_path: Path, mode: int) -> None:
    told = said(written(tmp_path / "token", b"hunter2", mode))

    assert told.endswith(
        "token: this file of a secret is open to everybody on this machine; make it `chmod 600`"
    )


def test_files_that_a_container_engine_mounts_may_be_open(tmp_path: Path) -> None:
    secret = written(tmp_path / "token", b"hunter2", 0o444)

    assert reveal(secret, {}, as_it_is, mounts=(tmp_path,)) == "hunter2"


def test_a_secret_may_come_through_a_pipe() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"hunter2\n")
    os.close(writer)
    try:
        assert reveal(Secret(Path(f"/dev/fd/{reader}")), {}, as_it_is) == "hunter2"
    finally:
        os.close(reader)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    assert said(Secret(tmp_path / "no")).endswith(
        "no: this file of a secret cannot be read: No such file or directory"
    )


@pytest.mark.parametrize("content", [b"", b"\n", b"hunter2\xff"])
def test_a_file_without_text_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    assert said(written(tmp_path / "token", content)).endswith(
        "expected a secret as UTF-8 text; this file has none"
    )


def test_a_huge_file_is_no_secret(tmp_path: Path) -> None:
    assert said(written(tmp_path / "token", b"hunter2" * 10_000)).endswith(
        "is larger than 64 KiB; that is no secret"
    )
