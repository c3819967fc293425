"""Messages with charts: a host's history, whether memory is the problem, the digest of a bad day."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

from adapters.charts import draw
from adapters.chat.discord.rendering import rendered as in_discord
from adapters.chat.slack.rendering import rendered as in_slack
from bot.message import Chart
from tests.cases import SEED_AS_ROOT, captured
from tests.conversations.ops import Ops
from tests.fakes.past import day, incident_of, kill, sample_at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bot.message import Message

WORDS = {"history": "history web-1", "why": "why web-1", "digest": "digest"}


def message(words: str) -> Message:
    """Ask for a message about the seed's server, on which gunicorn ran into the OOM killer."""
    ops = Ops('[bot]\ntime_zone = "Europe/Berlin"\n[[host]]\nname = "web-1"\n[[host]]\nname = "db-2"\n')
    now = ops.clock()
    ops.hosts["web-1"].says("sh", captured(SEED_AS_ROOT))
    for sample in day(now + timedelta(minutes=4), minutes=1):
        ops.store.remember(sample)
        ops.store.remember(sample_at(sample.taken_at, 500, host="db-2"))
    with ops.store.changing() as ledger:
        ledger.save_incident(incident_of(now))
        ledger.mark(kill(now))
    return ops.say("alice", words)


def payload(platform: str, name: str, folder: Path) -> dict[str, object]:
    """Return a message as a platform is sent it, with its charts drawn into a folder."""
    asked = message(WORDS[name])
    pictures = _pictures(asked, folder)
    if platform == "slack":
        return _plain({"blocks": in_slack(asked, words=WORDS[name], pictures=pictures).blocks})
    shown = in_discord(asked, words=WORDS[name], pictures=pictures)
    buttons = [{"label": button.label, "emphasis": button.emphasis} for button in shown.buttons]
    return _plain({"content": shown.content, "embeds": shown.embeds, "buttons": buttons})


def _plain(sent: Mapping[str, object]) -> dict[str, object]:
    """Return it as it goes over the line."""
    read: dict[str, object] = json.loads(json.dumps(sent))
    return read


def _pictures(asked: Message, folder: Path) -> Mapping[Chart, str]:
    pictures: dict[Chart, str] = {}
    for chart in (block for block in asked.blocks if isinstance(block, Chart)):
        file = folder / f"chart-{len(pictures)}.png"
        file.write_bytes(draw(chart, timeout_s=60) or b"")
        pictures[chart] = file.as_uri()
    return pictures
