"""Pictures in messages: files that were uploaded (`slack_file`).

Documented: PNG, JPEG and GIF only, and whoever posts must have access. Taken from reports of others: that a
file is unknown for a moment after its upload (slackapi/python-slack-sdk#1521), how the refusal is worded
(#1658), that response_urls take none (slackapi/java-slack-sdk#1349), and that what one person alone sees
shows none (slackapi/node-slack-sdk#1790); that this is refused is a choice of this fake.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack.refusal import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.servers.fake_slack.shapes import Json, UploadedFile
    from tests.servers.fake_slack.workspace import Workspace

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8")


def pictures_of(
    workspace: Workspace, blocks: Sequence[Json], *, for_everybody: bool = True
) -> tuple[UploadedFile, ...]:
    """Return the files that a message's image blocks show. Raises Refused where Slack would not show one."""
    return tuple(
        _shown(workspace, file_id, f"/blocks/{number}/slack_file", for_everybody=for_everybody)
        for number, file_id in _file_ids(blocks)
    )


def _file_ids(blocks: Sequence[Json]) -> Iterator[tuple[int, str]]:
    for number, block in enumerate(blocks):
        if block["type"] == "image" and "slack_file" in block:
            yield number, str(block["slack_file"].get("id"))


def _shown(workspace: Workspace, file_id: str, pointer: str, *, for_everybody: bool) -> UploadedFile:
    found = next((file for file in workspace.files if file.id == file_id), None)
    is_ready = workspace.now() >= workspace.ready_at.get(file_id, 0.0)
    if found is None or not is_ready or not for_everybody or not found.content.startswith(_PICTURES):
        raise Refused("invalid_blocks", messages=[f"[ERROR] invalid slack file [json-pointer:{pointer}]"])
    return found
