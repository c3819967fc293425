"""What people do in the client, as the interactions that it makes of that."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.servers.fake_discord import payloads
from tests.servers.fake_discord.seen import parts
from tests.servers.fake_discord.state import Ask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.servers.fake_discord.state import Post, World
    from tests.servers.fake_discord.wire import JsonObject

Value = str | int | float | bool
_SUBCOMMAND, _GROUP = 1, 2
_TYPES: dict[int, tuple[type, ...]] = {3: (str,), 4: (int,), 5: (bool,), 10: (int, float)}
_NAMED_BY_ID = frozenset({6, 7, 8, 9})


class NotOffered(Exception):
    """The client would not let the person do this."""


def named(group: str | None, name: str) -> tuple[str, ...]:
    """Return the words of a command's name: group (perhaps with a subgroup, after a blank), subcommand."""
    return (*(group or "").split(), name)


def command(world: World, user: str, channel: str, path: tuple[str, ...], values: Mapping[str, Value]) -> Ask:
    """Use a command."""
    top, steps, options = _found(world, channel, path)
    for option in options:
        if option.get("required") and option["name"] not in values:
            raise NotOffered(f"{option['name']} is required")
    filled = [
        _filled(world, option, values[option["name"]]) for option in options if option["name"] in values
    ]
    _nothing_else(options, values)
    return _asked(world, 2, user, channel, _command_data(world, top, steps, filled, path))


def autocomplete(
    world: World,
    user: str,
    channel: str,
    path: tuple[str, ...],
    *,
    name: str,
    typed: str,
    others: Mapping[str, Value],
) -> Ask:
    """Type in an option of a command."""
    top, steps, options = _found(world, channel, path)
    _nothing_else(options, [*others, name])
    filled = []
    for option in options:
        if option["name"] == name:
            if not option.get("autocomplete"):
                raise NotOffered(f"{name} offers no choices while typing")
            filled.append({"name": name, "type": option["type"], "value": typed, "focused": True})
        elif option["name"] in others:
            filled.append(_filled(world, option, others[option["name"]]))
    return _asked(world, 4, user, channel, _command_data(world, top, steps, filled, path))


def click(world: World, user: str, message_id: str, label: str) -> Ask:
    """Click a button."""
    post = _seen(world, user, message_id)
    for part in parts(tuple(post.components)):
        if part["type"] == 2 and part.get("label") == label and "custom_id" in part:
            return _used(world, user, post, part, {})
    raise NotOffered(f"there is no button {label!r} to click")


def select(world: World, user: str, message_id: str, placeholder: str, labels: Sequence[str]) -> Ask:
    """Choose from a select menu."""
    post = _seen(world, user, message_id)
    for part in parts(tuple(post.components)):
        if part["type"] == 3 and part.get("placeholder", "") == placeholder:
            return _used(world, user, post, part, {"values": _chosen(part, labels)})
    raise NotOffered(f"there is no menu {placeholder!r}")


def fill_in(world: World, user: str, form_id: str, values: Mapping[str, str]) -> Ask:
    """Submit a form; it closes."""
    form = next((form for form in world.forms if form.user == user and form.modal.id == form_id), None)
    if form is None:
        raise NotOffered("the form is not open")
    missing = values.keys() - set(form.modal.labels)
    if missing:
        raise NotOffered(f"the form has no {sorted(missing)}, but {form.modal.labels}")
    answers = {
        part["custom_id"]: _answer(label, part, values.get(label)) for label, part in form.modal.inputs
    }
    world.close_form(user, form_id)
    rows = [_submitted(row, answers) for row in form.modal.components]
    data = {"custom_id": form.modal.custom_id, "components": rows}
    source = form.ask.source if form.ask.source in world.posts else None
    return _asked(world, 5, user, form.ask.channel, data, source=source)


def _found(
    world: World, channel: str, path: tuple[str, ...]
) -> tuple[JsonObject, list[int], list[JsonObject]]:
    """Return the registered command, the types of the steps below it, and the options of the last."""
    if channel not in world.channels:
        raise NotOffered(f"there is no channel {channel!r}: add_channel first")
    for top in _offered(world, channel):
        if top["name"] == path[0]:
            break
    else:
        raise NotOffered(f"there is no command /{path[0]} here")
    at, steps = top, []
    for word in path[1:]:
        at = next(
            (option for option in at["options"] if option["name"] == word and option["type"] <= _GROUP), {}
        )
        if not at:
            raise NotOffered(f"there is no command /{' '.join(path)}")
        steps.append(int(at["type"]))
    options = at.get("options", [])
    if any(option["type"] <= _GROUP for option in options):
        raise NotOffered(f"/{' '.join(path)} wants a subcommand")
    return top, steps, options


def _offered(world: World, channel: str) -> Iterator[JsonObject]:
    direct = world.channels[channel].recipient is not None
    if not direct:
        yield from world.guild_commands.values()
    for one in world.global_commands.values():
        if (1 if direct else 0) in (one["contexts"] or [0, 1, 2]):
            yield one


def _nothing_else(options: list[JsonObject], names: Mapping[str, Value] | list[str]) -> None:
    unknown = set(names) - {option["name"] for option in options}
    if unknown:
        raise NotOffered(f"there is no option {sorted(unknown)}")


def _filled(world: World, option: JsonObject, value: Value) -> JsonObject:
    kind, name = int(option["type"]), option["name"]
    allowed = _TYPES.get(kind, (str,))
    if not isinstance(value, allowed) or (isinstance(value, bool) and kind != 5):
        raise NotOffered(f"{name} takes {allowed}, not {value!r}")
    if kind in _NAMED_BY_ID and value not in (world.members | world.roles | world.channels):
        raise NotOffered(f"{name}: nobody has the id {value!r}")
    choices = [choice["value"] for choice in option.get("choices") or ()]
    if choices and value not in choices:
        raise NotOffered(f"{name} is one of {choices}")
    size = len(value) if isinstance(value, str) else value
    unit = "length" if isinstance(value, str) else "value"
    least = option.get(f"min_{unit}", 1 if isinstance(value, str) else size)
    if not least <= size <= option.get(f"max_{unit}", 6000 if isinstance(value, str) else size):
        raise NotOffered(f"{name} is outside of its limits")
    return {"name": name, "type": kind, "value": value}


def _command_data(
    world: World, top: JsonObject, steps: list[int], filled: list[JsonObject], path: tuple[str, ...]
) -> JsonObject:
    options = filled
    for kind, word in zip(reversed(steps), reversed(path[1:]), strict=True):
        options = [{"name": word, "type": kind, "options": options}]
    data: JsonObject = {"id": top["id"], "name": top["name"], "type": 1, "options": options}
    if "guild_id" in top:
        data["guild_id"] = top["guild_id"]
    resolved = _resolved(world, filled)
    return data | ({"resolved": resolved} if resolved else {})


def _resolved(world: World, filled: list[JsonObject]) -> JsonObject:
    """Return the people, roles and channels that the options name by their ids."""
    resolved: JsonObject = {}
    for option in filled:
        if option["type"] not in _NAMED_BY_ID:
            continue
        name = option["value"]
        if name in world.members:
            resolved.setdefault("users", {})[name] = payloads.user(world.user(name))
            told = {key: value for key, value in payloads.member(world, name).items() if key != "user"}
            resolved.setdefault("members", {})[name] = told | {"permissions": "0"}
        elif name in world.roles:
            resolved.setdefault("roles", {})[name] = payloads.role(world.roles[name])
        else:
            resolved.setdefault("channels", {})[name] = payloads.channel(world, name) | {"permissions": "0"}
    return resolved


def _seen(world: World, user: str, message_id: str) -> Post:
    post = world.posts.get(message_id)
    if post is None or post.visible_to not in {None, user}:
        raise NotOffered("this person does not see the message")
    return post


def _used(world: World, user: str, post: Post, part: JsonObject, extra: JsonObject) -> Ask:
    if part.get("disabled"):
        raise NotOffered("it is disabled")
    data = {"custom_id": part["custom_id"], "component_type": part["type"], "id": part["id"]} | extra
    return _asked(world, 3, user, post.channel, data, source=post.id)


def _chosen(menu: JsonObject, labels: Sequence[str]) -> list[str]:
    values = []
    for label in labels:
        options = [one["value"] for one in menu["options"] if label in {one["label"], one["value"]}]
        if not options:
            raise NotOffered(f"there is no option {label!r}")
        values.append(str(options[0]))
    if not menu.get("min_values", 1) <= len(values) <= menu.get("max_values", 1):
        raise NotOffered("too few or too many are chosen")
    return values


def _answer(label: str, part: JsonObject, value: str | None) -> JsonObject:
    """Return what is submitted for one input."""
    required = part.get("required", True)
    told: JsonObject = {"type": part["type"], "id": part["id"], "custom_id": part["custom_id"]}
    if part["type"] == 3:
        preset = [one["value"] for one in part["options"] if one.get("default")]
        chosen = preset if value is None else _chosen(part, [value])
        if required and not chosen:
            raise NotOffered(f"{label} is required")
        return told | {"values": chosen}
    text = part.get("value") or "" if value is None else value
    if required and not text:
        raise NotOffered(f"{label} is required")
    if text and not part.get("min_length", 0) <= len(text) <= part.get("max_length", 4000):
        raise NotOffered(f"{label} is too short or too long")
    return told | {"value": text}


def _submitted(row: JsonObject, answers: JsonObject) -> JsonObject:
    told: JsonObject = {"type": row["type"], "id": row["id"]}
    if row["type"] == 18:
        return told | {"component": answers[row["component"]["custom_id"]]}
    if row["type"] == 1:
        return told | {"components": [answers[part["custom_id"]] for part in row["components"]]}
    return told


def _asked(
    world: World, kind: int, user: str, channel: str, data: JsonObject, *, source: str | None = None
) -> Ask:
    if user not in world.members:
        raise NotOffered(f"nobody has the id {user!r}: add_member first")
    ask = Ask(world.new_id(), world.new_token(), kind, user, channel, {}, source)
    ask.payload = payloads.interaction(world, ask, data)
    world.asks[ask.token] = ask
    return ask
