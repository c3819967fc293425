"""What Discord accepts, in units of UTF-16.

The source is docs.discord.com: "Embed Limits", "Component Reference", "Application Commands".

Title, description and footer together stay below the 6,000 that all embeds of a message may have.
"""

from __future__ import annotations

CONTENT = 2_000
TITLE = 256
DESCRIPTION = 4_096
FOOTER = 1_000
HEADLINE = 1_000
BARE = 1_200
BUTTONS = 25
BUTTON_LABEL = 80
CHOICES = 25
SUBCOMMANDS = 25
CHOICE = 100
COMMAND_DESCRIPTION = 100
LINE = 300
FORM_TITLE = 45
FORM_LABEL = 45
FORM_HELP = 100
PICTURE_TEXT = 1_000
MENTIONS = 20
NONCE = 25
THREAD_NAME = 100

FIXED = 2_500
"""One code block: a long table leaves room for what is said after it."""

COLUMNS = 34
"""Characters of the fixed-width face beside one another in an embed on a telephone."""
