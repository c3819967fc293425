"""Our drop-in: the unit's own line with another number of workers, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import drop_in
from bot.domain.command_line import words
from bot.errors import Refused
from bot.known_services import celery, gunicorn, puma, uwsgi
from tests.fakes.units import overriding, starting, unit

if TYPE_CHECKING:
    from bot.domain.service import Scaling


def scaling_of(scaling: Scaling | None) -> Scaling:
    assert scaling is not None
    return scaling


GUNICORN = scaling_of(gunicorn.SERVICE.scaling)
PUMA = scaling_of(puma.SERVICE.scaling)
UWSGI = scaling_of(uwsgi.SERVICE.scaling)
CELERY = scaling_of(celery.SERVICE.scaling)
NOTE = (
    "# Written by memwarden. `memwarden` undoes it; deleting this file does too"
    " (then: systemctl daemon-reload).\n"
)
DIRECTORY = "/etc/systemd/system/gunicorn.service.d"


def line(text: str, count: int = 2, scaling: Scaling = GUNICORN) -> str:
    """Return what our drop-in starts where a unit has this text."""
    return drop_in.workers(unit(text), scaling, count).content.rpartition("ExecStart=")[2].rstrip("\n")


def reason(text: str, scaling: Scaling = GUNICORN) -> str:
    with pytest.raises(Refused) as refused:
        drop_in.workers(unit(text), scaling, 2)
    return str(refused.value)


def test_the_whole_file_is_as_the_helper_writes_it() -> None:
    text = "[Service]\nExecStart=/usr/bin/gunicorn \\\n    -w 4 \\\n    -b unix:/a.sock shop\n"

    assert drop_in.workers(unit(text), GUNICORN, 2) == drop_in.DropIn(
        f"{DIRECTORY}/50-memwarden.conf",
        f"{NOTE}[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --workers 2 -b unix:/a.sock shop\n",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/usr/bin/gunicorn --workers 4 shop", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn --workers=4 shop", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn -w 4 shop", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn shop -w4", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn -w 4  -b :80 --workers=3 shop", "/usr/bin/gunicorn --workers 2  -b :80 shop"),
        ("/usr/bin/gunicorn -b :80 -w $WORKERS shop", "/usr/bin/gunicorn --workers 2 -b :80 shop"),
        ("/usr/bin/gunicorn --workers ${WORKERS} shop", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn --workers=%i shop", "/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn shop", "/usr/bin/gunicorn --workers 2 shop"),
        (
            "/usr/bin/gunicorn -c gunicorn.conf.py shop",
            "/usr/bin/gunicorn --workers 2 -c gunicorn.conf.py shop",
        ),
        (
            "/srv/v/bin/python3.11 -u -m gunicorn -w 4 shop",
            "/srv/v/bin/python3.11 -u -m gunicorn --workers 2 shop",
        ),
        ("/usr/bin/env A=b /v/bin/gunicorn -w 4 shop", "/usr/bin/env A=b /v/bin/gunicorn --workers 2 shop"),
        ("-/usr/bin/gunicorn -w 4 shop", "-/usr/bin/gunicorn --workers 2 shop"),
        ("/usr/bin/gunicorn3 -w 4 shop", "/usr/bin/gunicorn3 --workers 2 shop"),
        (
            '/usr/bin/gunicorn --name "a -w 9 \\"x" -k uvicorn.workers.UvicornWorker -w 4 shop',
            '/usr/bin/gunicorn --workers 2 --name "a -w 9 \\"x" -k uvicorn.workers.UvicornWorker shop',
        ),
        (
            "/usr/bin/gunicorn --bind $ADDRESS -w 4 ${APP}",
            "/usr/bin/gunicorn --workers 2 --bind $ADDRESS ${APP}",
        ),
    ],
)
def test_the_option_is_set_in_every_spelling(before: str, after: str) -> None:
    assert line(starting(before)) == after


@pytest.mark.parametrize(
    ("scaling", "before", "after"),
    [
        (PUMA, "/usr/bin/bundle exec puma -C a.rb -w 4", "/usr/bin/bundle exec puma -w 2 -C a.rb"),
        (PUMA, "/srv/bin/puma --workers=4 -t 5:5", "/srv/bin/puma -w 2 -t 5:5"),
        (
            CELERY,
            "/v/bin/celery -A shop worker -l info -c4",
            "/v/bin/celery -A shop worker --concurrency 2 -l info",
        ),
        (
            CELERY,
            "/v/bin/python -m celery -A shop worker",
            "/v/bin/python -m celery -A shop worker --concurrency 2",
        ),
        (UWSGI, "/usr/bin/uwsgi --http :80 -p 4 -M", "/usr/bin/uwsgi --processes 2 --http :80 -M"),
        (UWSGI, "/usr/bin/uwsgi --workers 4 --processes=3 -M", "/usr/bin/uwsgi --processes 2 -M"),
    ],
)
def test_other_servers_have_their_own_option(scaling: Scaling, before: str, after: str) -> None:
    assert line(starting(before), scaling=scaling) == after


@pytest.mark.parametrize(
    ("before", "because"),
    [
        ("/srv/start.sh", "a wrapper"),
        ("/srv/start.sh gunicorn -w 4", "a wrapper"),
        ("/bin/sh -c 'exec gunicorn -w 4 shop'", "a wrapper"),
        ("/bin/sh -c gunicorn", "a wrapper"),
        ('"/srv/my app/gunicorn" -w 4 shop', "a wrapper"),
        ("/usr/bin/flock -w 5 /run/l gunicorn -w 4 shop", "a wrapper"),
        ("@/usr/bin/gunicorn shop -w 4", "another name"),
        ("/usr/bin/gunicorn -w 4 shop ; /bin/true", "several commands"),
        ('/usr/bin/gunicorn -w "4" shop', "where a plain number belongs"),
        ('/usr/bin/gunicorn "--workers" 4 shop', "where a plain number belongs"),
        ("/usr/bin/gunicorn --workers=\\x34 shop", "where a plain number belongs"),
        ("/usr/bin/gunicorn -w four shop", "where a plain number belongs"),
        ("/usr/bin/gunicorn shop -w", "no number"),
        ("/usr/bin/gunicorn --work 4 shop", "may be a way"),
        ("/usr/bin/gunicorn -Dw4 shop", "may be a way"),
        ("/usr/bin/gunicorn 'shop", "without an end"),
        ("/usr/bin/gunicorn sh\x07op", "control characters"),
        ("/usr/bin/gunicorn $OPTIONS shop", "cannot see"),
        ("/usr/bin/gunicorn --preload $OPTIONS shop", "cannot see"),
    ],
)
def test_what_is_not_understood_is_refused(before: str, because: str) -> None:
    assert because in reason(starting(before))


@pytest.mark.parametrize(
    ("scaling", "before", "because"),
    [
        (UWSGI, "/usr/bin/uwsgi --ini /etc/uwsgi/shop.ini", "configuration file"),
        (UWSGI, "/usr/bin/uwsgi /etc/uwsgi/shop.ini", "configuration file"),
        (UWSGI, "/usr/bin/uwsgi --emperor /etc/uwsgi", "configuration file"),
        (UWSGI, "/usr/bin/uwsgi -p 4 --cheaper 2", "cheaper"),
        (CELERY, "/v/bin/celery -A shop worker --autoscale=9,2", "autoscale"),
        (CELERY, "/v/bin/celery -A shop worker -B", "scheduler"),
        (CELERY, "/v/bin/celery -A shop beat", "without the command worker"),
        (CELERY, "/v/bin/celery multi start -c 4", "without the command worker"),
        (CELERY, "/v/bin/celery -A worker worker", "as the value of"),
        (CELERY, "/v/bin/celery -c 4 worker", "before the word worker"),
        (PUMA, "/usr/bin/bundle exec rails server", "a wrapper"),
    ],
)
def test_what_decides_otherwise_is_refused(scaling: Scaling, before: str, because: str) -> None:
    assert because in reason(starting(before), scaling)


def test_a_variable_of_options_is_looked_into_where_its_value_is_certain() -> None:
    with_options = "/usr/bin/gunicorn $OPTIONS shop"

    assert line(starting(with_options, 'Environment="OPTIONS=-b :80"')).startswith(
        "/usr/bin/gunicorn --workers 2 $"
    )
    assert "too" in reason(starting(with_options, 'Environment="OPTIONS=-b :80 -w 4"'))
    assert "cannot see" in reason(starting(with_options, "Environment=OPTIONS=", "EnvironmentFile=/etc/shop"))


@pytest.mark.parametrize(
    "text", ["[Service]\n", starting("/bin/a") + "ExecStart=/bin/b\n", "[Service]\nExecStart=\n"]
)
def test_a_unit_that_does_not_start_exactly_one_thing_is_refused(text: str) -> None:
    assert "ExecStart=" in reason(text)


def test_a_transient_unit_is_refused() -> None:
    transient = unit(starting("/usr/bin/gunicorn shop"), FragmentPath="")

    with pytest.raises(Refused, match="no unit file"):
        drop_in.workers(transient, GUNICORN, 2)


@pytest.mark.parametrize(
    ("other", "ours"),
    [
        ("10-first.conf", "50-memwarden.conf"),
        ("override.conf", "zz-memwarden.conf"),
        ("60-x.conf", "zz-memwarden.conf"),
        ("50-memwardeo.conf", "zz-memwarden.conf"),
    ],
)
def test_ours_is_read_after_all_that_start_something(other: str, ours: str) -> None:
    overridden = unit(
        starting("/usr/bin/gunicorn -w 1 x"), (other, overriding("/usr/bin/gunicorn -w 4 shop"))
    )

    made = drop_in.workers(overridden, GUNICORN, 2)

    assert made.path == f"{DIRECTORY}/{ours}"
    assert made.content.endswith("ExecStart=/usr/bin/gunicorn --workers 2 shop\n")


def test_a_later_drop_in_about_something_else_does_not_matter() -> None:
    limited = unit(starting("/usr/bin/gunicorn shop"), ("override.conf", "[Service]\nMemoryMax=1G\n"))

    assert drop_in.workers(limited, GUNICORN, 2).path == f"{DIRECTORY}/50-memwarden.conf"


def test_nothing_can_be_read_after_the_last() -> None:
    beaten = unit(starting("/usr/bin/gunicorn shop"), ("zzz.conf", overriding("/usr/bin/gunicorn -w 4 shop")))

    with pytest.raises(Refused, match=r"zzz\.conf"):
        drop_in.workers(beaten, GUNICORN, 2)


@pytest.mark.parametrize("name", ["50-memwarden.conf", "zz-memwarden.conf"])
def test_our_own_earlier_drop_in_is_written_again_where_it_is(name: str) -> None:
    again = unit(
        starting("/usr/bin/gunicorn -b :80 -w 4 shop"),
        (name, NOTE + overriding("/usr/bin/gunicorn --workers 3 -b :80 shop")),
    )

    assert drop_in.own(again) == drop_in.DropIn(f"{DIRECTORY}/{name}", again.files[1][1])
    assert drop_in.said_workers(again, GUNICORN) == 3
    assert drop_in.workers(again, GUNICORN, 2).path == f"{DIRECTORY}/{name}"


def test_what_changed_below_our_own_drop_in_is_not_hidden() -> None:
    edited = unit(
        starting("/usr/bin/gunicorn -b :81 shop"),
        ("50-memwarden.conf", NOTE + overriding("/usr/bin/gunicorn --workers 3 -b :80 shop")),
    )

    with pytest.raises(Refused, match="changed since"):
        drop_in.workers(edited, GUNICORN, 2)


def test_our_own_drop_in_that_another_overrules_is_said() -> None:
    overruled = unit(
        starting("/usr/bin/gunicorn shop"),
        ("50-memwarden.conf", NOTE + overriding("/usr/bin/gunicorn --workers 3 shop")),
        ("override.conf", overriding("/usr/bin/gunicorn -w 5 shop")),
    )

    with pytest.raises(Refused, match="overruled"):
        drop_in.workers(overruled, GUNICORN, 2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (starting("/usr/bin/gunicorn -w 1 --workers=4 shop"), 4),
        (starting("/usr/bin/gunicorn -w $N shop", "Environment=N=4"), 4),
        (starting("/usr/bin/gunicorn -w $N shop", "Environment=N=4", "EnvironmentFile=/etc/n"), None),
        (starting("/usr/bin/gunicorn shop", "Environment=WEB_CONCURRENCY=4"), 4),
        (starting("/usr/bin/gunicorn shop", 'Environment="GUNICORN_CMD_ARGS=-b :80 -w4"'), 4),
        (starting("/usr/bin/gunicorn shop", "EnvironmentFile=/etc/shop"), None),
        (starting("/usr/bin/gunicorn shop"), None),
        (starting("/srv/start.sh"), None),
        ("[Service]\n", None),
    ],
)
def test_the_number_in_the_text_is_read_where_it_is_certain(text: str, said: int | None) -> None:
    assert drop_in.said_workers(unit(text), GUNICORN) == said


OTHER_WORDS = st.lists(
    st.sampled_from(
        [
            "-b :80",
            "--bind=unix:/run/a.sock",
            '--name "a -w 3"',
            "shop:app",
            "--preload",
            "-k gthread",
            "'x y'",
            "%i",
        ]
    ),
    max_size=6,
)
SPELLINGS = st.sampled_from(["-w {}", "-w{}", "--workers {}", "--workers={}", ""])
BLANKS = st.sampled_from([" ", "  ", "\t", " \\\n    ", " \\\n# why\n  "])
COUNTS = st.integers(1, 16)


@st.composite
def unit_texts(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a unit's text, and the words of its line without the worker option."""
    others = draw(OTHER_WORDS)
    option = draw(SPELLINGS).format(draw(COUNTS))
    place = draw(st.integers(0, len(others)))
    parts = ["/usr/bin/gunicorn", *others[:place], *([option] if option else []), *others[place:]]
    joined = parts[0] + "".join(draw(BLANKS) + part for part in parts[1:])
    return starting(joined), [word.raw for word in words(" ".join(["/usr/bin/gunicorn", *others]))]


@given(unit_texts(), COUNTS)
def test_nothing_but_the_worker_option_differs(made: tuple[str, list[str]], count: int) -> None:
    text, others = made

    found = [word.raw for word in words(line(text, count))]

    assert found == [others[0], "--workers", str(count), *others[1:]]


@given(unit_texts(), COUNTS, COUNTS)
def test_twice_is_once(made: tuple[str, list[str]], first: int, second: int) -> None:
    text, _ = made
    once = drop_in.workers(unit(text), GUNICORN, first)
    written = unit(text, ("50-memwarden.conf", once.content))

    assert drop_in.workers(written, GUNICORN, first) == once
    assert drop_in.workers(written, GUNICORN, second) == drop_in.workers(unit(text), GUNICORN, second)


@given(st.text(max_size=40))
def test_no_line_crashes(text: str) -> None:
    for scaling in (GUNICORN, CELERY):
        found = unit(starting(f"/usr/bin/gunicorn {text}"))
        try:
            made = drop_in.workers(found, scaling, 2).content
        except Refused:
            continue
        assert made.startswith(f"{NOTE}[Service]\nExecStart=\nExecStart=/usr/bin/gunicorn --workers 2")
        assert made.count("\n") == 4
