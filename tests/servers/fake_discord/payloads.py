"""The objects that the API sends, with the fields that Discord's have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tests.servers.fake_discord import permissions
from tests.servers.fake_discord.state import EPHEMERAL

if TYPE_CHECKING:
    from tests.servers.fake_discord.state import Ask, Channel, Post, Role, Upload, User, World
    from tests.servers.fake_discord.wire import JsonObject

_JOINED = datetime(2024, 1, 1, tzinfo=UTC).isoformat()
_FLAG_OF_INTENT = {1 << 8: 1 << 12, 1 << 1: 1 << 14, 1 << 15: 1 << 18}
_HAS_THREAD = 1 << 5
_CONTENT_TYPES = {"txt": "text/plain; charset=utf-8", "png": "image/png"}
ATTACHMENT_LIMIT = 10 * 1024 * 1024


def user(person: User) -> JsonObject:
    return {
        "id": person.id,
        "username": person.name,
        "global_name": None if person.bot else person.name,
        "discriminator": "0",
        "avatar": None,
        "bot": person.bot,
        "public_flags": 0,
        "flags": 0,
    }


def member(world: World, user_id: str) -> JsonObject:
    person = world.user(user_id)
    return {
        "user": user(person),
        "nick": None,
        "avatar": None,
        "roles": list(person.roles),
        "joined_at": _JOINED,
        "premium_since": None,
        "deaf": False,
        "mute": False,
        "pending": False,
        "flags": 0,
        "communication_disabled_until": None,
    }


def role(one: Role) -> JsonObject:
    return {
        "id": one.id,
        "name": one.name,
        "permissions": str(one.permissions),
        "position": one.position,
        "color": 0,
        "hoist": False,
        "managed": one.id == "11",
        "mentionable": one.mentionable,
        "flags": 0,
    }


def channel(world: World, channel_id: str) -> JsonObject:
    place = world.channels[channel_id]
    if place.recipient is not None:
        recipients = [user(world.user(place.recipient))]
        return {"id": channel_id, "type": 1, "last_message_id": None, "flags": 0, "recipients": recipients}
    if place.parent is not None:
        return _thread(world, place)
    denied = {"id": world.application_id, "type": 1, "allow": "0", "deny": str(place.denied)}
    return {
        "id": channel_id,
        "type": 0,
        "guild_id": world.guild_id,
        "name": place.name,
        "position": list(world.channels).index(channel_id),
        "permission_overwrites": [denied] if place.denied else [],
        "nsfw": False,
        "topic": None,
        "parent_id": None,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }


def _thread(world: World, place: Channel) -> JsonObject:
    moment = datetime.now(UTC).isoformat()
    return {
        "id": place.id,
        "type": 11,
        "guild_id": world.guild_id,
        "parent_id": place.parent,
        "owner_id": world.application_id,
        "name": place.name,
        "last_message_id": None,
        "rate_limit_per_user": 0,
        "message_count": len(world.posts_in(place.id)),
        "total_message_sent": len(world.posts_in(place.id)),
        "member_count": 1,
        "flags": 0,
        "thread_metadata": {
            "archived": place.archived,
            "auto_archive_duration": place.archived_after_min,
            "archive_timestamp": moment,
            "locked": place.locked,
            "create_timestamp": moment,
        },
    }


def guild(world: World) -> JsonObject:
    """The guild as REST tells of it."""
    return {
        "id": world.guild_id,
        "name": "Operations",
        "icon": None,
        "splash": None,
        "discovery_splash": None,
        "owner_id": "1",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "verification_level": 0,
        "default_message_notifications": 1,
        "explicit_content_filter": 0,
        "roles": [role(one) for one in world.roles.values()],
        "emojis": [],
        "stickers": [],
        "features": [],
        "mfa_level": 0,
        "application_id": None,
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "vanity_url_code": None,
        "description": None,
        "banner": None,
        "premium_tier": 0,
        "premium_subscription_count": 0,
        "preferred_locale": "en-US",
        "public_updates_channel_id": None,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "safety_alerts_channel_id": None,
    }


def guild_create(world: World) -> JsonObject:
    """The guild as the gateway tells of it; without the members' intent the bot is the only member told."""
    places = [place for place in world.channels.values() if place.recipient is None]
    channels = [channel(world, place.id) for place in places if place.parent is None]
    threads = [channel(world, place.id) for place in places if place.parent and not place.archived]
    return guild(world) | {
        "joined_at": _JOINED,
        "large": False,
        "unavailable": False,
        "member_count": len(world.members) + 1,
        "voice_states": [],
        "members": [member(world, world.application_id)],
        "channels": channels,
        "threads": threads,
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def application(world: World) -> JsonObject:
    flags = sum(flag for intent, flag in _FLAG_OF_INTENT.items() if world.privileged_intents & intent)
    owner = {"id": "1", "username": "owner", "discriminator": "0", "avatar": None, "global_name": None}
    return {
        "id": world.application_id,
        "name": "memwarden",
        "icon": None,
        "description": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": flags,
        "owner": owner,
        "team": None,
        "bot": user(world.bot),
        "interactions_endpoint_url": None,
        "integration_types_config": {"0": {}},
    }


def attachment(world: World, post: Post, upload: Upload) -> JsonObject:
    folder = "ephemeral-attachments" if upload.ephemeral else "attachments"
    url = f"http://{world.origin}/cdn/{folder}/{post.channel}/{upload.id}/{upload.file.name}"
    return {
        "id": upload.id,
        "filename": upload.file.name,
        "description": upload.file.description or None,
        "size": len(upload.file.content),
        "url": url,
        "proxy_url": url,
        "content_type": _CONTENT_TYPES.get(upload.file.name.rpartition(".")[2]),
    }


def message(world: World, post: Post) -> JsonObject:
    """A message as REST tells of it."""
    people = {*world.members, world.application_id}
    pinged = [one[1:] for one in post.pings if one.startswith("@")]
    told: JsonObject = {
        "id": post.id,
        "channel_id": post.channel,
        "author": user(world.user(post.author)),
        "content": post.content,
        "timestamp": post.at.isoformat(),
        "edited_timestamp": post.edited_at.isoformat() if post.edited_at else None,
        "tts": False,
        "mention_everyone": "everyone" in post.pings,
        "mentions": [user(world.user(one)) for one in pinged if one in people],
        "mention_roles": [one[2:] for one in post.pings if one.startswith("@&")],
        "attachments": [attachment(world, post, upload) for upload in post.uploads],
        "embeds": [{"type": "rich", **embed} for embed in post.embeds],
        "components": post.components,
        "pinned": False,
        "type": post.kind,
        "flags": post.flags | (EPHEMERAL if post.visible_to is not None else 0),
    }
    if post.id in world.channels:
        told["thread"] = channel(world, post.id)
        told["flags"] |= _HAS_THREAD
    if post.reply_to is not None:
        told["message_reference"] = {
            "message_id": post.reply_to,
            "channel_id": post.channel,
            "guild_id": world.guild_id,
        }
        told["type"] = 19
    if post.asked_by is not None:
        told["webhook_id"] = told["application_id"] = world.application_id
        told["interaction_metadata"] = {
            "id": post.asked_by.id,
            "type": post.asked_by.type,
            "user": user(world.user(post.asked_by.user)),
            "authorizing_integration_owners": post.asked_by.payload["authorizing_integration_owners"],
        } | ({"interacted_message_id": post.asked_by.source} if post.asked_by.source else {})
    return told


def made(world: World, post: Post) -> JsonObject:
    """A message as it is told of when it is made: only then Discord tells its nonce."""
    return message(world, post) | ({"nonce": post.nonce} if post.nonce is not None else {})


def message_event(world: World, post: Post) -> JsonObject:
    """A message as the gateway tells of it."""
    told = made(world, post)
    if world.channels[post.channel].recipient is None:
        told["guild_id"] = world.guild_id
        if post.author in world.members:
            told["member"] = {
                key: value for key, value in member(world, post.author).items() if key != "user"
            }
    return told


def interaction(world: World, ask: Ask, data: JsonObject) -> JsonObject:
    """What INTERACTION_CREATE tells."""
    in_guild = world.channels[ask.channel].recipient is None
    told: JsonObject = {
        "id": ask.id,
        "application_id": world.application_id,
        "type": ask.type,
        "data": data,
        "token": ask.token,
        "version": 1,
        "channel": channel(world, ask.channel) | {"permissions": str(permissions.OF_PEOPLE)},
        "channel_id": ask.channel,
        "app_permissions": str(world.allowed(ask.channel)),
        "locale": "en-US",
        "entitlements": [],
        "entitlement_sku_ids": [],
        "authorizing_integration_owners": {"0": world.guild_id if in_guild else "0"},
        "context": 0 if in_guild else 1,
        "attachment_size_limit": ATTACHMENT_LIMIT,
    }
    if ask.source is not None:
        told["message"] = message(world, world.posts[ask.source])
    if in_guild:
        told |= {
            "guild_id": world.guild_id,
            "guild": {"id": world.guild_id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member(world, ask.user) | {"permissions": str(permissions.OF_PEOPLE)},
        }
    else:
        told["user"] = user(world.user(ask.user))
    return told
