"""Uploads in three steps: a URL, the content, the sharing."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING

from aiohttp import web

from tests.servers.fake_slack.conversations import open_for_posting, thread_of
from tests.servers.fake_slack.limits import check_message
from tests.servers.fake_slack.payloads import with_block_ids
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.shapes import UploadedFile
from tests.servers.fake_slack.web_api import Backend, Method
from tests.servers.fake_slack.workspace import BOT_USER, Post

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.workspace import Workspace


@dataclass
class _Upload:
    id: str
    name: str
    length: int
    content: bytes | None = None


class Uploads:
    """Uploads that were begun."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._by_path: dict[str, _Upload] = {}

    @property
    def methods(self) -> dict[str, Method]:
        return {
            "files.getUploadURLExternal": Method(
                self._begin, "files:write", ("filename", "length"), ("alt_txt", "snippet_type")
            ),
            "files.completeUploadExternal": Method(
                self._complete,
                "files:write",
                ("files",),
                ("channel_id", "channels", "initial_comment", "blocks", "thread_ts"),
            ),
        }

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Take the content; no token is needed, the address is the secret."""
        upload = self._by_path.get(request.path)
        if upload is None or upload.content is not None:
            return web.Response(status=404, text="not found")
        content = await _content(request)
        if len(content) != upload.length:
            # That the length must fit is documented, not what happens otherwise.
            return web.Response(status=400, text=f"expected {upload.length} bytes, got {len(content)}")
        upload.content = content
        return web.Response(text=f"OK - {len(content)}")

    def _begin(self, backend: Backend, call: Json) -> Json:
        if int(call["length"]) <= 0:
            raise Refused("invalid_arguments", messages=["[ERROR] length must be positive"])
        upload = _Upload(f"F{self._workspace.number():06d}", str(call["filename"]), int(call["length"]))
        path = f"/upload/v1/{token_hex(16)}"
        self._by_path[path] = upload
        return {"upload_url": backend.url(path), "file_id": upload.id}

    def _complete(self, backend: Backend, call: Json) -> Json:
        uploads = [self._finished(str(each["id"])) for each in call["files"]]
        titles = [
            str(each.get("title") or upload.name) for each, upload in zip(call["files"], uploads, strict=True)
        ]
        wanted = [call["channel_id"]] if call.get("channel_id") else _listed(call.get("channels"))
        # A person's id is no channel here, other than in chat.postMessage.
        if any(each in self._workspace.users for each in wanted):
            raise Refused("channel_not_found")
        channels = [open_for_posting(backend, str(each)).id for each in wanted]
        for channel in channels or [""]:
            files = tuple(
                UploadedFile(upload.id, upload.name, title, upload.content or b"", channel)
                for upload, title in zip(uploads, titles, strict=True)
            )
            self._workspace.files.extend(files)
            ready_at = self._workspace.now() + self._workspace.ready_after_s
            self._workspace.ready_at.update({file.id: ready_at for file in files})
            if channel:
                self._share(backend, channel, files, call)
        for path in [path for path, upload in self._by_path.items() if upload in uploads]:
            del self._by_path[path]
        return {
            "files": [
                {"id": upload.id, "title": title} for upload, title in zip(uploads, titles, strict=True)
            ]
        }

    def _share(self, backend: Backend, channel: str, files: tuple[UploadedFile, ...], call: Json) -> None:
        if call.get("blocks"):
            check_message({"blocks": call["blocks"]})
        self._workspace.post(
            Post(
                ts=self._workspace.ts(),
                channel=channel,
                author=BOT_USER,
                text=str(call.get("initial_comment") or ""),
                blocks=with_block_ids(self._workspace, call.get("blocks") or []),
                files=files,
                thread_ts=thread_of(backend, channel, call.get("thread_ts")),
            )
        )

    def _finished(self, file_id: str) -> _Upload:
        for upload in self._by_path.values():
            if upload.id == file_id and upload.content is not None:
                return upload
        raise Refused("file_not_found")


def _listed(channels: object) -> list[str]:
    return [each for each in str(channels or "").split(",") if each]


async def _content(request: web.Request) -> bytes:
    if request.content_type != "multipart/form-data":
        return await request.read()
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            return value.file.read()
    return b""
