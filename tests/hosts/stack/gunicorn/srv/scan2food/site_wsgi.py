"""The web site: each worker holds about as much memory as a Django worker does, loaded after the fork."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

BALLAST_MIB = 80

# Written to, so that every page is there and belongs to this worker alone.
ballast = [b"s" * (1024 * 1024) for _ in range(BALLAST_MIB)]
(Path(os.environ["RUNTIME_DIRECTORY"]) / f"{os.getpid()}.loaded").touch()


def application(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer every request with one line."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"scan2food\n"]
