"""What stands in command lines and unit files, without the secrets that people put there."""

from __future__ import annotations

import re

HIDDEN = "***"

_NAME = (
    r"(?:pass(?:word|wd|phrase)?|requirepass|masterauth|secret|token|api[-_]?key|access[-_]?key|credentials?)"
)
_VALUE = r"""(?:"[^"]*"?|'[^']*'?|[^\s"',;]+)"""
# `--requirepass x`, `--db-password=x`; `PGPASSWORD=x`, `"API_TOKEN=x"`; `password: x`.
_OPTION = re.compile(rf"(?P<before>--?[\w.-]*{_NAME}[\w.-]*(?:\s*=\s*|\s+)){_VALUE}", re.IGNORECASE)
_SETTING = re.compile(rf"(?P<before>\b\w*{_NAME}\w*\s*[=:]\s*){_VALUE}", re.IGNORECASE)
# `redis://user:x@host`, `https://x@host`
_ADDRESS = re.compile(r"(?P<before>\b[a-z][a-z0-9+.-]*://(?:[^\s/@:]*:)?)[^\s/@]+(?=@)", re.IGNORECASE)


def concealed(text: str) -> str:
    """Return a text with `***` in place of whatever has the name or the place of a secret.

    It is for people to read: what is run, and what is compared, stays as it is.
    """
    for pattern in (_ADDRESS, _OPTION, _SETTING):
        text = pattern.sub(rf"\g<before>{HIDDEN}", text)
    return text
