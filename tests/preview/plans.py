"""Plans as channels show them: asked for, running, done, failed, denied; each with what its thread says."""

from __future__ import annotations

from bot.views.plan import card, note
from tests.bot.views import plan_samples as samples
from tests.bot.views.incident_samples import NOW, ROME
from tests.preview.alerts import Shown


def stories() -> dict[str, Shown]:
    """Return what is drawn, each with the name of its picture."""
    approved = note(samples.approved(), "approved by Bob", ROME)
    done, failed, denied = samples.watched(), samples.failed(), samples.denied()
    return {
        "plan": Shown(card(samples.asked(), ROME, NOW), ()),
        "plan-running": Shown(card(samples.running(), ROME, NOW), (approved,)),
        "plan-done": Shown(card(done, ROME, NOW), (approved, note(done, done.verdict, ROME))),
        "plan-failed": Shown(card(failed, ROME, NOW), (approved, note(failed, failed.verdict, ROME))),
        "plan-denied": Shown(
            card(denied, ROME, NOW), (note(denied, "denied by Bob: deploy in 5 minutes", ROME),)
        ),
    }
