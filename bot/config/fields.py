"""The kinds of values that the configuration file can hold, and what makes each of them valid.

No sentence here repeats the value: it may be a secret that somebody wrote in the wrong place.
"""

import re
import unicodedata
from datetime import UTC, time, tzinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, InstanceOf

from bot.config import cron
from bot.domain.host import split_destination
from bot.domain.policy import Severity
from bot.domain.rule import Bytes
from bot.domain.units import GIB, KIB, MIB

_DURATION = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?) ?(?P<unit>[smhd])")
_SECONDS_PER = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_NAME = 64
# Quotes group words in a chat; a comma separates the hops of `jump`.
_NOT_IN_NAMES = frozenset(" \"'`\\,")
_NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
PERSON = re.compile(r"\*|(?P<platform>[a-z][a-z0-9]*)(?::(?:\*|[^\s*]+)|-(?P<group>group|role):[^\s*]+)")
"""An entry under `[people]`, and in it the platform and the word for its groups."""

_UNIT_KINDS = (".service", ".scope", ".slice", ".socket", ".mount", ".swap", "*")


def seconds(value: object) -> object:
    """Return a duration that is written as text in seconds, anything else as it is. Raises ValueError."""
    if not isinstance(value, str):
        return value
    found = _DURATION.fullmatch(value.strip())
    if found is None:
        raise ValueError('expected a duration: seconds, or text with a unit such as "90s" or "5m"')
    return float(found["number"]) * _SECONDS_PER[found["unit"]]


def path_of(text: str) -> Path:
    """Return the path as it is written, `~` and all. Raises ValueError if it cannot be a path."""
    if not text or not text.isprintable():
        raise ValueError("expected the path of a file")
    return Path(text)


def _path(value: object) -> object:
    return path_of(value) if isinstance(value, str) else value


def _database(path: Path) -> Path:
    if re.match(r"[a-z0-9+]+:/", str(path)):
        raise ValueError("expected the path of an SQLite file, not an address")
    return path


def _word(text: str) -> str:
    word = unicodedata.normalize("NFC", text)
    if not word or len(word) > _LONGEST_NAME or not word.isprintable() or not _NOT_IN_NAMES.isdisjoint(word):
        raise ValueError(
            f"expected a name of at most {_LONGEST_NAME} characters without spaces, commas, quotes"
            " and invisible characters"
        )
    if word.startswith(("-", "/")):
        raise ValueError("a name cannot begin with `-` or `/`")
    return word


def _name(text: str) -> str:
    name = _word(text)
    if _NUMBER.fullmatch(name):
        raise ValueError("a name cannot be a number: `top 20` would have two meanings")
    return name


def _address(text: str) -> str:
    address = text.removeprefix("[").removesuffix("]")
    if not address.isprintable() or not address or address.startswith("-") or set(" @/[]") & set(address):
        raise ValueError(
            "expected a host name or an IP address alone; `user` and `port` have keys of their own"
        )
    if address.count(":") == 1:
        raise ValueError("expected a host name or an IP address without a port: the port stands under `port`")
    return address


def _user(text: str) -> str:
    if not text or not text.isprintable() or " " in text or text.startswith("-"):
        raise ValueError("expected a login name")
    return text


def _jumps(value: object) -> object:
    return tuple(hop.strip() for hop in value.split(",")) if isinstance(value, str) else value


def _jump(text: str) -> str:
    try:
        split_destination(text)
    except ValueError:
        pass
    else:
        return text
    raise ValueError("expected a host's name, an alias of ~/.ssh/config, or `user@address:port`")


def _person(text: str) -> str:
    if not text.isprintable() or not PERSON.fullmatch(text):
        raise ValueError(
            'expected an entry such as "slack:U01", "slack-group:S01", "discord:123", "discord-role:456",'
            ' "terminal:*", or "*" for everybody'
        )
    return text


def _unit(text: str) -> str:
    if not text.isprintable() or " " in text or "/" in text or not text.endswith(_UNIT_KINDS):
        raise ValueError(
            "expected a systemd unit with its suffix, such as `myapp.service` or `myapp*.service`"
        )
    return text


def _program(text: str) -> str:
    if not text or not text.isprintable() or "/" in text:
        raise ValueError("expected the name of a program without its folder, such as `myapp` or `myapp-*`")
    return text


def zone_of(name: str) -> tzinfo:
    """Return the zone of an IANA name. Raises ValueError if the time zone database has none of this name."""
    if name == "UTC":
        # Holds even where no time zone database is installed.
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        near = get_close_matches(name, sorted(available_timezones()), n=1)
    hint = f"; did you mean `{near[0]}`?" if near else ', such as "UTC" or "Europe/Berlin"'
    raise ValueError(f"expected a time zone that this machine knows{hint}")


def _time_zone(name: str) -> str:
    zone_of(name)
    return name


_SIZE = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,9})?) ?(?P<unit>[KMG]iB)")
_BYTES_PER = {"KiB": KIB, "MiB": MIB, "GiB": GIB}
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_PLACE = re.compile(r"[a-z][a-z0-9]*(:[^\s:*]+)?")


def _size(value: object) -> object:
    if not isinstance(value, str):
        return value
    found = _SIZE.fullmatch(value.strip())
    if found is None:
        raise ValueError('expected a number, or a size such as "200 MiB" or "1.5 GiB"')
    return Bytes(float(found["number"]) * _BYTES_PER[found["unit"]])


def _clock(value: object) -> object:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError('expected a time of the day such as "22:00"')
    return time(int(found[1]), int(found[2]))


def _cron(text: str) -> str:
    if text:
        cron.parse(text)
    return text


def _place(text: str) -> str:
    if not text.isprintable() or not _PLACE.fullmatch(text):
        raise ValueError('expected a chat platform, or one of its channels such as "slack:C0123456789"')
    return text


def severity_of(word: str) -> Severity:
    """Return the severity of this name. Raises ValueError if there is none."""
    try:
        return Severity[word.upper()]
    except KeyError:
        raise ValueError('expected "notice", "warning" or "critical"') from None


def _severity_word(word: str) -> str:
    return severity_of(word).word


def _health_url(text: str) -> str:
    if not text.isascii() or not text.isprintable() or " " in text or not _is_http(text):
        raise ValueError('expected an address such as "https://example.org/health", without a password in it')
    return text


def _is_http(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_place = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and has_place and not (parts.username or parts.password)


Size = Annotated[InstanceOf[Bytes], BeforeValidator(_size)]
ClockTime = Annotated[InstanceOf[time], BeforeValidator(_clock)]
CronTime = Annotated[str, AfterValidator(_cron)]
Place = Annotated[str, AfterValidator(_place)]
SeverityWord = Annotated[str, AfterValidator(_severity_word)]
Seconds = Annotated[float, BeforeValidator(seconds)]
FilePath = Annotated[Path, BeforeValidator(_path)]
DatabasePath = Annotated[FilePath, AfterValidator(_database)]
Name = Annotated[str, AfterValidator(_name)]
Word = Annotated[str, AfterValidator(_word)]
Address = Annotated[str, AfterValidator(_address)]
User = Annotated[str, AfterValidator(_user)]
Jumps = Annotated[tuple[Annotated[str, AfterValidator(_jump)], ...], BeforeValidator(_jumps)]
HealthUrl = Annotated[str, AfterValidator(_health_url)]
PersonEntry = Annotated[str, AfterValidator(_person)]
UnitPattern = Annotated[str, AfterValidator(_unit)]
ProgramPattern = Annotated[str, AfterValidator(_program)]
TimeZone = Annotated[str, AfterValidator(_time_zone)]
