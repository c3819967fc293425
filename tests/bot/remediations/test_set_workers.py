"""Plans for another number of workers."""

from __future__ import annotations

import pytest

import bot.known_services
from bot.catalogue import entries
from bot.domain.attribution import attribute
from bot.domain.breakdown import break_down
from bot.domain.check import Checked
from bot.domain.plan import Goal, Order, Plan
from bot.domain.policy import Thresholds, assess
from bot.domain.remediation import HELPER, Situation, Target
from bot.domain.service import KnownService
from bot.domain.units import MIB
from bot.errors import Refused
from bot.remediations.set_workers import REMEDIATION
from tests.fakes.snapshots import meminfo, process, pss, snapshot
from tests.fakes.units import overriding, starting, unit

KNOWN = entries(bot.known_services, "SERVICE", KnownService)
SUDO = ("/usr/bin/sudo", "-n")
SYSTEMCTL = "/usr/bin/systemctl"
UNIT = "gunicorn.service"
PATH = f"/etc/systemd/system/{UNIT}.d/50-memwarden.conf"
LINE = "/usr/bin/gunicorn --workers 4 shop"
MASTER = 10
# The oldest worker has grown most.
USS_MIB = (90, 80, 70, 60)
TITLES = {
    "gunicorn": ("gunicorn: master [shop]", "gunicorn: worker [shop]"),
    "puma": ("puma 6.4.2 (tcp://0.0.0.0:3000) [shop]", "puma: cluster worker 0: 10 [shop]"),
    "php-fpm": ("php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)", "php-fpm: pool www"),
    "celery": ("[celeryd: celery@a:MainProcess]", "[celeryd: celery@a:ForkPoolWorker-1]"),
    "uwsgi": ("uWSGI master", "uWSGI worker 1"),
}


def checked(
    name: str, *, workers: int = 4, parent: int = MASTER, measured: bool = True, shown_mib: int = 100
) -> Checked:
    master, worker = TITLES[name]
    place = f"/system.slice/{name}.service"
    found = snapshot(
        process(
            MASTER,
            master,
            anon=12 * MIB,
            unit=place,
            pss=pss(anon=12 * MIB, uss=12 * MIB) if measured else None,
        ),
        *(
            process(
                11 + i,
                worker,
                ppid=parent,
                anon=shown_mib * MIB,
                unit=place,
                pss=pss(anon=USS_MIB[i % 4] * MIB, uss=USS_MIB[i % 4] * MIB) if measured else None,
            )
            for i in range(workers)
        ),
        meminfo=meminfo(available=96 * MIB),
    )
    services = attribute(found, KNOWN)
    return Checked(found, services, break_down(found, services), assess(found, Thresholds()))


def plan(
    count: int | None,
    *,
    text: str = starting(LINE),
    drop_ins: tuple[tuple[str, str], ...] = (),
    name: str = "gunicorn",
    look: Checked | None = None,
    has_helper: bool = True,
    is_root: bool = False,
    **properties: str,
) -> Plan:
    found = look or checked(name)
    situation = Situation(
        checked=found,
        service=next((service for service in found.services if service.name == name), None),
        unit=unit(text, *drop_ins, name=f"{name}.service", **properties),
        is_root=is_root,
        has_helper=has_helper,
    )
    return REMEDIATION.plan(Order("set_workers", "web-1", name, count), situation)


def refusal(count: int | None, **how: object) -> str:
    with pytest.raises(Refused) as refused:
        plan(count, **how)  # type: ignore[arg-type] # the keywords of plan
    return str(refused.value)


def words(made: Plan) -> list[tuple[str, ...]]:
    return [step.argv for step in made.steps]


def kill(signal: str) -> tuple[str, ...]:
    return (*SUDO, SYSTEMCTL, "kill", "--kill-who=main", "-s", signal, UNIT)


def test_fewer_workers_for_good_and_at_once_without_a_restart() -> None:
    made = plan(2)

    assert words(made) == [
        (*SUDO, HELPER, "workers", UNIT, "2"),
        ("/usr/bin/cat", PATH),
        (*SUDO, SYSTEMCTL, "daemon-reload"),
        kill("TTOU"),
        kill("TTOU"),
    ]
    assert [step.workers for step in made.steps] == [None, None, None, 3, 2]
    assert made.steps[1].prints == made.files[0][1]
    assert made.files[0] == (PATH, made.files[0][1])
    assert made.files[0][1].endswith("ExecStart=\nExecStart=/usr/bin/gunicorn --workers 2 shop\n")
    assert (made.title, made.words) == ("gunicorn 4 -> 2 workers", "workers web-1 gunicorn 2")
    assert made.lasting
    assert made.goal == Goal(workers=2, active=True, files=made.files)
    assert made.origin == Goal(workers=4, active=True, files=((PATH, None),))
    assert "no request dropped" in made.at_once


def test_the_undo_removes_the_file_and_brings_the_workers_back() -> None:
    made = plan(2)

    assert [step.argv for step in made.undo] == [
        (*SUDO, HELPER, "forget", UNIT),
        (*SUDO, SYSTEMCTL, "daemon-reload"),
        kill("TTIN"),
        kill("TTIN"),
    ]
    assert [step.workers for step in made.undo] == [None, None, 3, 4]
    assert made.undone == "removes that file, sends the signal TTIN 2 times"


def test_gunicorns_oldest_and_pumas_youngest_workers_are_those_that_end() -> None:
    gunicorns, pumas = plan(2), plan(2, name="puma", text=starting("/usr/bin/puma -w 4"))

    assert gunicorns.saving.expected_bytes == (90 + 80) * MIB
    assert gunicorns.saving.exact
    assert "the 2 oldest workers" in gunicorns.saving.basis
    assert pumas.saving.expected_bytes == (70 + 60) * MIB
    assert "the 2 youngest workers" in pumas.saving.basis


def test_without_uss_it_is_said_that_the_saving_may_be_less() -> None:
    made = plan(3, look=checked("gunicorn", measured=False))

    assert made.saving.expected_bytes == 100 * MIB
    assert not made.saving.exact
    assert "USS could not be read" in made.saving.basis


def test_preloaded_workers_free_little_and_that_is_said() -> None:
    made = plan(2, look=checked("gunicorn", shown_mib=900))

    assert "--preload" in made.saving.basis


def test_root_needs_no_sudo() -> None:
    assert all("sudo" not in step.argv[0] for step in plan(2, is_root=True).steps)


def test_more_workers_take_memory_and_are_started_by_signals() -> None:
    made = plan(5)

    assert words(made)[-1] == kill("TTIN")
    assert made.saving.expected_bytes == -75 * MIB
    assert made.steps[-1].workers == 5


def test_more_workers_than_there_is_memory_for_are_refused() -> None:
    assert refusal(6) == (
        "6 workers of gunicorn would take about 150 MiB more, but web-1 has 96 MiB available."
    )


def test_an_earlier_drop_in_of_ours_comes_back_as_it_was() -> None:
    first = plan(3).files[0][1]
    own = ("50-memwarden.conf", first)
    made = plan(2, drop_ins=(own,), look=checked("gunicorn", workers=3))

    assert [step.argv[2:] for step in made.undo[:1]] == [(HELPER, "workers", UNIT, "3")]
    assert made.undo[1].prints == first
    assert made.origin == Goal(workers=3, active=True, files=((PATH, first),))
    assert made.undone.startswith("writes that file as it was")


def test_without_the_helper_a_change_lasts_until_the_next_restart() -> None:
    made = plan(2, has_helper=False)

    assert words(made) == [kill("TTOU"), kill("TTOU")]
    assert [step.argv for step in made.undo] == [kill("TTIN"), kill("TTIN")]
    assert not made.lasting
    assert made.files == made.goal.files == made.origin.files == ()
    assert made.lasts == (
        "until gunicorn.service restarts or is reloaded: then 4 workers come back;"
        " `memwarden host-setup web-1` lets it last"
    )


def test_a_server_without_signals_is_restarted() -> None:
    made = plan(2, name="celery", text=starting("/v/bin/celery -A shop worker -c 4"))

    assert words(made)[-1] == (*SUDO, SYSTEMCTL, "restart", "celery.service")
    assert made.steps[-1].workers == 2
    assert [step.argv for step in made.undo][-1] == (*SUDO, SYSTEMCTL, "restart", "celery.service")
    assert made.at_once == "celery.service is restarted"
    assert any("jobs wait" in effect for effect in made.side_effects)
    assert made.saving.expected_bytes == (60 + 70) * MIB


def test_a_master_that_signals_do_not_reach_is_restarted() -> None:
    made = plan(2, look=checked("gunicorn", parent=9))

    assert words(made)[-1] == (*SUDO, SYSTEMCTL, "restart", UNIT)
    assert any("requests fail" in effect for effect in made.side_effects)


def test_a_socket_keeps_requests_waiting_while_it_restarts() -> None:
    made = plan(2, look=checked("gunicorn", parent=9), TriggeredBy="gunicorn.socket")

    assert "requests wait in its socket while it restarts" in made.side_effects


def test_a_restart_without_the_helper_would_change_nothing() -> None:
    said = refusal(2, name="celery", text=starting("/v/bin/celery -A shop worker -c 4"), has_helper=False)

    assert "`memwarden host-setup web-1` installs it" in said
    assert "sudo systemctl restart celery.service" in said


def test_what_people_may_notice_is_said() -> None:
    effects = plan(1, OOMPolicy="stop", Restart="on-failure").side_effects

    assert effects[0] == "fewer at the same time: 1 worker instead of 4"
    assert "one slow request makes all others wait" in effects[1]
    assert effects[2] == "a reload (HUP) before its next restart forgets it: then 4 workers come back"
    assert "all of it stops; Restart=on-failure starts it again" in effects[3]
    assert effects[4].startswith("systemd reads all unit files again")


def test_as_many_as_run_is_nothing_to_do() -> None:
    assert refusal(4) == "gunicorn has 4 workers already."
    assert refusal(4, text=starting("/usr/bin/gunicorn shop")) == "gunicorn has 4 workers already."


def test_what_signals_had_changed_can_be_made_to_last() -> None:
    two_run = checked("gunicorn", workers=2)

    made = plan(2, look=two_run)

    assert words(made)[-1] == (*SUDO, SYSTEMCTL, "daemon-reload")
    assert made.title == "gunicorn stays at 2 workers"
    assert made.saving.expected_bytes == 0
    assert refusal(2, look=two_run, has_helper=False) == (
        "gunicorn has 2 workers already; its next restart brings 4 back,"
        " unless `memwarden host-setup web-1` lets it last."
    )


@pytest.mark.parametrize("count", [0, -1, None])
def test_no_workers_at_all_are_refused(count: int | None) -> None:
    assert refusal(count) == "`gunicorn` needs at least one worker: `stop` stops it."


def test_what_does_not_run_has_no_workers() -> None:
    assert "does not run on web-1" in refusal(2, ActiveState="inactive")


def test_a_wrapper_is_refused_with_what_to_do() -> None:
    kill_twice = "sudo systemctl kill --kill-who=main -s TTOU gunicorn.service (2 times, a few seconds apart:"

    assert refusal(2, text=starting("/srv/start.sh")).split("\n") == [
        "gunicorn.service starts `/srv/start.sh`, a wrapper that memwarden does not look into. By hand:",
        "1. have it start with `--workers 2`: in what it starts, or by sudo systemctl edit gunicorn.service",
        "2. sudo systemctl daemon-reload",
        f"3. {kill_twice} no request is dropped)",
    ]


def test_php_fpm_is_refused_with_what_to_do() -> None:
    said = refusal(2, name="php-fpm", text=starting("/usr/sbin/php-fpm8.2 -F"))

    assert "pm.max_children = 2" in said
    assert said.endswith("4. sudo systemctl reload php-fpm.service")


def test_uwsgi_with_a_configuration_file_is_refused_with_what_to_do() -> None:
    said = refusal(2, name="uwsgi", text=starting("/usr/bin/uwsgi --ini /etc/uwsgi/shop.ini"))

    assert "configuration file" in said
    assert "processes = 2" in said


def test_processes_that_only_look_like_workers_are_not_counted_on() -> None:
    said = refusal(2, name="uwsgi", text=starting("/usr/bin/uwsgi --http :80 -M -p 3"))

    assert "says 3 workers, but 4 processes run" in said


def test_files_that_systemd_has_not_read_are_not_built_upon() -> None:
    assert "sudo systemctl daemon-reload" in refusal(2, NeedDaemonReload="yes")


def test_a_drop_in_of_ours_that_somebody_edited_is_not_overwritten() -> None:
    edited = overriding("/usr/bin/gunicorn --workers 3 shop")

    assert "is not what memwarden wrote" in refusal(2, drop_ins=(("50-memwarden.conf", edited),))


def test_another_state_of_the_unit_makes_another_plan() -> None:
    assert plan(2).fingerprint == plan(2).fingerprint
    assert plan(2).fingerprint != plan(2, text=starting(LINE, "User=shop")).fingerprint
    assert plan(2).fingerprint != plan(2, look=checked("gunicorn", workers=3)).fingerprint


def target(program: str, most: int = 3) -> Target:
    return Target("shop", "shop.service", program, most, (64,))


def test_rights_are_whole_commands_up_to_the_largest_number() -> None:
    assert REMEDIATION.grants(target("gunicorn")) == (
        (HELPER, "workers", "shop.service", "1"),
        (HELPER, "workers", "shop.service", "2"),
        (HELPER, "workers", "shop.service", "3"),
        (HELPER, "forget", "shop.service"),
        (SYSTEMCTL, "daemon-reload"),
        (SYSTEMCTL, "kill", "--kill-who=main", "-s", "TTOU", "shop.service"),
        (SYSTEMCTL, "kill", "--kill-who=main", "-s", "TTIN", "shop.service"),
        (SYSTEMCTL, "restart", "shop.service"),
    )


def test_who_understands_no_signal_gets_none() -> None:
    assert not [argv for argv in REMEDIATION.grants(target("celery")) if "kill" in argv]
    assert REMEDIATION.grants(target("php-fpm")) == REMEDIATION.grants(target("nginx")) == ()


def test_the_servers_it_serves_are_those_that_say_how_their_workers_are_set() -> None:
    scaled = {service.name: service.scaling for service in KNOWN if service.scaling}

    assert set(scaled) == set(REMEDIATION.serves or ())
    for name, scaling in scaled.items():
        granted = {argv[4] for argv in REMEDIATION.grants(target(name)) if "kill" in argv}
        assert granted == {signal for signal in (scaling.fewer, scaling.more) if signal}


@pytest.mark.parametrize("name", ["gunicorn", "puma", "uwsgi", "celery"])
@pytest.mark.parametrize("count", [1, 3, 5])
def test_a_plan_and_its_undo_do_nothing_without_a_right(name: str, count: int) -> None:
    lines = {"celery": "/v/bin/celery worker -c 4", "uwsgi": "/usr/bin/uwsgi -p 4"}
    made = plan(count, name=name, text=starting(lines.get(name, f"/usr/bin/{name} -w 4")))
    granted = REMEDIATION.grants(Target(name, f"{name}.service", name, 16, ()))

    for step in (*made.steps, *made.undo):
        assert step.argv[:1] == ("/usr/bin/cat",) or step.argv[2:] in granted
