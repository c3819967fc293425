"""An answer as plain text in a code block, for when Slack does not take it as it was designed."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from adapters.chat.slack import limits
from adapters.chat.slack.escaping import literal
from adapters.chat.slack.refusals import NOT_TAKEN
from adapters.chat.slack.rendering import Sheet
from adapters.monospace.document import attachment, document
from adapters.monospace.page import cut_to
from adapters.plain_text import visible

if TYPE_CHECKING:
    from adapters.chat.slack.refusals import SlackRefused
    from bot.message import Message

_LOG = logging.getLogger(__name__)

# Within a code block: `&`, `<` and `>` begin entities, mentions and links; a backtick would end the block.
_HARMLESS = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'"})


def raise_unless_layout(error: SlackRefused) -> None:
    """Raise the refusal again, or log it where the same may be taken once it is made plainer."""
    if error.code not in NOT_TAKEN:
        raise error
    _LOG.warning(
        "Slack did not take a message as it was designed (%s%s); it is made plainer.",
        error.code,
        "".join(f"; {hint[:200]}" for hint in error.hints[:3]),
    )


def plain(message: Message, words: str) -> Sheet:
    """Return the message without blocks and buttons; what is too long for one text is a file."""
    headline = literal(cut_to(limits.HEADLINE, visible(message.headline).strip() or "…"))
    rest = document(replace(message, headline="")).strip("\n").translate(_HARMLESS)
    text = f"{headline}\n```{rest}```" if rest else headline
    if len(text) <= limits.PART:
        return Sheet(text, ())
    return Sheet(headline, (), attachment(message, words))
