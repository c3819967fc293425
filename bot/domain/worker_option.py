"""The option of a server's command line that sets its number of workers: found, read, and set anew.

What is not understood for certain raises NotUnderstood: a line that looks right but has another number of
workers after the next restart is worse than none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from bot.domain.command_line import Unbalanced, variable, words
from bot.domain.interpreters import base_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bot.domain.command_line import Word
    from bot.domain.service import Scaling

# What systemd lets stand before the path.
_PREFIX = re.compile(r"[-:+!@|]*")
_VALUE = re.compile(r"[0-9]{1,6}|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][A-Za-z0-9_]*\}|%[iIjJ]")
_NUMBER = re.compile(r"[0-9]{1,6}")
_STRANGE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_SHORTEST_ABBREVIATION = 3
# What may stand before the program and hand it all words that follow.
_LAUNCHERS = re.compile(
    r"""(?:(?:
        env(?:\ [A-Za-z_][A-Za-z0-9_]*=\S*)*
      | (?:python|pypy)[0-9.]*(?:\ -(?:[bBdEIOPqsSuvx]+|[WX]\ ?\S+))*(?:\ -m)?
      | ruby[0-9.]*
      | bundler?[0-9.]*\ exec(?:\ --keep-file-descriptors)?
      | (?:poetry|pipenv|uv|pdm)\ run
      | nice(?:\ -n\ ?-?[0-9]+|\ --?[0-9]+)?
      | ionice(?:\ -[cn]\ ?[0-9])*
      | newrelic-admin\ run-program
      | ddtrace-run
      | opentelemetry-instrument
    )(?:\ |$))*""",
    re.VERBOSE,
)


class NotUnderstood(ValueError):
    """Why the workers of a line cannot be set; `str` ends a sentence that begins with the unit's name."""


@dataclass(frozen=True, slots=True)
class _Option:
    """The worker option: from the end of the word before it up to before `end`, and its value."""

    start: int
    end: int
    value: str


def with_count(line: str, scaling: Scaling, count: int, environment: Mapping[str, str]) -> str:
    """Return an ExecStart= line that starts the same with `count` workers.

    `environment` are the variables that are known for certain. Every worker option goes with the blanks
    before it, and one comes right after the program. Raises NotUnderstood.
    """
    found = _read(line)
    anchor = _anchor(found, scaling)
    _check(found[anchor + 1 :], scaling, environment)
    end = found[anchor].end
    kept, place = line[:end], end
    for option in _options(found, anchor, scaling):
        kept += line[place : option.start]
        place = option.end
    return f"{kept[:end]} {scaling.spelling} {count}{kept[end:]}{line[place:]}"


def said(line: str, scaling: Scaling) -> str | None:
    """Return the value of the last worker option, which counts; None without one. Raises NotUnderstood."""
    found = _read(line)
    return next(
        (option.value for option in reversed([*_options(found, _anchor(found, scaling), scaling)])), None
    )


def said_among(options: str, scaling: Scaling) -> str | None:
    """Return the same of a variable that holds options (`GUNICORN_CMD_ARGS`). Raises NotUnderstood."""
    return next((option.value for option in reversed([*_options(_read(options), -1, scaling)])), None)


def has_word(line: str, *wanted: str) -> bool:
    """Tell whether one of these words stands in a line."""
    try:
        return any(word.text in wanted for word in words(line))
    except Unbalanced:
        return False


def _read(line: str) -> tuple[Word, ...]:
    if _STRANGE.search(line):
        raise NotUnderstood("has control characters in its ExecStart=")
    try:
        found = words(line)
    except Unbalanced:
        raise NotUnderstood("has a quote without an end in its ExecStart=") from None
    if any(word.raw == ";" for word in found):
        raise NotUnderstood("runs several commands in one ExecStart=")
    return found


def _anchor(found: Sequence[Word], scaling: Scaling) -> int:
    """Return the place of the word after which the option is written."""
    first = _PREFIX.sub("", found[0].text, count=1) if found else ""
    if found and "@" in found[0].text.removesuffix(first):
        raise NotUnderstood("gives its program another name (`@` in ExecStart=)")
    texts = [first, *(word.text for word in found[1:])]
    names = [text if "=" in text else base_name(text) for text in texts]
    program = next((i for i, name in enumerate(names) if _is_program(name, scaling)), None)
    plain = program is not None and all(word.is_plain for word in found[: program + 1])
    if program is None or not plain or not _LAUNCHERS.fullmatch(" ".join(names[:program])):
        raise NotUnderstood(f"starts {_shown(first)}, a wrapper that memwarden does not look into")
    if not scaling.after:
        return program
    for place in range(program + 1, len(found)):
        if texts[place] == scaling.after and found[place].is_plain:
            _check_command(found[program + 1 : place], scaling)
            return place
    raise NotUnderstood(f"starts {_shown(first)} without the command {scaling.after}")


def _check_command(before: Sequence[Word], scaling: Scaling) -> None:
    """Raise NotUnderstood where the command may be an option's value, or the workers are set before it."""
    if any(_spelling(word.text, scaling) for word in before):
        raise NotUnderstood(f"has the number of workers before the word {scaling.after}")
    if before and _takes_value(before[-1].text, scaling):
        raise NotUnderstood(f"may mean the word {scaling.after} as the value of {_shown(before[-1].text)}")


def _is_program(name: str, scaling: Scaling) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in scaling.programs)


def _options(found: Sequence[Word], anchor: int, scaling: Scaling) -> Iterator[_Option]:
    place = anchor + 1
    while place < len(found):
        word = found[place]
        spelling = _spelling(word.text, scaling)
        if not spelling:
            place += 1
            continue
        start, last = found[place - 1].end if place else 0, word
        value = word.text.removeprefix(spelling).removeprefix("=" if spelling.startswith("--") else "")
        if word.text == spelling:
            place += 1
            if place == len(found):
                raise NotUnderstood(f"ends with {spelling} and no number")
            last = found[place]
            value = last.raw
        if not word.is_plain or not last.is_plain or not _VALUE.fullmatch(value):
            raise NotUnderstood(f"has {_shown(word.raw)} {_shown(value)} where a plain number belongs")
        yield _Option(start, last.end, value)
        place += 1


def _spelling(text: str, scaling: Scaling) -> str:
    """Return the spelling of the worker option that a word is or begins with; empty if it is another word."""
    for option in scaling.options:
        if text == option or text.startswith(f"{option}=" if option.startswith("--") else option):
            return option
    return ""


def _check(rest: Sequence[Word], scaling: Scaling, environment: Mapping[str, str]) -> None:
    """Raise NotUnderstood where something beside the option decides, or may."""
    for place, word in enumerate(rest):
        for pattern, reason in scaling.rivals:
            if fnmatchcase(word.text, pattern):
                raise NotUnderstood(f"starts it so that {reason}")
        if _is_hidden(word.text, scaling):
            raise NotUnderstood(f"has {_shown(word.text)}, which may be a way to set the workers")
        before = rest[place - 1].text if place else ""
        if not _takes_value(before, scaling):
            _check_variable(word, scaling, environment)


def _check_variable(word: Word, scaling: Scaling, environment: Mapping[str, str]) -> None:
    """Raise NotUnderstood for a variable that may bring words of its own: unquoted `$NAME` is split."""
    name = variable(word.raw)
    if name is None or word.raw.startswith("${"):
        return
    value = environment.get(name)
    if value is None:
        raise NotUnderstood(f"takes options from {word.raw}, whose value memwarden cannot see")
    try:
        sets_workers = said_among(value, scaling) is not None
    except NotUnderstood:
        sets_workers = True
    if sets_workers:
        raise NotUnderstood(f"sets the workers in {word.raw}, too")


def _is_hidden(text: str, scaling: Scaling) -> bool:
    """Tell whether a word may be the option in another form: cut short, or behind other letters."""
    name = text.partition("=")[0]
    if len(name) >= _SHORTEST_ABBREVIATION and name.startswith("--"):
        return any(option.startswith(name) and option != name for option in scaling.options)
    letters = "".join(flag[1] for flag in scaling.flags if re.fullmatch("-[A-Za-z]", flag))
    shorts = "".join(option[1] for option in scaling.options if not option.startswith("--"))
    return bool(letters and shorts) and re.match(f"-[{letters}]+[{shorts}]", text) is not None


def _takes_value(text: str, scaling: Scaling) -> bool:
    """Tell whether the word after this one is its value."""
    if not re.fullmatch(r"-[A-Za-z]|--[A-Za-z][A-Za-z0-9-]*", text):
        return False
    return text not in scaling.flags


def _shown(text: str) -> str:
    """Return a word of the host's for a sentence: short, and nothing in it that could be markup."""
    plain = "".join(c if c.isprintable() and c not in "`*_~|<>@" else "?" for c in text[:60])
    return f"`{plain}`" if plain else "nothing"
