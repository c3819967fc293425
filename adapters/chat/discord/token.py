"""The bot's token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.errors import ChatError, ConfigError

if TYPE_CHECKING:
    from adapters.chat import Surroundings
    from adapters.chat.discord.options import Options

_UNUSABLE = (
    "What stands where `token` of [chat.discord] says cannot be a bot's token: copy it again from"
    " Bot > Reset Token in the Developer Portal."
)


def token_of(options: Options, surroundings: Surroundings) -> str:
    """Return the token. Raises ChatError if there is none, or what is there cannot be one."""
    try:
        token = surroundings.reveal(options.token)
    except ConfigError as error:
        raise ChatError(str(error), permanent=True) from None
    # People copy it out of examples together with the word that stands before it in requests.
    token = token.strip().removeprefix("Bot ").strip()
    if not token or not token.isascii() or not token.isprintable() or " " in token:
        raise ChatError(_UNUSABLE, permanent=True)
    return token
