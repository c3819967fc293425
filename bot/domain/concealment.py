"""What stands in command lines and unit files, without the secrets that people put there."""

from __future__ import annotations

import re

HIDDEN = "***"

_NAME = (
    r"(?:pass(?:word|wd|code|phrase)?|requirepass|masterauth|auth(?=[\s=:])|secret|token|jwt|credentials?"
    r"|(?:api|access|private)[-_]?key)"
)
# As a shell puts one word together of pieces.
_VALUE = r"""(?:(?:"[^"]*"|'[^']*'|[^\s"'])+|["'].*)"""
# `"API_TOKEN=a b"`, `'--password=a b'`
_QUOTED = re.compile(
    rf"""(?P<before>(?P<quote>["'])[\w.-]*{_NAME}[\w.-]*=)(?:(?!(?P=quote)).)*""", re.IGNORECASE
)
# `--requirepass x`, `--db-password=x`
_OPTION = re.compile(rf"(?P<before>(?<![\w-])--?[\w.-]*{_NAME}[\w.-]*(?:\s*=\s*|\s+)){_VALUE}", re.IGNORECASE)
# `PGPASSWORD=x`, `password: x`, `Authorization: Bearer x`
_SETTING = re.compile(rf"(?P<before>\b\w*{_NAME}\w*\s*[=:]\s*){_VALUE}", re.IGNORECASE)
_BEARER = re.compile(rf"(?P<before>\b(?:Bearer|Basic)\s+){_VALUE}")
_REDIS = re.compile(rf"(?P<before>\bredis-cli\b.*?\s-a\s+){_VALUE}")
# `redis://user:x@host`, `https://x@host`
_ADDRESS = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://(?:[^\s/@:]*:)?)[^\s/]+(?=@)", re.IGNORECASE)


def concealed(text: str) -> str:
    """Return a text with `***` in place of whatever has the name or the place of a secret.

    It is for people to read: what is run, and what is compared, stays as it is. What has neither the name nor
    the place of a secret is not known as one.
    """
    for pattern in (_ADDRESS, _QUOTED, _OPTION, _SETTING, _BEARER, _REDIS):
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text
