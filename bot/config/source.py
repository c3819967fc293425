"""The text of a configuration file: its data, and where in the file each part of it stands."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.config.lines import Place, lines_of, statements
from bot.errors import ConfigError, Mistake

Finding = tuple[Place, str]
"""A place in the file and what is wrong there."""

_DEEPEST = 20
_LONGEST_KEY = 40
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SPOT = re.compile(r" \(at (?:line (?P<line>\d+), column \d+|end of document)\)$")

# What tomllib says, as its beginning, and how one who never read the TOML standard would say it.
_PLAIN = {
    "Expected '=' after a key": "expected `=` and a value after the key",
    "Invalid statement": "expected `key = value` or `[table]`",
    "Invalid initial character for a key part": "expected a key: letters, digits, `_` and `-`",
    "Expected newline or end of document": "expected nothing more on this line; text stands in quotes",
    "Invalid value": 'expected a value; text stands in quotes, as in name = "web-1"',
    "Cannot overwrite": "this key or table is given twice",
    "Cannot declare": "this table is given twice",
    "Cannot mutate": "this table was given whole before, nothing can be added to it",
    "Duplicate inline table key": "a key is given twice in these braces",
    "Unclosed array": "expected `,` or the `]` that closes the list",
    "Unclosed inline table": "expected `,` or the `}` that closes the braces, on the same line",
    "Expected ']": "expected the `]` that closes the name of the table",
    "Unterminated string": "the quotes opened here are not closed",
    "Expected \"'": "the quotes opened here are not closed",
    "Illegal character '\\n'": "the quotes opened on this line are not closed on it",
    "Found invalid character '\\n'": "the quotes opened on this line are not closed on it",
    "Found invalid character": "an invisible character stands here that TOML does not allow",
    "Illegal character": "an invisible character stands here that TOML does not allow",
    "Unescaped '\\'": "in double quotes a backslash is written `\\\\`; single quotes take it as it is",
    "Invalid hex value": "in double quotes a backslash is written `\\\\`; single quotes take it as it is",
}


@dataclass(frozen=True, slots=True)
class Source:
    """A configuration file: its name as mistakes show it, and its text."""

    file: str
    text: str

    def error(self, findings: Iterable[Finding]) -> ConfigError:
        """Return an error with each finding once, its path and its line, in the order of the file."""
        once = tuple(dict.fromkeys(findings))
        lines = lines_of(_normal(self.text)) if once else {}
        mistakes = (Mistake(_path(place), sentence, _line(lines, place)) for place, sentence in once)
        return ConfigError(self.file, tuple(sorted(mistakes, key=lambda mistake: mistake.line or 0)))

    def document(self) -> dict[str, object]:
        """Return the data of the file, lists as tuples. Raises ConfigError if it is not TOML."""
        text = _normal(self.text)
        mistake = Mistake("", "lists or tables are nested too deeply")
        try:
            return {key: _immutable(value) for key, value in tomllib.loads(text).items()}
        except tomllib.TOMLDecodeError as error:
            mistake = _syntax_mistake(str(error), text)
        except RecursionError:
            pass
        except ValueError:
            mistake = Mistake("", "a number in this file has too many digits")
        # Raised out here, so that the text of the file does not travel along as the cause.
        raise ConfigError(self.file, (mistake,))


def _normal(text: str) -> str:
    """Leave out the byte order mark and the carriage returns that Windows editors write."""
    return text.removeprefix("\N{BYTE ORDER MARK}").replace("\r\n", "\n")


def _immutable(value: object, depth: int = 0) -> object:
    if depth > _DEEPEST:
        raise RecursionError
    if isinstance(value, list):
        return tuple(_immutable(item, depth + 1) for item in value)
    if isinstance(value, dict):
        return {key: _immutable(item, depth + 1) for key, item in value.items()}
    return value


def _syntax_mistake(said: str, text: str) -> Mistake:
    spot = _SPOT.search(said)
    sentences = (plain for beginning, plain in _PLAIN.items() if said.startswith(beginning))
    sentence = next(sentences, None) or f"not valid TOML: {_SPOT.sub('', said)}"
    if spot and spot["line"]:
        return Mistake("", sentence, int(spot["line"]))
    # Found out only at the end: the cause is the first statement that is wrong by itself, else the last one.
    lines = [(line, statement) for line, statement in statements(text) if statement.strip()]
    broken = (line for line, statement in lines if not _is_toml(statement))
    return Mistake("", sentence, next(broken, lines[-1][0]))


def _is_toml(statement: str) -> bool:
    try:
        tomllib.loads(statement)
    except tomllib.TOMLDecodeError:
        return False
    return True


def _path(place: Place) -> str:
    """Write a place as a person would: `host[1].known_hosts`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{_key(part)}" for part in place).removeprefix(
        "."
    )


def _key(key: str) -> str:
    short = key if len(key) <= _LONGEST_KEY else f"{key[:_LONGEST_KEY]}…"
    if _BARE_KEY.fullmatch(key):
        return short
    return '"' + "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in short) + '"'


def _line(lines: Mapping[Place, int], place: Place) -> int | None:
    """Return the line of a place, or of the nearest thing around it that has one."""
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place)
