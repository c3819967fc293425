"""What an interpreter's command line says it runs: its script, module, class or jar.

One table for each family of interpreters: which options take a value, which hold the program's text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class _Family:
    """Options of a family: those with a value in the next word, those before a program's text or a module."""

    valued: frozenset[str]
    inline: re.Pattern[str]
    module: re.Pattern[str] | None = None
    script: re.Pattern[str] = re.compile(r"(?s).+")
    subcommands: frozenset[str] = frozenset()


def _family(
    valued: str,
    inline: str = r"(?!)",
    *,
    module: str | None = None,
    script: str = r"(?s).+",
    subcommands: str = "",
) -> _Family:
    return _Family(
        frozenset(valued.split()),
        re.compile(inline),
        re.compile(module) if module else None,
        re.compile(script),
        frozenset(subcommands.split()),
    )


_PYTHON = _family(
    "-W -X -Q --check-hash-based-pycs",
    r"-[bBdEhiIOPqsSuvVx3]*c",
    module=r"-[bBdEhiIOPqsSuvVx3]*m",
)
_SHELL = _family("-o +o -O +O --rcfile --init-file", r"-[A-Za-z]*c")
_RUBY = _family("-I -r -C -E --encoding --external-encoding --internal-encoding", r"-[aclnpsSvwWUy0-9]*e")
_PERL = _family("-I", r"-[acflnpsStTuUvwWXi0-9]*[eE]")
_PHP = _family("-d -c -z -t -S --define --php-ini --docroot --server --zend-extension", r"-[rBRE]|--run")
_NODE = _family(
    "-r --require --import --loader --experimental-loader -C --conditions --title --env-file "
    "--openssl-config --icu-data-dir --input-type",
    r"(-e|-p|-pe|--eval|--print)(=.*)?",
)
_JAVA = _family(
    "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --limit-modules "
    "--add-opens --add-exports --add-reads --patch-module --enable-native-access --source"
)
_DOTNET = _family(
    "--depsfile --runtimeconfig --additionalprobingpath --additional-deps --fx-version --roll-forward",
    script=r".+\.(dll|exe)",
    subcommands="exec",
)
_FAMILIES = {
    **dict.fromkeys(("python", "pypy"), _PYTHON),
    **dict.fromkeys(("sh", "bash", "dash", "ash", "busybox"), _SHELL),
    **dict.fromkeys(("node", "nodejs"), _NODE),
    "ruby": _RUBY,
    "perl": _PERL,
    "php": _PHP,
    "java": _JAVA,
    "dotnet": _DOTNET,
}
_VERSIONED = re.compile(r"([a-z]+)[0-9.]*")


def script_names(executable: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """Name what an interpreter runs, the most telling first.

    Nothing where `executable` is no interpreter, or its program is text on the command line or comes from a
    pipe.
    """
    name = _VERSIONED.fullmatch(executable)
    family = _FAMILIES.get(name[1]) if name else None
    if family is None:
        return ()
    words = iter(arguments)
    for word in words:
        if word == "-" or family.inline.fullmatch(word):
            return ()
        if family.module and family.module.fullmatch(word):
            module = next(words, "")
            return module, module.partition(".")[0]
        if word in family.valued:
            next(words, None)
        elif word and word[0] not in "-+" and word not in family.subcommands:
            return (base_name(word),) if family.script.fullmatch(word) else ()
    return ()


def base_name(path: str) -> str:
    """Return the last part of a path."""
    return PurePosixPath(path).name or path
