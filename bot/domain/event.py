"""What happened on a host and is worth a mark in its history."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


class EventKind(StrEnum):
    """What happened."""

    REBOOT = "reboot"
    OOM_KILL = "oom kill"
    SERVICE_STARTED = "service started"
    SERVICE_GONE = "service gone"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened: on which host, when, to what (a service, or empty), in one sentence."""

    host: str
    at: datetime
    kind: EventKind
    subject: str
    sentence: str
