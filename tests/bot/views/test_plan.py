"""The card of a plan in each of its phases, and the notes in its thread.

`GOLDEN=write make test` writes the files anew; look at the difference before committing it.
"""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.discord.rendering import rendered as in_discord
from adapters.chat.slack.rendering import rendered as in_slack
from adapters.chat.terminal import Screen, render
from bot.domain.approval import Approval, Phase, Vote, Who
from bot.domain.plan import Order, Plan, Saving, Step
from bot.domain.policy import Thresholds
from bot.domain.units import MIB
from bot.message import Tone
from bot.views.plan import card, note
from tests.bot.views import plan_samples as samples
from tests.bot.views.incident_samples import NOW, ROME
from tests.bot.views.test_golden_chats import GOLDEN, assert_golden
from tests.conversations.ops import text_of

CARDS = {name: card(approval, ROME, NOW) for name, approval in samples.PHASES.items()}
CARDS["whole"] = card(samples.watched(), ROME, NOW, whole=True)


def lines(approval: Approval, *, whole: bool = False) -> list[str]:
    return text_of(card(approval, ROME, NOW, whole=whole)).splitlines()


def with_plan(plan: Plan) -> Approval:
    return samples.asked(plan)


@pytest.mark.parametrize("name", CARDS)
def test_cards_are_shown_as_agreed(name: str) -> None:
    assert_golden(f"plan-{name}", CARDS[name], "")


@pytest.mark.parametrize("width", [100, 36])
@pytest.mark.parametrize("name", CARDS)
def test_cards_are_shown_in_the_terminal_as_agreed(name: str, width: int) -> None:
    golden = GOLDEN / "terminal" / f"plan-{name}-{width}.txt"

    shown = render(CARDS[name], Screen(width))

    if os.environ.get("GOLDEN") == "write":
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("asked", "Plan 42 on web-1 needs approval: gunicorn 4 -> 2 workers, frees about 196 MiB"),
        ("asked-stop", "Plan 42 on web-1 needs approval: stop daphne, frees at most about 125 MiB"),
        ("running", "Plan 42 on web-1 is running, step 4 of 5: gunicorn 4 -> 2 workers"),
        ("watched", "Plan 42 on web-1 is done: gunicorn 4 -> 2 workers, freed 201 MiB"),
        ("failed", "Plan 42 on web-1 failed at step 3 of 5: gunicorn 4 -> 2 workers"),
        ("denied", "Plan 42 on web-1 was denied by Bob: gunicorn 4 -> 2 workers"),
        ("undone", "Plan 42 on web-1 was undone by plan 43: gunicorn 4 -> 2 workers"),
    ],
)
def test_a_notification_tells_what_and_how_it_stands(name: str, headline: str) -> None:
    assert CARDS[name].headline == headline


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("asked", ["approve 42 k7f3", "deny 42"]),
        ("asked-solo", ["deny 42"]),
        ("approved", []),
        ("running", []),
        ("watched", ["undo 42", "report web-1"]),
        ("verified", ["undo 42", "report web-1"]),
        ("not-helped", ["undo 42", "report web-1"]),
        ("failed", ["undo 42", "report web-1"]),
        ("interrupted", ["undo 42", "report web-1"]),
        ("denied", []),
        ("expired", ["workers web-1 gunicorn 2"]),
        ("changed", []),
        ("undone", []),
    ],
)
def test_only_steps_that_make_sense_are_offered(name: str, words: list[str]) -> None:
    assert [button.words for button in CARDS[name].buttons] == words


def test_every_phase_has_its_words_and_a_look() -> None:
    for phase in Phase:
        shown = card(replace(samples.asked(), phase=phase), ROME, NOW)

        assert shown.headline.startswith("Plan 42 on web-1 ")
        assert shown.tone in set(Tone)


def test_what_was_never_begun_is_not_offered_to_be_undone() -> None:
    refused = replace(samples.failed(), steps=(), verdict="Nothing was done: it has changed.")

    assert [button.words for button in card(refused, ROME, NOW).buttons] == ["report web-1"]


def test_approving_and_undoing_ask_first_and_say_what_will_happen() -> None:
    approve, undo = CARDS["asked-stop"].buttons[0], CARDS["watched"].buttons[0]

    assert approve.confirm == "Plan 42 on web-1: stop daphne. Side effects: real-time updates end. Temporary."
    assert "removes that file and starts two workers" in undo.confirm


def test_everybody_sees_a_card_and_its_notes_but_the_whole_plan_is_for_who_asks() -> None:
    assert not any(shown.private for name, shown in CARDS.items() if name != "whole")
    assert not note(samples.watched(), "done", ROME).private
    assert CARDS["whole"].private


def test_the_exact_commands_are_numbered_and_the_same_in_a_row_is_written_once() -> None:
    shown = lines(samples.asked())

    assert "1  /usr/bin/sudo -n /usr/local/sbin/memwarden-host workers gunicorn.service 2" in shown
    assert "4-5  /usr/bin/sudo -n /usr/bin/systemctl kill --kill-who=main -s TTOU gunicorn.service" in shown
    assert "   # gunicorn lets its oldest worker finish and ends it (2 times)" in shown


def test_words_of_a_command_that_hold_blanks_are_quoted() -> None:
    step = Step(("/usr/bin/cat", "/etc/a b; reboot"), "reads it")

    assert "1  /usr/bin/cat '/etc/a b; reboot'" in lines(with_plan(replace(samples.WORKERS, steps=(step,))))


def test_a_file_is_shown_in_full() -> None:
    assert set(samples.CONTENT.splitlines()) <= set(lines(samples.asked()))


def test_a_long_file_is_cut_and_the_card_tells_where_the_rest_is() -> None:
    content = "".join(f"Environment=NUMBER_{number}=1\n" for number in range(1, 201))
    long = with_plan(replace(samples.WORKERS, files=((samples.DROP_IN, content),)))

    assert (
        "Not all: 176 lines cut short or left out; `plan 42` shows everything, and the button to approve it."
        in lines(long)
    )
    assert [button.words for button in card(long, ROME, NOW).buttons][-1] == "plan 42"
    assert set(content.splitlines()) <= set(lines(long, whole=True))
    assert "plan 42" not in [button.words for button in card(long, ROME, NOW, whole=True).buttons]


def test_nobody_approves_what_was_not_shown() -> None:
    content = "".join(f"Environment=A{number}=b\n" for number in range(200))
    long = replace(samples.asked(), plan=replace(samples.asked().plan, files=(("/etc/a.conf", content),)))

    on_card, whole = (card(long, ROME, NOW, whole=each) for each in (False, True))

    assert [button.label for button in on_card.buttons] == ["Deny", "Whole plan"]
    assert [button.label for button in whole.buttons] == ["Approve", "Deny"]


@pytest.mark.parametrize("whole", [False, True])
def test_secrets_in_commands_and_files_are_not_shown(*, whole: bool) -> None:
    plan = samples.asked().plan
    step = replace(plan.steps[0], argv=("/usr/bin/redis-cli", "--password", "hunter2"))
    files = (("/etc/a.conf", "ExecStart=/usr/bin/redis-server --requirepass hunter2\n"),)
    secret = replace(samples.asked(), plan=replace(plan, steps=(step,), files=files))

    shown = "\n".join(lines(secret, whole=whole))

    assert "redis-server --requirepass ***" in shown
    assert "hunter2" not in shown


def test_an_overlong_line_is_cut_and_counted() -> None:
    content = f"ExecStart=/usr/bin/gunicorn {'--env A=1 ' * 200}\n"
    long = with_plan(replace(samples.WORKERS, files=((samples.DROP_IN, content),)))

    assert (
        "Not all: 1 line cut short or left out; `plan 42` shows everything, and the button to approve it."
        in lines(long)
    )


@pytest.mark.parametrize(
    ("saving", "line"),
    [
        (
            Saving(196 * MIB, "USS"),
            "frees about 196 MiB: 96 -> 292 of 961 MiB available (9 % -> 30 %), critical -> good",
        ),
        (
            Saving(20 * MIB, "USS", exact=False),
            "frees at most about 20 MiB: 96 -> 116 of 961 MiB available (9 % -> 12 %), critical -> warning",
        ),
        (
            Saving(2 * MIB, "USS"),
            "frees about 2 MiB: 96 -> 98 of 961 MiB available (9 % -> 10 %), critical -> warning",
        ),
        (
            Saving(-50 * MIB, "what was freed"),
            "takes about 50 MiB: 96 -> 46 of 961 MiB available (9 % -> 4 %), still critical",
        ),
        (Saving(0, "redis keeps it"), "frees nothing by itself"),
        (Saving(None, "it starts anew"), "How much it frees cannot be known: it starts anew."),
    ],
)
def test_what_it_brings_is_told_with_the_level_it_leads_to(saving: Saving, line: str) -> None:
    assert line in lines(with_plan(replace(samples.WORKERS, saving=saving)))


def test_each_of_several_side_effects_has_a_line_of_its_own() -> None:
    two = with_plan(replace(samples.STOP, side_effects=("real-time updates end", "jobs wait")))

    shown = lines(two)

    place = shown.index("side effects:")
    assert shown[place + 1 : place + 3] == ["· real-time updates end", "· jobs wait"]
    assert "Side effects: real-time updates end (and 1 more)." in card(two, ROME, NOW).buttons[0].confirm


def test_the_level_is_that_of_the_hosts_own_thresholds() -> None:
    plan = replace(samples.WORKERS, thresholds=Thresholds(50, 25, 5))

    shown = text_of(card(with_plan(plan), ROME, NOW))

    assert "(9 % -> 30 %), warning -> acceptable" in shown


def test_a_host_that_does_not_tell_what_is_available_gets_no_projection() -> None:
    plan = replace(samples.WORKERS, available_bytes=None)

    assert "frees about 196 MiB" in lines(with_plan(plan))


@pytest.mark.parametrize(
    ("approval", "line"),
    [
        (samples.asked(), "needs: 1 approval by an approver other than Alice"),
        (
            replace(samples.asked(), needs=replace(samples.asked().needs, quorum=3)),
            "needs: 3 approvals by approvers other than Alice",
        ),
        (
            replace(
                samples.asked(),
                needs=replace(samples.asked().needs, quorum=2),
                votes=(Vote(samples.BOB, NOW),),
            ),
            "needs: 1 more approval by an approver other than Alice",
        ),
        (samples.undoing(), "needs: 1 approval by any approver, Alice too"),
        (
            samples.asked(others_only=False, typed=True),
            "needs: 1 approval, typed: `approve 42 k7f3`, by Alice from 14:02:31 on",
        ),
    ],
)
def test_a_plan_says_whose_yes_it_waits_for(approval: Approval, line: str) -> None:
    assert line in lines(approval)


def test_who_said_yes_already_is_named() -> None:
    votes = (Vote(samples.BOB, NOW), Vote(samples.CAROL, NOW + timedelta(minutes=2)))

    assert "approved by Bob 14:02 and Carol 14:04" in text_of(
        card(replace(samples.running(), votes=votes), ROME, NOW)
    )


def test_each_step_is_ticked_while_it_runs() -> None:
    marks = [line[:3] for line in lines(samples.running()) if line.startswith("[")]

    assert marks == ["[x]", "[x]", "[x]", "[>]", "[ ]"]


def test_what_went_wrong_stands_below_its_step() -> None:
    shown = lines(samples.failed())

    place = next(index for index, line in enumerate(shown) if line.startswith("[!] 3"))
    assert shown[place + 1].strip() == "exit status 1: Failed to reload daemon: Access denied"


def test_what_was_cut_off_is_not_shown_as_done() -> None:
    assert "[?] 4 gunicorn lets its oldest worker finish and ends it (cut off)" in lines(
        samples.interrupted()
    )


def test_what_nobody_knows_yet_is_said_while_it_runs() -> None:
    verdict = "The connection broke. web-1 does not answer: as soon as it does, it is looked at."

    assert verdict in lines(replace(samples.running(), verdict=verdict))


def test_a_temporary_fix_is_remembered_with_its_end() -> None:
    stopped = replace(samples.verified(), plan=samples.STOP)

    assert "temporary: until web-1 reboots: then daphne starts again" in lines(stopped)


def test_a_note_is_one_line_that_names_its_plan() -> None:
    shown = note(samples.denied(), "denied by Bob: deploy in 5 minutes", ROME)

    assert shown.headline == "Plan 42 on web-1: denied by Bob: deploy in 5 minutes"
    assert shown.blocks == ()


HOSTILE = st.text(max_size=2000) | st.sampled_from(
    ["<!channel>", "@everyone", "*x*", "```", "\x1b[31m", "\u202e", "a\n" * 500]
)


@given(name=HOSTILE, words=HOSTILE, content=HOSTILE, phase=st.sampled_from(Phase))
def test_whatever_a_host_or_a_person_calls_things_a_card_is_bounded_and_printable(
    name: str, words: str, content: str, phase: Phase
) -> None:
    shown = card(_hostile(name, words, content, phase), ROME, NOW)
    slack, discord = in_slack(shown), in_discord(shown, announced=True)

    texts = [shown.headline, *(button.confirm for button in shown.buttons)]
    assert all(text.isprintable() and len(text) <= 500 for text in texts)
    assert all(len(str(embed.get("description", ""))) <= 4096 for embed in discord.embeds)
    assert len(slack.blocks) <= 50
    assert len(slack.text) <= 2000


def test_a_plan_of_many_steps_and_a_long_file_fits_into_one_message() -> None:
    content = "".join(f"Environment=NUMBER_{number}=1\n" for number in range(200))
    steps = tuple(
        Step(("/usr/bin/systemctl", "kill", "-s", "TTOU", f"app{n}.service"), "ends one") for n in range(40)
    )
    shown = card(
        with_plan(replace(samples.WORKERS, steps=steps, files=((samples.DROP_IN, content),))), ROME, NOW
    )

    assert in_slack(shown).file is None
    assert in_discord(shown, announced=True).file is None


def _hostile(name: str, words: str, content: str, phase: Phase) -> Approval:
    step = Step(("/usr/bin/cat", words), words)
    plan = replace(
        samples.WORKERS,
        order=Order("set_workers", "web-1", name, count=2),
        unit=name,
        title=f"{name} 4 -> 2 workers",
        words=words,
        steps=(step,) * 3,
        saving=Saving(1, words),
        lasts=words,
        at_once=words,
        undone=words,
        side_effects=(words,) * 9,
        files=((name, content),),
    )
    return replace(
        samples.running(3),
        plan=plan,
        phase=phase,
        asked_by=Who("slack:U01", name),
        votes=(Vote(Who("slack:U02", name), NOW),),
        denied_by=Who("slack:U02", name),
        verdict=words,
    )
