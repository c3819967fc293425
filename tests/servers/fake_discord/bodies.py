"""Reads what a call carries: JSON, or a form with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from aiohttp import BodyPartReader, web

from tests.servers.fake_discord.errors import ApiError, refused
from tests.servers.fake_discord.payloads import ATTACHMENT_LIMIT
from tests.servers.fake_discord.seen import File
from tests.servers.fake_discord.wire import Received

if TYPE_CHECKING:
    from aiohttp import MultipartReader

    from tests.servers.fake_discord.wire import JsonObject

_FILE = re.compile(r"files\[(\d+)\]")


async def received(request: web.Request) -> Received:
    """Return the call with its body. Raises ApiError: wrong type, no JSON, a file too large."""
    body: object = None
    files: dict[int, File] = {}
    if request.content_type == "multipart/form-data":
        body, files = await _form(await request.multipart())
    elif request.can_read_body:
        body = _json(await request.read())
        if request.headers.get("Content-Type") != "application/json":
            message = 'Expected "Content-Type" header to be one of {"application/json"}.'
            raise ApiError(400, 50035, f"Invalid Form Body: {message}")
    return Received(dict(request.match_info), dict(request.query), body, files)


def object_of(asked: Received) -> JsonObject:
    """Return the body, which must be an object; a form with files needs none. Raises ApiError."""
    if asked.body is None and asked.files:
        return {}
    if not isinstance(asked.body, dict):
        raise refused(50109)
    return asked.body


async def _form(reader: MultipartReader) -> tuple[object, dict[int, File]]:
    body: object = None
    files: dict[int, File] = {}
    async for part in reader:
        if not isinstance(part, BodyPartReader):
            raise refused(50035)
        content = bytes(await part.read())
        number = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            body = _json(content)
        elif number is None or not part.filename:
            raise ApiError(400, 50035, f"Invalid Form Body: there is no part {part.name!r} in a form.")
        elif len(content) > ATTACHMENT_LIMIT:
            raise refused(40005)
        else:
            files[int(number[1])] = File(part.filename, content)
    return body, files


def _json(text: bytes) -> object:
    try:
        parsed: object = json.loads(text)
    except ValueError:
        raise refused(50109) from None
    return parsed
