"""views.*: modals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack.limits import check_view
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.web_api import Backend, Method

if TYPE_CHECKING:
    from tests.servers.fake_slack.shapes import Json
    from tests.servers.fake_slack.workspace import OpenView


def _open(backend: Backend, call: Json) -> Json:
    _check(backend, call["view"])
    user = backend.triggers.exchange(str(call["trigger_id"]))
    return {"view": backend.modals.open(user, call["view"]).body}


def _push(backend: Backend, call: Json) -> Json:
    _check(backend, call["view"])
    user = backend.triggers.exchange(str(call["trigger_id"]))
    return {"view": backend.modals.push(user, call["view"]).body}


def _update(backend: Backend, call: Json) -> Json:
    view = _found(backend, call)
    if "hash" in call and call["hash"] != view.body["hash"]:
        raise Refused("hash_conflict")
    check_view(call["view"])
    backend.modals.replace(view, call["view"])
    return {"view": view.body}


def _check(backend: Backend, view: Json) -> None:
    check_view(view)
    external_id = view.get("external_id")
    if external_id and any(each.body["external_id"] == external_id for each in backend.workspace.views):
        raise Refused("duplicate_external_id")


def _found(backend: Backend, call: Json) -> OpenView:
    for view in backend.workspace.views:
        if view.id == call.get("view_id") or (
            call.get("external_id") and view.body["external_id"] == call["external_id"]
        ):
            return view
    raise Refused("not_found")


METHODS = {
    "views.open": Method(_open, "", ("trigger_id", "view")),
    "views.push": Method(_push, "", ("trigger_id", "view")),
    "views.update": Method(_update, "", ("view",), ("view_id", "external_id", "hash")),
}
