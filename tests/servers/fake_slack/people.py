"""What people do: type commands, mention the app, write to it, click."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_slack import payloads
from tests.servers.fake_slack.limits import check_message
from tests.servers.fake_slack.reading import buttons
from tests.servers.fake_slack.refusal import Refused
from tests.servers.fake_slack.shapes import Interaction, Json, Shown
from tests.servers.fake_slack.workspace import Channel, Post, User, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers.fake_slack.delivery import Delivery
    from tests.servers.fake_slack.hooks import Hooks
    from tests.servers.fake_slack.triggers import Triggers


class People:
    """Everything that people do in channels and direct messages."""

    def __init__(
        self,
        workspace: Workspace,
        delivery: Delivery,
        triggers: Triggers,
        hooks: Hooks,
        hook_url: Callable[[str], str],
    ) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._triggers = triggers
        self._hooks = hooks
        self._hook_url = hook_url

    async def command(self, user_id: str, text: str, channel_id: str, command: str) -> Interaction:
        user, channel = self.user(user_id), self.channel(channel_id)
        assert user.id in channel.members, f"{user.id} is not in {channel.id}"
        trigger_id = self._triggers.make(user.id)
        interaction = Interaction(
            "slash_commands",
            trigger_id,
            payloads.slash_command(
                user,
                channel,
                command=command,
                text=text,
                trigger_id=trigger_id,
                response_url=self._hook_url(self._hooks.make(user, channel, None)),
            ),
            accepts_response=True,
            on_ack=lambda payload: self._say_ack(user, channel, payload),
        )
        return await self._delivery.deliver(interaction)

    def write(self, user_id: str, text: str, channel_id: str, thread_ts: str | None = None) -> Post:
        """Let a person write a message; what follows from it is the events' business."""
        user, channel = self.user(user_id), self.channel(channel_id)
        assert user.id in channel.members, f"{user.id} is not in {channel.id}"
        return self._workspace.post(
            Post(self._workspace.ts(), channel.id, user.id, text, thread_ts=thread_ts)
        )

    async def click(self, user_id: str, shown: Shown, label: str, *, confirm: bool) -> Interaction:
        user, channel = self.user(user_id), self.channel(shown.channel)
        post = self._workspace.find(shown.channel, shown.ts)
        assert post is not None, "the message is no longer there"
        assert post.only_for in ("", user.id), f"{user.id} does not see this message"
        block, button = _button(post, shown, label)
        trigger_id = self._triggers.make(user.id)
        interaction = Interaction("interactive", trigger_id, {})
        if "confirm" in button and not confirm:
            return interaction
        interaction.payload = payloads.block_actions(
            user,
            post,
            channel,
            clicked(block, button, self._workspace.ts()),
            trigger_id=trigger_id,
            response_url=self._hook_url(self._hooks.make(user, channel, post)),
        )
        return await self._delivery.deliver(interaction)

    def user(self, user_id: str) -> User:
        assert user_id in self._workspace.users, f"there is no person {user_id}: call add_user first"
        return self._workspace.users[user_id]

    def channel(self, channel_id: str) -> Channel:
        assert channel_id in self._workspace.channels, f"there is no channel {channel_id}"
        return self._workspace.channels[channel_id]

    def _say_ack(self, user: User, channel: Channel, payload: Json) -> None:
        if not payload:
            return
        try:
            check_message(payload)
        except Refused as refused:
            self._workspace.complain(f"acknowledged a command with {refused.error}: {refused.messages}")
            return
        self._hooks.say(user.id, channel.id, payload)


def clicked(block: Json, element: Json, ts: str) -> Json:
    """Return the action that a click on this button is."""
    shared: Json = {
        key: element[key] for key in ("text", "value", "style", "confirm", "url") if key in element
    }
    return {
        "type": "button",
        "action_id": element["action_id"],
        "block_id": block["block_id"],
        "action_ts": ts,
        **shared,
    }


def _button(post: Post, shown: Shown, label: str) -> tuple[Json, Json]:
    # Who clicks may still see the message as it was a moment ago.
    now = [pair for pair in buttons(post.blocks, post.attachments) if pair[1]["text"]["text"] == label]
    then = [pair for pair in buttons(shown.blocks, shown.attachments) if pair[1]["text"]["text"] == label]
    there = now or then
    assert there, f"there is no button {label!r}, only {shown.buttons}"
    return there[0]
