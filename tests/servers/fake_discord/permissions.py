"""Discord's permission bits, as far as they matter here."""

VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_APPLICATION_COMMANDS = 1 << 31

NEEDED_BY_BOTS = VIEW_CHANNEL | SEND_MESSAGES | EMBED_LINKS | ATTACH_FILES | READ_MESSAGE_HISTORY
"""What a bot like ours is invited with."""

OF_PEOPLE = NEEDED_BY_BOTS | USE_APPLICATION_COMMANDS
"""What everybody in the guild may do."""

EVERYTHING = (1 << 50) - 1
