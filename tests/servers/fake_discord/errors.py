"""Refusals, with the codes and words of Discord's list of error codes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.servers.fake_discord.wire import JsonObject


class ApiError(Exception):
    """A call that is refused."""

    def __init__(self, status: int, code: int, message: str, errors: JsonObject | None = None) -> None:
        super().__init__(f"{status} {code} {message}")
        self.status = status
        self.body: JsonObject = {"message": message, "code": code}
        if errors:
            self.body["errors"] = errors


_KNOWN = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    20012: (403, "You are not authorized to perform this action on this application"),
    30032: (400, "Maximum number of application commands reached (100)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50003: (403, "Cannot execute action on a DM channel"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160002: (403, "Cannot reply without permission to read message history"),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
}


def refused(code: int) -> ApiError:
    """Return the refusal with this code."""
    status, message = _KNOWN[code]
    return ApiError(status, code, message)


class Problems:
    """What is wrong with a body, each with its place; becomes the nested `errors` of code 50035."""

    def __init__(self, root: str = "") -> None:
        self._errors: JsonObject = {}
        self._root = root

    def add(self, path: str, code: str, message: str) -> None:
        """Note a problem at `embeds.0.title`."""
        place = self._errors
        for step in f"{self._root}.{path}".strip(".").split("."):
            place = place.setdefault(step, {})
        place.setdefault("_errors", []).append({"code": code, "message": message})

    def raise_any(self) -> None:
        """Raise ApiError if anything was noted."""
        if self._errors:
            raise ApiError(400, 50035, "Invalid Form Body", self._errors)

    def length(self, path: str, text: object, least: int, most: int) -> None:
        """Note a text that is missing, not a string, too short or too long (in code points, trimmed)."""
        if text is None or (least > 0 and text == ""):
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif not isinstance(text, str):
            self.add(path, "STRING_TYPE_CONVERT", f'Could not interpret "{text}" as string.')
        elif least <= len(text.strip()) <= most:
            return
        elif least and not text.strip():
            self.add(path, "BASE_TYPE_REQUIRED", "This field is required")
        elif least:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        else:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")

    def most(self, path: str, items: object, most: int, least: int = 0) -> bool:
        """Note what is not a list, or has too many or too few items; True if it can be walked through."""
        if not isinstance(items, list):
            self.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType")
            return False
        if least and not least <= len(items) <= most:
            self.add(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
        elif len(items) > most:
            self.add(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        return True

    def only(self, path: str, item: JsonObject, known: frozenset[str]) -> None:
        """Note fields that Discord has not got: it ignores them, but a test should see the mistake."""
        for key in item.keys() - known:
            self.add(f"{path}.{key}", "UNKNOWN_FIELD", "There is no such field (the real API ignores it).")
