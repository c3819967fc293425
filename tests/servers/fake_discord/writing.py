"""Puts what a call says into a message, after checking all of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.fake_discord.component_limits import check_rows
from tests.servers.fake_discord.errors import Problems, refused
from tests.servers.fake_discord.limits import check_message
from tests.servers.fake_discord.markdown import mentions
from tests.servers.fake_discord.state import EPHEMERAL, LOADING, Upload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.servers.fake_discord.seen import File
    from tests.servers.fake_discord.state import Post, World
    from tests.servers.fake_discord.wire import JsonObject

_MOST_FILES = 10


def write(
    world: World,
    post: Post,
    body: JsonObject,
    files: Mapping[int, File],
    *,
    root: str = "",
    edit: bool = False,
) -> None:
    """Change the message to what `body` says; what that does not name stays.

    Raises ApiError, having changed nothing.
    """
    problems = Problems(root)
    check_message(
        problems, body, {file.name for file in files.values()} | {one.file.name for one in post.uploads}
    )
    if body.get("components"):
        check_rows(problems, body["components"])
    uploads = _uploads(world, problems, post, body, files)
    problems.raise_any()
    content = str(body.get("content") or "").strip() if "content" in body else post.content
    embeds = [_trimmed(embed) for embed in body["embeds"] or ()] if "embeds" in body else post.embeds
    rows = numbered(body["components"] or ()) if "components" in body else post.components
    if not (content or embeds or uploads or rows):
        raise refused(50006)
    post.content, post.embeds, post.uploads, post.components = content, embeds, uploads, rows
    if edit and not post.loading:
        post.edited_at = datetime.now(UTC)
    elif post.visible_to is None:
        post.pings = _pings(content, body.get("allowed_mentions"))
    post.allowed_mentions = body.get("allowed_mentions")
    post.flags = (post.flags | int(body.get("flags") or 0)) & ~LOADING & ~EPHEMERAL


def numbered(rows: Sequence[JsonObject]) -> list[JsonObject]:
    """Give every component that has none an id, in order, as Discord does."""
    count = 0

    def number(part: JsonObject) -> JsonObject:
        nonlocal count
        count += 1
        told = {"id": count, **part}
        if "components" in part:
            told["components"] = [number(one) for one in part["components"]]
        if "component" in part:
            told["component"] = number(part["component"])
        return told

    return [number(row) for row in rows]


def _uploads(
    world: World, problems: Problems, post: Post, body: JsonObject, files: Mapping[int, File]
) -> list[Upload]:
    """Return the message's files: those kept and those that came, with their descriptions."""
    listed = body.get("attachments")
    existing = {one.id: one for one in post.uploads}
    described: dict[int, str] = {}
    kept = list(existing.values())
    if listed is not None and problems.most("attachments", listed, _MOST_FILES):
        kept = []
        for place, one in enumerate(listed):
            number = str(one.get("id"))
            problems.length(f"attachments.{place}.description", one.get("description") or "", 0, 1024)
            if number in existing:
                kept.append(existing[number])
            elif number.isdigit() and int(number) in files:
                described[int(number)] = str(one.get("description") or "")
            else:
                # How the real API refuses this is not documented.
                problems.add(f"attachments.{place}.id", "ATTACHMENT_NOT_FOUND", "There is no such file.")
    came = [
        Upload(
            world.new_id(), replace(file, description=described.get(number, "")), post.visible_to is not None
        )
        for number, file in sorted(files.items())
    ]
    if len(kept) + len(came) > _MOST_FILES:
        problems.add("attachments", "BASE_TYPE_MAX_LENGTH", f"Must be {_MOST_FILES} or fewer in length.")
    return kept + came


def _trimmed(embed: JsonObject) -> JsonObject:
    told = dict(embed)
    for key in ("title", "description"):
        if isinstance(told.get(key), str):
            told[key] = told[key].strip()
    if "fields" in told:
        told["fields"] = [
            one | {"name": one["name"].strip(), "value": one["value"].strip()} for one in told["fields"]
        ]
    return told


def _pings(content: str, allowed: JsonObject | None) -> tuple[str, ...]:
    """Return whom the text notifies. What the bot may not mention counts too: another guild may let it."""
    found = mentions(content)
    if allowed is None:
        return tuple(found)
    parse = allowed.get("parse") or ()
    users, roles = (set(map(str, allowed.get(kind) or ())) for kind in ("users", "roles"))
    return tuple(
        one
        for one in found
        if (one in {"everyone", "here"} and "everyone" in parse)
        or (one.startswith("@&") and ("roles" in parse or one[2:] in roles))
        or (one.startswith("@") and one[1:2] != "&" and ("users" in parse or one[1:] in users))
    )
