"""Whether a message or a view is within every limit that Slack documents (docs.slack.dev, block-kit).

Not documented, and said so at its place: the total size of a message's blocks, how the errors are worded.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.servers.fake_slack.limits_elements import (
    ACCESSORY,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    OPTION,
    OPTION_GROUP,
    any_text,
    plain,
)
from tests.servers.fake_slack.limits_rich_text import RICH_TEXT
from tests.servers.fake_slack.limits_tables import DATA_TABLE, TABLE, TABLE_OPTIONS
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.schema import (
    Findings,
    Shape,
    array,
    boolean,
    both,
    one_of,
    string,
    thing,
    typed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_slack.shapes import Json

LONGEST_TEXT = 40_000
# slackapi/bolt-js#2509: markdown blocks alone are refused above 13,297 characters, with one divider
# more above 13,172; #2867: others met it a little earlier. So a block costs about 125 besides its text.
LARGEST_BLOCKS = 13_200
COST_OF_A_BLOCK = 125
_MOST_BLOCKS = 50
_MOST_VIEW_BLOCKS = 100
_MOST_ATTACHMENTS = 100
_LARGEST_VIEW = 250_000
_BLOCK_ID = {"block_id": string(255, 1)}


def _has_content(found: Findings, value: object, pointer: str) -> None:
    if isinstance(value, dict) and not ("text" in value or "fields" in value):
        found.report("must have text or fields", pointer)


def _one_of_two(one: str, other: str) -> Shape:
    def check(found: Findings, value: object, pointer: str) -> None:
        if isinstance(value, dict) and (one in value) == (other in value):
            found.report(f"must have either {one} or {other}", pointer)

    return check


_EVERYWHERE: dict[str, Shape] = {
    "section": both(
        thing(
            {},
            _BLOCK_ID
            | {
                "text": any_text(3000),
                "fields": array(any_text(2000), 10),
                "accessory": ACCESSORY,
                "expand": boolean,
            },
        ),
        _has_content,
    ),
    "header": thing({"text": plain(150)}, _BLOCK_ID),
    "context": thing({"elements": array(IN_CONTEXT, 10)}, _BLOCK_ID),
    "actions": thing({"elements": array(IN_ACTIONS, 25)}, _BLOCK_ID),
    "divider": thing({}, _BLOCK_ID),
    "image": both(
        thing(
            {"alt_text": string(2000, 1)},
            _BLOCK_ID
            | {
                "image_url": string(3000, 1),
                "slack_file": both(
                    thing({}, {"id": string(30, 1), "url": string(3000, 1)}), _one_of_two("id", "url")
                ),
                "title": plain(2000),
            },
        ),
        _one_of_two("image_url", "slack_file"),
    ),
    "input": thing(
        {"label": plain(2000), "element": IN_INPUT},
        _BLOCK_ID | {"hint": plain(2000), "optional": boolean, "dispatch_action": boolean},
    ),
    "rich_text": thing(RICH_TEXT, _BLOCK_ID),
}
_IN_MESSAGES = _EVERYWHERE | {
    "markdown": thing({"text": string(12_000, 1)}, _BLOCK_ID),
    "table": thing(TABLE, _BLOCK_ID | TABLE_OPTIONS),
    "data_table": DATA_TABLE,
}
_MESSAGE_BLOCKS = array(typed(_IN_MESSAGES), _MOST_BLOCKS, 0)
_VIEW = typed(
    {
        "modal": thing(
            {"title": plain(24), "blocks": array(typed(_EVERYWHERE), _MOST_VIEW_BLOCKS)},
            {
                "submit": plain(24),
                "close": plain(24),
                "private_metadata": string(3000),
                "callback_id": string(255),
                "external_id": string(255),
                "clear_on_close": boolean,
                "notify_on_close": boolean,
                "submit_disabled": boolean,
            },
        )
    }
)
_TEXT = string(LONGEST_TEXT)
_ATTACHMENT = thing(
    {},
    {
        **dict.fromkeys(
            ("fallback", "pretext", "text", "title", "title_link", "footer", "author_name"), _TEXT
        ),
        "color": string(9, 1),
        "blocks": _MESSAGE_BLOCKS,
        "fields": array(thing({"title": _TEXT, "value": _TEXT}, {"short": boolean}), 100),
        "mrkdwn_in": array(one_of("text", "pretext", "fields"), 3),
    },
)


def check_message(body: Json) -> None:
    """Raise Refused if Slack would not take this message."""
    text, blocks, attachments = (body.get(key) for key in ("text", "blocks", "attachments"))
    if not (text or blocks or attachments):
        raise Refused("no_text")
    if text is not None and not isinstance(text, str):
        raise Refused("invalid_arguments", messages=["[ERROR] must provide a string [json-pointer:/text]"])
    if len(text or "") > LONGEST_TEXT:
        raise Refused("msg_too_long")
    _check("invalid_blocks", _MESSAGE_BLOCKS, blocks or [], "/blocks")
    _check("invalid_attachments", array(_ATTACHMENT, _MOST_ATTACHMENTS, 0), attachments or [], "/attachments")
    inner = [block for attachment in attachments or [] for block in attachment.get("blocks", ())]
    _check_ids("invalid_blocks", [*(blocks or []), *inner], "/blocks")
    _check_tables([*(blocks or []), *inner])
    if size([*(blocks or []), *inner]) > LARGEST_BLOCKS:
        raise Refused("msg_blocks_too_long")


def check_view(view: Json) -> None:
    """Raise Refused if Slack would not open this view."""
    _check("invalid_arguments", _VIEW, view, "/view")
    if any(block["type"] == "input" for block in view["blocks"]) and "submit" not in view:
        raise Refused(
            "invalid_arguments", messages=["[ERROR] missing required field: submit [json-pointer:/view]"]
        )
    _check_ids("invalid_arguments", view["blocks"], "/view/blocks")
    if len(json.dumps(view)) > _LARGEST_VIEW:
        raise Refused("view_too_large")


def check_options(answer: Json) -> list[Json]:
    """Return the options of an answer to a suggestion request. Raises Refused if Slack would show none."""
    shape = thing({}, {"options": array(OPTION, 100, 0), "option_groups": array(OPTION_GROUP, 100, 0)})
    _check("invalid_options", shape, answer, "")
    if len(answer) != 1:
        raise Refused("invalid_options", messages=["either options or option_groups"])
    groups = answer.get("option_groups", ())
    return [*answer.get("options", ()), *(option for group in groups for option in group["options"])]


def size(blocks: list[Json]) -> int:
    """Return about how many characters Slack counts."""
    return sum(len(text) for text in _texts(blocks)) + COST_OF_A_BLOCK * max(0, len(blocks) - 1)


def _check(error: str, shape: Shape, value: object, pointer: str) -> None:
    found = Findings()
    shape(found, value, pointer)
    if found.messages:
        raise Refused(error, messages=found.messages)


def _check_ids(error: str, blocks: list[Json], pointer: str) -> None:
    found = Findings()
    block_ids: set[str] = set()
    for number, block in enumerate(blocks):
        here = f"{pointer}/{number}"
        _once(found, block_ids, block.get("block_id"), f"{here}/block_id")
        action_ids: set[str] = set()
        inside = [*block.get("elements", ()), block.get("accessory"), block.get("element")]
        for element in inside:
            if isinstance(element, dict):
                _once(found, action_ids, element.get("action_id"), f"{here}/elements/action_id")
    if found.messages:
        raise Refused(error, messages=found.messages)


def _once(found: Findings, seen: set[str], value: str | None, pointer: str) -> None:
    if value in seen:
        found.report(f"`{pointer.rpartition('/')[2]}` {value} already exists", pointer)
    if value is not None:
        seen.add(value)


def _check_tables(blocks: list[Json]) -> None:
    if sum(block["type"] in ("table", "data_table") for block in blocks) > 1:
        # Documented: one table per message.
        raise Refused(
            "invalid_attachments", messages=["[ERROR] only_one_table_allowed [json-pointer:/blocks]"]
        )


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for each in value:
            yield from _texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if isinstance(each, str) and name in ("text", "fallback", "alt_text", "caption"):
                yield each
            else:
                yield from _texts(each)
