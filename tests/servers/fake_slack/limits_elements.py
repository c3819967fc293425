"""The limits of composition objects and block elements (docs.slack.dev, reference/block-kit)."""

from __future__ import annotations

from tests.servers.fake_slack.schema import (
    Findings,
    Shape,
    array,
    boolean,
    both,
    integer,
    one_of,
    string,
    thing,
    typed,
)

ACTION_ID = string(255, 1)
_URL = string(3000, 1)
_LONGEST_INPUT = 3000


def plain(most: int) -> Shape:
    """A plain_text object."""
    return typed({"plain_text": thing({"text": string(most, 1)}, {"emoji": boolean})})


def any_text(most: int) -> Shape:
    """A text object of either kind."""
    return typed(
        {
            "plain_text": thing({"text": string(most, 1)}, {"emoji": boolean}),
            "mrkdwn": thing({"text": string(most, 1)}, {"verbatim": boolean}),
        }
    )


CONFIRM = thing(
    {"title": plain(100), "text": any_text(300), "confirm": plain(30), "deny": plain(30)},
    {"style": one_of("primary", "danger")},
)
OPTION = thing({"text": plain(75), "value": string(150, 1)}, {"description": plain(75)})
_MARKED_OPTION = thing({"text": any_text(75), "value": string(150, 1)}, {"description": any_text(75)})
OPTION_GROUP = thing({"label": plain(75), "options": array(OPTION, 100)})
_DISPATCH = thing({}, {"trigger_actions_on": array(one_of("on_enter_pressed", "on_character_entered"), 2)})

BUTTON = thing(
    {"text": plain(75)},
    {
        "action_id": ACTION_ID,
        "url": _URL,
        "value": string(2000, 1),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75, 1),
    },
)
IMAGE_ELEMENT = thing({"image_url": _URL, "alt_text": string(2000)})
OVERFLOW = thing({"options": array(OPTION, 5)}, {"action_id": ACTION_ID, "confirm": CONFIRM})

_CHOICE = {"action_id": ACTION_ID, "confirm": CONFIRM, "focus_on_load": boolean}
_SELECT = _CHOICE | {"placeholder": plain(150), "initial_option": OPTION}
_TYPED = {
    "action_id": ACTION_ID,
    "dispatch_action_config": _DISPATCH,
    "focus_on_load": boolean,
    "placeholder": plain(150),
}


def _one_source(found: Findings, value: object, pointer: str) -> None:
    if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
        found.report("must have either options or option_groups", pointer)


STATIC_SELECT = both(
    thing({}, _SELECT | {"options": array(OPTION, 100), "option_groups": array(OPTION_GROUP, 100)}),
    _one_source,
)
EXTERNAL_SELECT = thing({}, _SELECT | {"min_query_length": integer(0, 1000)})
CHECKBOXES = thing(
    {"options": array(_MARKED_OPTION, 10)}, _CHOICE | {"initial_options": array(_MARKED_OPTION, 10)}
)
RADIO_BUTTONS = thing({"options": array(_MARKED_OPTION, 10)}, _CHOICE | {"initial_option": _MARKED_OPTION})
NUMBER_INPUT = thing(
    {"is_decimal_allowed": boolean},
    _TYPED | {"initial_value": string(30, 1), "min_value": string(30, 1), "max_value": string(30, 1)},
)
TEXT_INPUT = thing(
    {},
    _TYPED
    | {
        "initial_value": string(_LONGEST_INPUT),
        "multiline": boolean,
        "min_length": integer(0, _LONGEST_INPUT),
        "max_length": integer(1, _LONGEST_INPUT),
    },
)

SELECTS = {"static_select": STATIC_SELECT, "external_select": EXTERNAL_SELECT}
CHOICES = {"checkboxes": CHECKBOXES, "radio_buttons": RADIO_BUTTONS}
# What may stand in an actions block, beside a section, and in an input block.
IN_ACTIONS = typed({"button": BUTTON, "overflow": OVERFLOW, **SELECTS, **CHOICES})
ACCESSORY = typed({"button": BUTTON, "overflow": OVERFLOW, "image": IMAGE_ELEMENT, **SELECTS, **CHOICES})
IN_INPUT = typed({"number_input": NUMBER_INPUT, "plain_text_input": TEXT_INPUT, **SELECTS, **CHOICES})
IN_CONTEXT = typed(
    {
        "image": IMAGE_ELEMENT,
        # No limit is documented here other than that of every text object.
        "plain_text": thing({"text": string(3000, 1)}, {"emoji": boolean}),
        "mrkdwn": thing({"text": string(3000, 1)}, {"verbatim": boolean}),
    }
)
