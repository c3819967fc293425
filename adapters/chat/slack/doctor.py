"""What can be wrong between us and Slack, looked at piece by piece, each with its remedy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.chat.slack.announcing import check_channel
from adapters.chat.slack.delivery import Delivery
from adapters.chat.slack.groups import PREFIX, group_names, members_of
from adapters.chat.slack.identity import app_token, bot_token, identify, signing_secret
from adapters.chat.slack.manifest import SCOPES, WITHOUT
from adapters.chat.slack.people import DirectMessages, user_info
from adapters.chat.slack.refusals import OPEN_CONNECTION, SlackRefused, SlackUnreachable
from adapters.chat.slack.rendering import Sheet
from adapters.chat.slack.web import Patience, Web
from bot.domain.finding import Finding, State
from bot.errors import ChatError, ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from adapters.chat import Surroundings
    from adapters.chat.slack.identity import Identity
    from adapters.chat.slack.options import Options
    from bot.config import Secret

_CALL_S = 2.0
_SKEW_TO_KNOW_S, _SKEW_TO_MEND_S = 5.0, 60.0
_TEST = Sheet("memwarden doctor looks whether it can post here; this message is removed at once.", ())
_PERSON = "slack:"
_NOBODY = frozenset(("user_not_found", "user_not_visible", "users_not_found"))
_INSTALL_AGAIN = "in the app's settings, OAuth & Permissions > Bot Token Scopes, and install the app again."


def findings(options: Options, surroundings: Surroundings) -> Iterator[Finding]:
    """Look at tokens, scopes, clock, channels and groups; never raises."""
    if absent := _absent("bot token", "bot_token", options.bot_token, surroundings):
        yield absent
        return
    try:
        token = bot_token(options.bot_token, surroundings.reveal)
    except ChatError as error:
        yield _wrong("bot token", error)
        return
    web = Web(token, options.api_url, on_final=lambda _refused: None)
    try:
        identity = identify(web, _patience())
    except ChatError as error:
        yield _wrong("bot token", error)
    else:
        yield _right("bot token", f"valid: the bot is {identity.name} in {identity.team}.")
        yield from _scopes(identity, surroundings)
        yield from _clock(identity, surroundings)
        yield from _channels(options, surroundings, web)
        yield from _groups(surroundings, web)
        yield from _people(surroundings, web)
    yield from _way_in(options, surroundings, web)
    yield Finding(
        "slack: command",
        State.NOTE,
        f"Slack does not tell whether {options.command} is registered: type `{options.command} help` to see.",
    )


def _scopes(identity: Identity, surroundings: Surroundings) -> Iterator[Finding]:
    if not identity.scopes:
        yield Finding("slack: scopes", State.NOTE, "Slack does not tell which scopes the bot token has.")
        return
    missing = sorted(SCOPES.keys() - identity.scopes)
    for scope in missing:
        unused = scope == "usergroups:read" and not (surroundings.groups or surroundings.mentioned)
        is_minor = unused or (scope in WITHOUT and scope != "files:write")
        state = State.NOTE if is_minor else State.WRONG
        lost = f"; without it {WITHOUT[scope]}" if scope in WITHOUT else ""
        sentence = f"missing, but needed {SCOPES[scope]}{lost}."
        yield Finding(f"slack: scope {scope}", state, sentence, f"Add it {_INSTALL_AGAIN}")
    if not missing:
        yield _right("scopes", "all that are needed are there.")
    if more := sorted(identity.scopes - SCOPES.keys()):
        sentence = f"the bot may do more than it needs to: {', '.join(more)}."
        yield Finding("slack: scopes", State.NOTE, sentence, f"Take them away {_INSTALL_AGAIN}")


def _clock(identity: Identity, surroundings: Surroundings) -> Iterator[Finding]:
    if identity.said_at is None:
        return
    skew_s = (surroundings.now() - identity.said_at).total_seconds()
    if abs(skew_s) <= _SKEW_TO_KNOW_S:
        yield _right("clock", "this machine and Slack agree on the time.")
        return
    state = State.WRONG if abs(skew_s) > _SKEW_TO_MEND_S else State.NOTE
    way = "ahead of" if skew_s > 0 else "behind"
    yield Finding(
        "slack: clock",
        state,
        f"this machine is {abs(skew_s):.0f} s {way} Slack; signed requests older than 5 minutes are refused.",
        "Let the clock be set by the network: timedatectl set-ntp true.",
    )


def _channels(options: Options, surroundings: Surroundings, web: Web) -> Iterator[Finding]:
    """Look at all channels in which something is announced or answered."""
    routed = tuple(filter(None, surroundings.places))
    if options.channel is None and ("" in surroundings.places or not routed):
        yield Finding(
            "slack: channel",
            State.NOTE,
            "none is configured, so what is for no channel in particular is not announced in Slack.",
            "Set `channel` under [chat.slack] to the id of a channel.",
        )
    delivery = Delivery(web, DirectMessages(web))
    own = (options.channel,) if options.channel else ()
    for channel in dict.fromkeys((*own, *routed, *options.channels)):
        yield _channel(channel, delivery)


def _channel(channel: str, delivery: Delivery) -> Finding:
    subject = f"channel {channel}"
    try:
        check_channel(channel)
        posted = delivery.post(channel, _TEST, _patience())
    except ChatError as error:
        return _wrong(subject, error)
    try:
        delivery.remove(posted, _patience())
    except ChatError as error:
        remedy = "Delete the message by hand."
        return Finding(f"slack: {subject}", State.NOTE, f"the test message stays there: {error}", remedy)
    return _right(subject, "a test message was posted and removed.")


def _groups(surroundings: Surroundings, web: Web) -> Iterator[Finding]:
    mentioned = (entry for entry in surroundings.mentioned if entry.startswith(PREFIX))
    entries = tuple(dict.fromkeys((*surroundings.groups, *mentioned)))
    if not entries:
        return
    try:
        names = group_names(web, entries)
    except ChatError as error:
        yield _wrong("user groups", error)
        return
    for entry in entries:
        yield _group(entry, names.get(entry), web)


def _people(surroundings: Surroundings, web: Web) -> Iterator[Finding]:
    """Look at everybody whom routes notify; who is there is not worth a line each."""
    people = [entry for entry in surroundings.mentioned if entry.startswith(_PERSON)]
    wrong = [finding for entry in people if (finding := _absentee(entry, web))]
    yield from wrong
    if people and not wrong:
        yield _right("mentions", "everybody whom routes mention is there.")


def _absentee(entry: str, web: Web) -> Finding | None:
    """Return what is wrong where nobody reads what mentions this person."""
    user = entry.removeprefix(_PERSON)
    try:
        told = user_info(web, user, _patience())
    except SlackRefused as error:
        if error.code not in _NOBODY:
            return _wrong(entry, error)
    except ChatError as error:
        return _wrong(entry, error)
    else:
        if told.get("deleted") is not True:
            return None
    return Finding(
        f"slack: {entry}",
        State.WRONG,
        "a route mentions this person, who is not in the workspace or was deactivated.",
        "Correct `mention` or `escalate_mention` of the route: the id is in the person's profile.",
    )


def _group(entry: str, name: str | None, web: Web) -> Finding:
    if name is None:
        return Finding(
            f"slack: {entry}",
            State.WRONG,
            "the workspace has no user group of this id, or it is disabled.",
            "Correct it where the configuration names it: the id is in the address of the group's page.",
        )
    try:
        members = members_of(web, entry)
    except ChatError as error:
        return _wrong(entry, error)
    if not members:
        return Finding(f"slack: {entry}", State.NOTE, f"nobody is in {name}.", f"Add somebody to {name}.")
    return _right(entry, f"{name} has {len(members)} {'person' if len(members) == 1 else 'people'}.")


def _way_in(options: Options, surroundings: Surroundings, web: Web) -> Iterator[Finding]:
    if options.app_token is not None:
        yield _absent("app token", "app_token", options.app_token, surroundings) or _connection(
            options.app_token, surroundings, web
        )
    elif options.signing_secret is not None:
        yield _absent("signing secret", "signing_secret", options.signing_secret, surroundings) or _signature(
            options.signing_secret, surroundings
        )


def _connection(secret: Secret, surroundings: Surroundings, web: Web) -> Finding:
    try:
        token = app_token(secret, surroundings.reveal)
        web.call(OPEN_CONNECTION, lambda client: client.apps_connections_open(app_token=token), _patience())
    except ChatError as error:
        return _wrong("app token", error)
    return _right("app token", "opens connections.")


def _signature(secret: Secret, surroundings: Surroundings) -> Finding:
    try:
        signing_secret(secret, surroundings.reveal)
    except ChatError as error:
        return _wrong("signing secret", error)
    return _right("signing secret", "set; the first request shows whether it is this app's.")


def _absent(subject: str, key: str, secret: Secret, surroundings: Surroundings) -> Finding | None:
    """Return what is wrong if there is nothing where the secret should be."""
    try:
        surroundings.reveal(secret)
    except ConfigError as error:
        seen = "; ".join(f"{error.file}: {each.path} {each.sentence}" for each in error.mistakes)
        remedy = f"Put the secret there, or correct `{key}` under [chat.slack]."
        return Finding(f"slack: {subject}", State.WRONG, f"{' '.join(seen.split())}.", remedy)
    return None


def _patience() -> Patience:
    return Patience.of(_CALL_S, repeatable=False)


def _right(subject: str, sentence: str) -> Finding:
    return Finding(f"slack: {subject}", State.RIGHT, sentence)


def _wrong(subject: str, error: ChatError) -> Finding:
    if isinstance(error, SlackRefused | SlackUnreachable):
        remedy = f"{error.remedy[0].upper()}{error.remedy[1:]}."
        return Finding(f"slack: {subject}", State.WRONG, f"{error.meaning}.", remedy)
    seen, _, remedy = str(error).partition(": ")
    remedy = f"{remedy[0].upper()}{remedy[1:]}" if remedy else "Mend that, and run `memwarden doctor` again."
    return Finding(f"slack: {subject}", State.WRONG, f"{seen.removesuffix('.')}.", remedy)
