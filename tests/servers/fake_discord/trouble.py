"""What a test plans to go wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Failure:
    """The next `times` calls to a route are refused; with status 0 they are done, but nothing is answered.

    `text` is what is answered by something that is not Discord, though with its status 200. What is
    `lost` is not done at all; what is `held` is done, but its connection stays open without an answer.
    """

    prefix: str
    status: int
    code: int
    times: int
    text: str | None = None
    content_type: str = ""
    lost: bool = False
    held: bool = False

    def concerns(self, method: str, path: str) -> bool:
        return self.times > 0 and concerns(self.prefix, method, path)


@dataclass
class Limit:
    """Calls to a route are answered with 429 during `for_s` seconds from the first of them."""

    prefix: str
    for_s: float
    retry_after_s: float
    everywhere: bool
    via: bool
    ends: float | None = None

    def concerns(self, method: str, path: str, now: float) -> bool:
        if not concerns(self.prefix, method, path):
            return False
        if self.ends is None:
            self.ends = now + self.for_s
        return now < self.ends


def concerns(prefix: str, method: str, path: str) -> bool:
    """Tell whether `POST /webhooks`, or `/webhooks` with any method, is the beginning of this call."""
    return f"{method} {path}".startswith(prefix) or path.startswith(prefix)
