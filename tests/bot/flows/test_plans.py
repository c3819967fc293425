"""From an order to a plan: which service is meant, what is refused, what is asked of the host."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.domain.plan import Order, Step
from bot.domain.policy import Thresholds
from bot.domain.units import MIB
from bot.errors import HostUnreachable, Refused, UnknownService
from bot.flows.plans import make
from tests.conversations.approvals import HOST, REMEDIATIONS, Approvals
from tests.fakes.machine_with_services import Unit

if TYPE_CHECKING:
    from bot.domain.plan import Plan
    from bot.domain.remediation import Situation


def order(service: str = "gunicorn", action: str = "stop_service", count: int | None = None) -> Order:
    return Order(action, "web-1", service, count=count)


def refused(ops: Approvals, wanted: Order) -> str:
    with pytest.raises(Refused) as caught:
        make(ops.ports, wanted)
    assert ops.machine.ran == []
    return str(caught.value)


def add(ops: Approvals, name: str, program: str, *, active: bool = True) -> None:
    """Install a unit; what runs has a pid of its own."""
    unit = Unit(program, f"/usr/sbin/{program}", 20, active=active, pid=900 + len(ops.machine.units))
    unit.began_at = ops.machine.booted_at
    ops.machine.units[name] = unit
    ops.machine.files[f"/etc/systemd/system/{name}"] = f"[Service]\nExecStart={unit.exec_start}\n"


@pytest.fixture
def ops() -> Approvals:
    return Approvals()


class TestWhichServiceIsMeant:
    @pytest.mark.parametrize("words", ["gunicorn", "Gunicorn", "gunicorn.service", "GUNICORN.SERVICE"])
    def test_by_its_name_or_its_unit_however_it_is_cased(self, ops: Approvals, words: str) -> None:
        plan = make(ops.ports, order(words))

        assert (plan.order.service, plan.unit) == ("gunicorn", "gunicorn.service")

    def test_by_what_it_is_though_its_unit_is_called_otherwise(self, ops: Approvals) -> None:
        assert make(ops.ports, order("redis")).unit == "redis-server.service"
        assert make(ops.ports, order("redis-server")).unit == "redis-server.service"

    def test_what_does_not_run_is_found_by_what_its_units_may_be_called(self, ops: Approvals) -> None:
        ops.machine.units["redis-server.service"].active = False

        plan = make(ops.ports, order("redis", "start_service"))

        assert (plan.order.service, plan.unit) == ("redis", "redis-server.service")

    @pytest.mark.parametrize("words", ["shop", "shop.service"])
    def test_what_does_not_run_and_nobody_knows_goes_by_its_unit(self, ops: Approvals, words: str) -> None:
        add(ops, "shop.service", "shop", active=False)

        plan = make(ops.ports, order(words, "start_service"))

        assert (plan.order.service, plan.unit) == ("shop", "shop.service")

    def test_two_of_a_sort_have_to_be_told_apart(self, ops: Approvals) -> None:
        add(ops, "redis-server@two.service", "redis-server")

        assert refused(ops, order("redis")).startswith("`redis` can be ")
        assert make(ops.ports, order("redis-server@two.service")).unit == "redis-server@two.service"

    def test_what_there_is_not_is_answered_with_what_there_is(self, ops: Approvals) -> None:
        with pytest.raises(UnknownService) as caught:
            make(ops.ports, order("dafne"))

        assert "web-1 has no service `dafne` to work on. systemd knows no unit dafne.service." in str(
            caught.value
        )
        assert "Did you mean `daphne`?" in str(caught.value)

    @pytest.mark.parametrize(
        "words", ["-H root@evil", "$(reboot)", "a b", "../ssh", "--now", "x;reboot", "gunicorn\nssh", "*"]
    )
    def test_what_cannot_be_a_unit_is_never_asked_of_systemd(self, ops: Approvals, words: str) -> None:
        asked: list[tuple[str, ...]] = []
        ops.machine.before = asked.append

        with pytest.raises(UnknownService):
            make(ops.ports, order(words, "start_service"))

        assert [argv[0] for argv in asked] == ["sh"]


class TestWhatIsRefused:
    @pytest.mark.parametrize(
        ("unit", "program"),
        [("ssh.service", "sshd"), ("nginx.service", "nginx"), ("dbus.service", "dbus-daemon")],
    )
    def test_what_is_essential(self, ops: Approvals, unit: str, program: str) -> None:
        add(ops, unit, program)

        said = refused(ops, order(unit))

        assert "is essential, so memwarden does not touch it on web-1." in said
        assert 'allow = ["stop_service"]' in said

    def test_what_is_essential_though_it_does_not_run_now(self, ops: Approvals) -> None:
        assert "is essential" in refused(ops, order("systemd-networkd.service"))

    def test_what_is_essential_under_another_name(self, ops: Approvals) -> None:
        add(ops, "ssh.service", "sshd")
        ops.machine.aliases["login.service"] = "ssh.service"

        assert "is essential" in refused(ops, order("login.service"))

    def test_what_is_essential_can_be_allowed_for_one_action(self) -> None:
        ops = Approvals(host=f'{HOST}[host.services.nginx]\nallow = ["restart_service"]')
        add(ops, "nginx.service", "nginx")

        assert make(ops.ports, order("nginx", "restart_service")).unit == "nginx.service"
        assert "is essential" in refused(ops, order("nginx", "stop_service"))

    @pytest.mark.parametrize("name", ["gunicorn", '"gunicorn.service"', "Gunicorn"])
    def test_what_the_configuration_forbids_by_whichever_name(self, name: str) -> None:
        ops = Approvals(
            host=f'{HOST}[host.services.{name}]\nallow = ["stop_service"]\nforbid = ["stop_service"]'
        )

        said = refused(ops, order("gunicorn"))

        assert said == "stop_service is forbidden for `gunicorn` on web-1, by `forbid` in the configuration."
        assert make(ops.ports, order("gunicorn", "restart_service")).unit == "gunicorn.service"

    def test_what_a_remediation_does_not_know(self, ops: Approvals) -> None:
        said = refused(ops, order("daphne", "set_workers", 2))

        assert said == "set_workers cannot be done to `daphne`: it knows `gunicorn` and `puma`."

    def test_more_than_the_configuration_allows(self, ops: Approvals) -> None:
        assert refused(ops, order("gunicorn", "set_workers", 17)).startswith("At most 16 workers")
        too_large = replace(order("redis", "set_workers"), size_bytes=30 * MIB)
        assert "16mb, 32mb, 64mb" in refused(ops, too_large)

    def test_what_nothing_can_do(self, ops: Approvals) -> None:
        assert refused(ops, order("gunicorn", "reboot")) == (
            "Nothing of the name `reboot` can be done to a host."
        )

    def test_a_host_that_is_not_configured_any_more(self, ops: Approvals) -> None:
        gone = replace(order(), host="web-9")

        assert refused(ops, gone) == "There is no host `web-9` any more."

    def test_a_plan_that_goes_beyond_what_is_ever_granted(self, ops: Approvals) -> None:
        def overreaching(wanted: Order, situation: Situation) -> Plan:
            step = Step(("/usr/bin/sudo", "-n", "/usr/bin/systemctl", "poweroff"), "")
            return replace(REMEDIATIONS[1].plan(wanted, situation), undo=(step,))

        ops.ports = replace(ops.ports, remediations=(replace(REMEDIATIONS[1], plan=overreaching),))

        assert "for which no right is ever granted: nothing was done." in refused(ops, order())

    def test_a_host_that_cannot_be_reached(self, ops: Approvals) -> None:
        def lost(_argv: tuple[str, ...]) -> None:
            raise HostUnreachable("web-1 cannot be reached.")

        ops.machine.before = lost

        with pytest.raises(HostUnreachable):
            make(ops.ports, order())


class TestWhatAPlanIsMadeFrom:
    def test_it_is_another_one_where_the_helper_is_not_installed(self, ops: Approvals) -> None:
        before = make(ops.ports, order())
        ops.machine.has_helper = False

        assert make(ops.ports, order()).fingerprint != before.fingerprint

    def test_it_is_the_same_as_long_as_nothing_changes(self, ops: Approvals) -> None:
        before = make(ops.ports, order())
        ops.time_passes(minutes=5)
        again = make(ops.ports, before.order)

        assert again.fingerprint == before.fingerprint
        assert again.order == before.order

    def test_it_knows_by_what_its_host_is_judged(self) -> None:
        ops = Approvals(host=f"{HOST}thresholds = {{ warning = 5 }}")

        assert make(ops.ports, order()).thresholds == Thresholds(warning_percent=5)

    def test_looking_changes_nothing(self, ops: Approvals) -> None:
        make(ops.ports, order())

        assert ops.machine.ran == []
        assert ops.store.latest("web-1") is None
