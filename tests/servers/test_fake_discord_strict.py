"""The fake Discord refuses what Discord refuses, in Discord's words."""

from __future__ import annotations

import http.client
import json
import socket
from typing import TYPE_CHECKING

import pytest

from tests.servers.fake_discord import FakeDiscord
from tests.servers.fake_discord.sample_bot import SampleBot, running

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.servers.fake_discord.wire import JsonObject

CHANNEL = "/channels/100/messages"
COMMANDS = "/applications/900/guilds/10/commands"
ALICE = "1"


@pytest.fixture(scope="module")
def server() -> Iterator[FakeDiscord]:
    with FakeDiscord() as server:
        server.buckets.clear()
        server.add_member(ALICE, "alice")
        yield server


def call(
    server: FakeDiscord, method: str, path: str, body: object, *, kind: str = "application/json"
) -> tuple[int, JsonObject]:
    """Make a call as the bot and return the status and the answer."""
    address = server.api_url.removeprefix("http://").split("/")[0]
    connection = http.client.HTTPConnection(address, timeout=5)
    try:
        headers = {"Authorization": f"Bot {server.token}", "Content-Type": kind}
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, f"/api/v10{path}", text, headers)
        answer = connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else {}
    finally:
        connection.close()


def told(errors: JsonObject, path: str = "") -> set[tuple[str, str]]:
    """Return the place and the code of each problem in a nested object of errors."""
    found = {(path, problem["code"]) for problem in errors.get("_errors", ())}
    for key, inner in errors.items():
        if key != "_errors":
            found |= told(inner, f"{path}.{key}".strip("."))
    return found


def embed(**fields: object) -> JsonObject:
    return {"embeds": [{"title": "t", **fields}]}


def row(*parts: JsonObject) -> JsonObject:
    return {"content": "c", "components": [{"type": 1, "components": list(parts)}]}


def button(**fields: object) -> JsonObject:
    return {"type": 2, "style": 1, "label": "OK", "custom_id": "ok"} | fields


def menu(**fields: object) -> JsonObject:
    option = {"label": "a", "value": "a"}
    return {"type": 3, "custom_id": "menu", "options": [option]} | fields


BAD_MESSAGES: list[tuple[JsonObject, str, str]] = [
    ({"content": "x" * 2001}, "content", "BASE_TYPE_MAX_LENGTH"),
    ({"content": "x", "colour": 1}, "colour", "UNKNOWN_FIELD"),
    ({"content": "x", "flags": 64}, "flags", "MESSAGE_FLAGS_INVALID"),
    ({"content": "x", "flags": 1 << 15}, "flags", "MESSAGE_FLAGS_INVALID"),
    ({"embeds": [{"title": "t"}] * 11}, "embeds", "BASE_TYPE_MAX_LENGTH"),
    ({"embeds": [{"description": "d" * 3001}] * 2}, "embeds", "MAX_EMBED_SIZE_EXCEEDED"),
    (embed(title="t" * 257), "embeds.0.title", "BASE_TYPE_MAX_LENGTH"),
    (embed(description="d" * 4097), "embeds.0.description", "BASE_TYPE_MAX_LENGTH"),
    (embed(footer={"text": "f" * 2049}), "embeds.0.footer.text", "BASE_TYPE_BAD_LENGTH"),
    (embed(author={"name": "a" * 257}), "embeds.0.author.name", "BASE_TYPE_BAD_LENGTH"),
    (embed(fields=[{"name": "n", "value": "v"}] * 26), "embeds.0.fields", "BASE_TYPE_MAX_LENGTH"),
    (embed(fields=[{"name": " ", "value": "v"}]), "embeds.0.fields.0.name", "BASE_TYPE_REQUIRED"),
    (embed(fields=[{"name": "n", "value": "v" * 1025}]), "embeds.0.fields.0.value", "BASE_TYPE_BAD_LENGTH"),
    (embed(color=1 << 24), "embeds.0.color", "NUMBER_TYPE_MAX"),
    (embed(timestamp="yesterday"), "embeds.0.timestamp", "DATE_TIME_TYPE_PARSE"),
    (embed(url="ftp://example.org"), "embeds.0.url", "URL_TYPE_INVALID_SCHEME"),
    (embed(image={"url": "attachment://none.png"}), "embeds.0.image.url", "ATTACHMENT_NOT_FOUND"),
    ({"embeds": [{"color": 1}]}, "embeds.0.description", "BASE_TYPE_REQUIRED"),
    ({"content": "c", "components": [button()]}, "components.0.type", "UNION_TYPE_CHOICES"),
    (
        {"content": "c", "components": [row(button())["components"][0]] * 6},
        "components",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (row(), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (row(*(button(custom_id=str(n)) for n in range(6))), "components.0.components", "BASE_TYPE_BAD_LENGTH"),
    (row(button(), button()), "components.0.components.1.custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED"),
    (row(button(label="x" * 81)), "components.0.components.0.label", "BASE_TYPE_MAX_LENGTH"),
    (row(button(label="")), "components.0.components.0", "BUTTON_COMPONENT_EMPTY"),
    (row(button(custom_id="x" * 101)), "components.0.components.0.custom_id", "BASE_TYPE_BAD_LENGTH"),
    (row(button(custom_id="")), "components.0.components.0.custom_id", "BASE_TYPE_REQUIRED"),
    (row(button(style=5)), "components.0.components.0.url", "BASE_TYPE_REQUIRED"),
    (row(button(confirm="really?")), "components.0.components.0.confirm", "UNKNOWN_FIELD"),
    (row(menu(), button()), "components.0.components.0", "COMPONENT_LAYOUT_WIDTH_EXCEEDED"),
    (row(menu(options=[])), "components.0.components.0.options", "BASE_TYPE_BAD_LENGTH"),
    (row(menu(max_values=2)), "components.0.components.0.max_values", "BASE_TYPE_RANGE"),
    (row(menu(placeholder="x" * 151)), "components.0.components.0.placeholder", "BASE_TYPE_MAX_LENGTH"),
    (
        {"content": "c", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
        "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
    ),
    (
        {"content": "c", "attachments": [{"id": 0, "filename": "a"}]},
        "attachments.0.id",
        "ATTACHMENT_NOT_FOUND",
    ),
]


@pytest.mark.parametrize(
    ("body", "place", "code"), BAD_MESSAGES, ids=[f"{one[1]} {one[2]}" for one in BAD_MESSAGES]
)
def test_messages_beyond_a_limit_are_refused(
    server: FakeDiscord, body: JsonObject, place: str, code: str
) -> None:
    status, answer = call(server, "POST", CHANNEL, body)
    assert (status, answer["code"], answer["message"]) == (400, 50035, "Invalid Form Body")
    assert (place, code) in told(answer["errors"])


GOOD_MESSAGES = [
    {"content": "x" * 2000},
    {"content": "\N{SNOWMAN}" * 2000},
    {"embeds": [{"title": "t" * 256, "description": "d" * 4096, "footer": {"text": "f" * 1648}}]},
    {"components": [{"type": 1, "components": [button(label="x" * 80, custom_id="x" * 100)]}]},
    row(menu(options=[{"label": f"{n}" * 50, "value": f"{n}"} for n in range(25)], max_values=25)),
    row(*(button(custom_id=str(n)) for n in range(5))),
]


@pytest.mark.parametrize("body", GOOD_MESSAGES, ids=range(len(GOOD_MESSAGES)))
def test_messages_at_a_limit_are_taken(server: FakeDiscord, body: JsonObject) -> None:
    status, answer = call(server, "POST", CHANNEL, body)
    assert (status, answer.get("errors")) == (200, None)


@pytest.mark.parametrize(
    "body", [{}, {"content": " \n "}, {"embeds": []}, {"content": None, "components": []}]
)
def test_a_message_cannot_be_empty(server: FakeDiscord, body: JsonObject) -> None:
    assert call(server, "POST", CHANNEL, body) == (
        400,
        {"message": "Cannot send an empty message", "code": 50006},
    )


def command(**fields: object) -> list[JsonObject]:
    return [{"name": "mem", "description": "d", "type": 1} | fields]


def option(**fields: object) -> list[JsonObject]:
    return command(options=[{"name": "host", "description": "d", "type": 3} | fields])


CHOICE = {"name": "a", "value": "a"}
SUBCOMMAND = {"name": "sub", "description": "d", "type": 1}
LONG = [{"name": f"{n}" * 16, "description": "d" * 100, "type": 3} for n in range(10, 35)]
HUGE = [{"name": f"s{n}", "description": "d" * 100, "type": 1, "options": LONG} for n in range(3)]
BAD_COMMANDS: list[tuple[list[JsonObject], str, str]] = [
    (command(name="Mem"), "0.name", "STRING_TYPE_REGEX"),
    (command(name="mem report"), "0.name", "STRING_TYPE_REGEX"),
    (command(name="m" * 33), "0.name", "BASE_TYPE_BAD_LENGTH"),
    (command(description=""), "0.description", "BASE_TYPE_REQUIRED"),
    (command(description="d" * 101), "0.description", "BASE_TYPE_BAD_LENGTH"),
    (command(usage="x"), "0.usage", "UNKNOWN_FIELD"),
    (command() * 2, "1.name", "APPLICATION_COMMANDS_DUPLICATE_NAME"),
    (command(description_localizations={"xx": "d"}), "0.description_localizations.xx", "BASE_TYPE_CHOICES"),
    (command(name_localizations={"de": "Mem"}), "0.name_localizations.de", "STRING_TYPE_REGEX"),
    (command(options=LONG + LONG[:1]), "0.options", "BASE_TYPE_MAX_LENGTH"),
    (command(options=LONG[:1] * 2), "0.options.1.name", "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS"),
    (command(options=HUGE), "0", "APPLICATION_COMMAND_TOO_LARGE"),
    (command(options=[SUBCOMMAND, LONG[0]]), "0.options", "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"),
    (
        command(options=[SUBCOMMAND | {"options": [SUBCOMMAND]}]),
        "0.options.0.options.0.type",
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
    ),
    (
        command(options=[LONG[0], LONG[1] | {"required": True}]),
        "0.options.1",
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
    ),
    (
        option(choices=[CHOICE | {"name": str(n)} for n in range(26)]),
        "0.options.0.choices",
        "BASE_TYPE_MAX_LENGTH",
    ),
    (option(choices=[CHOICE], autocomplete=True), "0.options.0", "APPLICATION_COMMAND_OPTION_CHOICES"),
    (option(type=5, autocomplete=True), "0.options.0", "APPLICATION_COMMAND_OPTION_CHOICES"),
    (option(type=4, choices=[CHOICE]), "0.options.0.choices.0.value", "NUMBER_TYPE_COERCE"),
    (
        option(choices=[{"name": "x" * 101, "value": "a"}]),
        "0.options.0.choices.0.name",
        "BASE_TYPE_BAD_LENGTH",
    ),
    (option(max_length=6001), "0.options.0.max_length", "BASE_TYPE_RANGE"),
]


@pytest.mark.parametrize(
    ("body", "place", "code"), BAD_COMMANDS, ids=[f"{one[1]} {one[2]}" for one in BAD_COMMANDS]
)
def test_commands_beyond_a_limit_are_refused(
    server: FakeDiscord, body: list[JsonObject], place: str, code: str
) -> None:
    status, answer = call(server, "PUT", COMMANDS, body)
    assert (status, answer["code"]) == (400, 50035)
    assert (place, code) in told(answer["errors"])


def test_there_are_at_most_a_hundred_commands(server: FakeDiscord) -> None:
    body = [command(name=f"mem{n}")[0] for n in range(101)]
    status, answer = call(server, "PUT", COMMANDS, body)
    assert (status, answer["code"]) == (400, 30032)


@pytest.mark.parametrize("name", ["mem", "o'neill", "größe", "記憶", "थाई", "a-b_c"])
def test_command_names_of_any_script_in_lower_case_are_taken(name: str) -> None:
    with FakeDiscord() as server:
        status, made = call(server, "POST", "/applications/900/commands", command(name=name)[0])
        assert (status, made["name"], server.commands) == (201, name, [made])


# Calls


def test_a_wrong_token_is_unauthorized(server: FakeDiscord) -> None:
    address = server.api_url.removeprefix("http://").split("/")[0]
    connection = http.client.HTTPConnection(address, timeout=5)
    connection.request("GET", "/api/v10/users/@me", headers={"Authorization": "Bot wrong"})
    answer = connection.getresponse()
    body = json.loads(answer.read())
    connection.close()
    assert (answer.status, body) == (401, {"message": "401: Unauthorized", "code": 0})
    assert (answer.headers["Content-Type"], answer.headers["Via"]) == ("application/json", "1.1 google")


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("GET", "/channels/999", 10003),
        ("GET", "/guilds/999", 10004),
        ("GET", "/guilds/10/members/999", 10007),
        ("GET", "/channels/100/messages/999", 10008),
        ("POST", "/interactions/1/nothing/callback", 10062),
        ("POST", "/webhooks/900/nothing", 50027),
        ("PUT", "/applications/900/guilds/999/commands", 50001),
        ("PUT", "/applications/1/commands", 20012),
        ("GET", "/applications/900/commands/1", 10063),
        ("GET", "/nonsense", 0),
    ],
)
def test_what_is_unknown_has_its_own_code(server: FakeDiscord, method: str, path: str, code: int) -> None:
    _, answer = call(server, method, path, {})
    assert answer["code"] == code
    assert server.refusals[-1].path == path


def test_a_body_must_be_json_and_say_so(server: FakeDiscord) -> None:
    assert call(server, "POST", CHANNEL, b"{")[1]["code"] == 50109
    assert call(server, "POST", CHANNEL, {"content": "x"}, kind="text/plain")[1]["code"] == 50035


def test_the_same_nonce_makes_one_message(server: FakeDiscord) -> None:
    body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
    first, second = call(server, "POST", CHANNEL, body), call(server, "POST", CHANNEL, body)
    assert first[1]["id"] == second[1]["id"]


def test_a_full_bucket_is_told_with_all_headers() -> None:
    with FakeDiscord() as server:
        server.buckets["POST /channels/{channel_id}/messages"] = (1, 30.0)
        assert call(server, "POST", CHANNEL, {"content": "x"})[0] == 200
        status, answer = call(server, "POST", CHANNEL, {"content": "x"})
        assert (status, answer["global"], answer["message"]) == (429, False, "You are being rate limited.")
        assert 29 < answer["retry_after"] <= 30
        assert [refusal.status for refusal in server.refusals] == [429]


def test_a_bot_makes_at_most_fifty_calls_a_second() -> None:
    with FakeDiscord() as server:
        most, _ = server.buckets["*"]
        server.buckets["*"] = (most, 60.0)
        answers = [call(server, "GET", "/users/@me", None) for _ in range(most + 1)]
        assert [status for status, _ in answers] == [200] * 50 + [429]
        assert answers[-1][1]["global"] is True


# Interactions


def asked(server: FakeDiscord) -> tuple[str, str]:
    """Let alice use a command that nobody answers; return where to answer and where to follow up."""
    call(server, "PUT", COMMANDS, option(autocomplete=True))
    interaction = server.command(ALICE, "mem", {"host": "web-1"})
    return (
        f"/interactions/{interaction.id}/{interaction.token}/callback",
        f"/webhooks/900/{interaction.token}",
    )


def test_only_the_first_answer_is_taken(server: FakeDiscord) -> None:
    callback, _ = asked(server)
    assert call(server, "POST", callback, {"type": 5})[0] == 204
    assert call(server, "POST", callback, {"type": 5})[1]["code"] == 40060


def test_there_is_no_webhook_before_the_first_answer(server: FakeDiscord) -> None:
    callback, webhook = asked(server)
    assert call(server, "POST", webhook, {"content": "x"})[1]["code"] == 10015
    call(server, "POST", callback, {"type": 5, "data": {"flags": 64}})
    assert call(server, "PATCH", f"{webhook}/messages/@original", {"content": "x"})[0] == 200


def test_an_answer_tells_of_its_message_if_asked(server: FakeDiscord) -> None:
    callback, _ = asked(server)
    body = {"type": 4, "data": {"content": "x", "flags": 64}}
    status, answer = call(server, "POST", f"{callback}?with_response=true", body)
    assert (status, answer["interaction"]["response_message_ephemeral"]) == (200, True)
    assert answer["resource"]["message"]["content"] == "x"


def test_ephemeral_messages_are_out_of_reach_of_the_channel(server: FakeDiscord) -> None:
    callback, webhook = asked(server)
    call(server, "POST", callback, {"type": 4, "data": {"content": "psst", "flags": 64}})
    _, message = call(server, "GET", f"{webhook}/messages/@original", None)
    assert call(server, "PATCH", f"{CHANNEL}/{message['id']}", {"content": "x"})[1]["code"] == 10008


@pytest.mark.parametrize("kind", [1, 6, 7, 8, 10])
def test_answers_must_fit_what_was_asked(server: FakeDiscord, kind: int) -> None:
    callback, _ = asked(server)
    _, answer = call(server, "POST", callback, {"type": kind, "data": {"content": "x"}})
    assert ("type", "BASE_TYPE_CHOICES") in told(answer["errors"])


def form(**fields: object) -> JsonObject:
    text = {"type": 4, "custom_id": "host", "style": 1}
    label = {"type": 18, "label": "Host", "component": text | fields}
    return {"type": 9, "data": {"custom_id": "f", "title": "Form", "components": [label]}}


@pytest.mark.parametrize(
    ("body", "place", "code"),
    [
        ({"type": 4, "data": {"content": "x" * 2001}}, "data.content", "BASE_TYPE_MAX_LENGTH"),
        ({"type": 9, "data": form()["data"] | {"title": "t" * 46}}, "data.title", "BASE_TYPE_BAD_LENGTH"),
        ({"type": 9, "data": form()["data"] | {"components": []}}, "data.components", "BASE_TYPE_BAD_LENGTH"),
        (form(style=3), "data.components.0.component.style", "BASE_TYPE_CHOICES"),
        (form(label="twice"), "data.components.0.component.label", "TEXT_INPUT_LABEL"),
        (form(value="abc", max_length=2), "data.components.0.component.value", "BASE_TYPE_MAX_LENGTH"),
        (form(placeholder="p" * 101), "data.components.0.component.placeholder", "BASE_TYPE_MAX_LENGTH"),
    ],
)
def test_answers_beyond_a_limit_are_refused_and_leave_the_question_open(
    server: FakeDiscord, body: JsonObject, place: str, code: str
) -> None:
    callback, _ = asked(server)
    _, answer = call(server, "POST", callback, body)
    assert (place, code) in told(answer["errors"])
    assert call(server, "POST", callback, {"type": 5})[0] == 204


def test_files_come_in_a_form(server: FakeDiscord) -> None:
    parts = (
        b'--b\r\nContent-Disposition: form-data; name="payload_json"\r\n\r\n{"attachments": [{"id": 0}]}\r\n'
        b'--b\r\nContent-Disposition: form-data; name="files[0]"; filename="a.txt"\r\n\r\nabc\r\n--b--\r\n'
    )
    status, answer = call(server, "POST", CHANNEL, parts, kind="multipart/form-data; boundary=b")
    assert (status, answer["attachments"][0]["filename"], answer["attachments"][0]["size"]) == (
        200,
        "a.txt",
        3,
    )


def test_an_edit_keeps_the_files_that_it_lists(server: FakeDiscord) -> None:
    part = 'Content-Disposition: form-data; name="files[{0}]"; filename="{0}.txt"\r\n\r\nabc\r\n--b'
    form = ("--b\r\n" + part.format(0) + "\r\n" + part.format(1) + "--\r\n").encode()
    _, sent = call(server, "POST", CHANNEL, form, kind="multipart/form-data; boundary=b")
    kept = {"attachments": [{"id": sent["attachments"][1]["id"]}]}
    _, edited = call(server, "PATCH", f"{CHANNEL}/{sent['id']}", kept)
    assert [one["filename"] for one in edited["attachments"]] == ["1.txt"]


def test_what_a_person_writes_can_only_be_edited_by_that_person(server: FakeDiscord) -> None:
    server.say(ALICE, "mine")
    message = server.shown(ALICE)[-1]
    assert call(server, "PATCH", f"{CHANNEL}/{message.id}", {"content": "x"})[1]["code"] == 50005
    assert call(server, "DELETE", f"{CHANNEL}/{message.id}", None)[1]["code"] == 50013


def test_no_socket_is_left_open() -> None:
    with FakeDiscord() as server, running(server, SampleBot()):
        server.wait_connected()
        port = int(server.api_url.split(":")[2].split("/")[0])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)
