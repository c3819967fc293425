"""What Slack accepts. Lengths are in units of UTF-16.

docs.slack.dev says so of buttons and their confirmation; that blocks are refused near 13,200 characters in
all is not documented (slackapi/bolt-js#2509).
"""

from __future__ import annotations

BLOCKS_LENGTH = 12_000
BUTTONS = 25
BUTTONS_IN_A_ROW = 5
BUTTONS_LENGTH = 6_000
BUTTON_LABEL = 75
BUTTON_VALUE = 2_000
CONFIRM_TEXT = 300
CONFIRM_LABEL = 30
HEADLINE = 500
PART = 2_900
FOOTNOTE = 1_000
PICTURE_TITLE = 150
PICTURE_TEXT = 1_000
MENTIONS = 20

COLUMNS = 36
"""Characters of the fixed-width face beside one another on a telephone (about 37 on an iPhone)."""
