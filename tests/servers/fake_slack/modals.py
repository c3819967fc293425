"""What people do in modals: see suggestions, fill in, submit, click, close."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tests.servers.fake_slack import payloads
from tests.servers.fake_slack.inputs import state_of
from tests.servers.fake_slack.limits import check_options, check_view
from tests.servers.fake_slack.people import clicked
from tests.servers.fake_slack.reading import block_lines, buttons
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.shapes import ACKNOWLEDGE_S, Interaction, Json, View
from tests.servers.fake_slack.workspace import OpenView

if TYPE_CHECKING:
    from tests.servers.fake_slack.delivery import Delivery
    from tests.servers.fake_slack.people import People
    from tests.servers.fake_slack.triggers import Triggers
    from tests.servers.fake_slack.workspace import User, Workspace

_MOST_STACKED = 3


class Modals:
    """The views that people have open."""

    def __init__(self, workspace: Workspace, delivery: Delivery, triggers: Triggers, people: People) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._triggers = triggers
        self._people = people

    def open(self, user_id: str, sent: Json) -> OpenView:
        """Open a view that was checked already."""
        return self._add(user_id, sent, None)

    def push(self, user_id: str, sent: Json) -> OpenView:
        """Put a view on top of the person's newest. Raises Refused."""
        stack = [view for view in self._workspace.views if view.user == user_id]
        if not stack:
            raise Refused("not_found")
        if len(stack) >= _MOST_STACKED:
            raise Refused("push_limit_reached")
        return self._add(user_id, sent, stack[-1])

    def replace(self, view: OpenView, sent: Json) -> None:
        """Show something else in an open view; it keeps its id."""
        kept = {key: view.body[key] for key in ("id", "root_view_id", "previous_view_id")}
        view.body = payloads.view(self._workspace, sent, None) | kept
        view.errors = {}

    async def suggest(self, user_id: str, view_id: str, label: str, typed: str) -> list[str]:
        """Return what the app offers for what is typed in this select."""
        user, view = self._people.user(user_id), self._opened(user_id, view_id)
        block = _input(view, label)
        return [str(option["text"]["text"]) for option in await self._options(user, view, block, typed)]

    async def fill_in(self, user_id: str, view_id: str, values: dict[str, object]) -> Interaction:
        user, view = self._people.user(user_id), self._opened(user_id, view_id)
        inputs = [block for block in view.body["blocks"] if block["type"] == "input"]
        labels = {str(block["label"]["text"]) for block in inputs}
        assert values.keys() <= labels, f"no such inputs: {values.keys() - labels}; there are {labels}"
        assert view.body["submit"] or not inputs, "a view with inputs has a submit button"
        state: Json = {}
        for block in inputs:
            value = values.get(str(block["label"]["text"]))
            options = await self._offered(user, view, block, value)
            state |= {block["block_id"]: {block["element"]["action_id"]: state_of(block, value, options)}}
        trigger_id = self._triggers.make(user.id)
        interaction = Interaction(
            "interactive",
            trigger_id,
            payloads.view_submission(user, view, state, trigger_id=trigger_id),
            accepts_response=True,
            on_ack=lambda payload: self._after_submission(view, payload),
        )
        return await self._delivery.deliver(interaction)

    async def click(self, user_id: str, view_id: str, label: str) -> Interaction:
        user, view = self._people.user(user_id), self._opened(user_id, view_id)
        there = [pair for pair in buttons(view.body["blocks"]) if pair[1]["text"]["text"] == label]
        assert there, f"there is no button {label!r}"
        trigger_id = self._triggers.make(user.id)
        action = clicked(*there[0], self._workspace.ts())
        payload = payloads.view_actions(user, view, action, trigger_id=trigger_id)
        return await self._delivery.deliver(Interaction("interactive", trigger_id, payload))

    async def close(self, user_id: str, view_id: str) -> Interaction | None:
        """Close a view as its Cancel button does; the app hears of it if it asked to."""
        user, view = self._people.user(user_id), self._opened(user_id, view_id)
        self._workspace.views.remove(view)
        if not view.body["notify_on_close"]:
            return None
        closed = payloads.view_closed(user, view)
        return await self._delivery.deliver(Interaction("interactive", view.id, closed))

    def seen(self, user_id: str) -> list[View]:
        """Return what the person has open, the topmost last."""
        return [_seen(view) for view in self._workspace.views if view.user == user_id]

    def _add(self, user_id: str, sent: Json, previous: OpenView | None) -> OpenView:
        view = OpenView(payloads.view(self._workspace, sent, previous), user_id)
        self._workspace.views.append(view)
        return view

    def _opened(self, user_id: str, view_id: str) -> OpenView:
        view = self._workspace.view(view_id)
        assert view is not None, "the view is no longer open"
        assert view.user == user_id, f"{user_id} does not see this view"
        return view

    async def _offered(self, user: User, view: OpenView, block: Json, value: object) -> list[Json]:
        element = block["element"]
        if element["type"] != "external_select" or value is None:
            return list(element.get("options", ()))
        return await self._options(user, view, block, str(value))

    async def _options(self, user: User, view: OpenView, block: Json, typed: str) -> list[Json]:
        element = block["element"]
        assert element["type"] == "external_select", f"{block['label']['text']} has no suggestions"
        if len(typed) < element.get("min_query_length", 3):
            return []
        interaction = Interaction(
            "interactive",
            f"suggestion-{self._workspace.number()}",
            payloads.block_suggestion(user, view, block["block_id"], element["action_id"], typed),
            accepts_response=True,
        )
        answer = await _answer(self._delivery, interaction)
        try:
            return check_options(answer)
        except Refused as refused:
            raise AssertionError(f"Slack would show no options: {refused.messages}") from refused

    def _after_submission(self, view: OpenView, answer: Json) -> None:
        try:
            self._obey(view, answer)
        except Refused as refused:
            # The person reads "We had some trouble connecting", and the view stays.
            self._workspace.complain(f"answered a submission with {refused.error}: {refused.messages}")

    def _obey(self, view: OpenView, answer: Json) -> None:
        action = answer.get("response_action")
        if not answer:
            self._workspace.views[:] = [each for each in self._workspace.views if each is not view]
        elif action == "clear":
            self._workspace.views[:] = [each for each in self._workspace.views if each.user != view.user]
        elif action == "errors":
            view.errors = _errors(view, answer.get("errors", {}))
        elif action in ("update", "push"):
            check_view(answer.get("view", {}))
            if action == "update":
                self.replace(view, answer["view"])
            else:
                self.push(view.user, answer["view"])
        else:
            raise Refused("unknown_response_action", messages=[str(answer)[:200]])


async def _answer(delivery: Delivery, interaction: Interaction) -> Json:
    """Deliver and return what the app sends along with its acknowledgement."""
    answered = asyncio.Event()
    interaction.on_ack = lambda _: answered.set()
    await delivery.deliver(interaction)
    try:
        await asyncio.wait_for(answered.wait(), ACKNOWLEDGE_S if interaction.delivered else 0)
    except TimeoutError as error:
        raise AssertionError(f"the app gave no suggestions within {ACKNOWLEDGE_S} s") from error
    return interaction.ack or {}


def _input(view: OpenView, label: str) -> Json:
    for block in view.body["blocks"]:
        if block["type"] == "input" and block["label"]["text"] == label:
            return dict(block)
    raise AssertionError(f"there is no input {label!r}")


def _errors(view: OpenView, errors: dict[str, str]) -> dict[str, str]:
    labels = {
        block["block_id"]: str(block["label"]["text"])
        for block in view.body["blocks"]
        if block["type"] == "input"
    }
    if not errors or not errors.keys() <= labels.keys():
        raise Refused("invalid_errors", messages=[f"errors for {sorted(errors)}, inputs {sorted(labels)}"])
    return {labels[block_id]: str(sentence) for block_id, sentence in errors.items()}


def _seen(view: OpenView) -> View:
    blocks = view.body["blocks"]
    title = str(view.body["title"]["text"])
    return View(
        id=view.id,
        title=title,
        callback_id=str(view.body["callback_id"]),
        labels=tuple(str(block["label"]["text"]) for block in blocks if block["type"] == "input"),
        plain="\n".join([title, *(line for block in blocks for line in block_lines(block))]),
        body=view.body,
        errors=dict(view.errors),
    )
