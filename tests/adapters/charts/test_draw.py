"""Charts as pictures: what comes out is looked at as an image, what was asked for is never our end."""

from __future__ import annotations

import io
import logging
import math
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from adapters.charts import draw
from bot.domain.units import MIB
from tests.adapters.charts.charts import chart, hostile, series

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from bot.message import Chart

KIB = 1024
NOISY = [100.0 + 757 * (place * 37 % 101) / 101 for place in range(600)]


@pytest.mark.parametrize(
    ("name", "drawn"),
    [
        ("a day", chart()),
        ("a gap", chart(main=[300.0] * 40 + [None] * 40 + [200.0] * 40)),
        ("one sample", chart(main=[None] * 60 + [96.0] + [None] * 59, layers=[])),
        ("nothing measured", chart(main=[None] * 120, layers=[])),
        ("no moment", chart(0, layers=[])),
        ("one moment", chart(1)),
        ("200 services", chart(layers=[series(f"service-{n}", [4.0] * 120) for n in range(200)])),
        ("hostile labels", hostile()),
        ("impossible numbers", chart(main=[math.inf, math.nan, -1e300, 1e300] * 30)),
        ("series of other lengths", chart(layers=[series("short", [1.0]), series("long", [1.0] * 999)])),
        ("no memory at all", replace(chart(), whole=0.0)),
        ("None at both ends", chart(main=[None] * 40 + [200.0] * 40 + [None] * 40, layers=[])),
        ("all the same", chart(main=[961.0] * 120, layers=[])),
        ("more than there is", chart(layers=[series(f"worker-{n}", [900.0] * 120) for n in range(9)])),
        (
            "as noisy as can be",
            chart(main=NOISY, layers=[series(f"s{n}", NOISY[n:] + NOISY[:n]) for n in range(7)]),
        ),
    ],
)
def test_whatever_is_asked_for_becomes_a_picture_of_the_agreed_size(
    drawn_by_one: Callable[[Chart], bytes], name: str, drawn: Chart
) -> None:
    png = drawn_by_one(drawn)

    assert Image.open(io.BytesIO(png)).size == (1100, 680), name
    assert len(png) < 150 * KIB


def test_what_nobody_should_ever_send_reaches_the_child() -> None:
    png = draw(hostile(), timeout_s=60)

    assert png is not None
    assert Image.open(io.BytesIO(png)).size == (1100, 680)


def test_a_gap_stays_a_gap() -> None:
    png = draw(chart(main=[900.0] * 40 + [None] * 40 + [900.0] * 40, layers=[]), timeout_s=60)

    assert png is not None
    image = Image.open(io.BytesIO(png)).convert("L")
    # The line is the darkest there is within the axes, which begin at 112 and end at 812.
    shades = [image.crop((x, 100, x + 10, 180)).histogram() for x in (250, 455, 650)]
    darkest = [next(shade for shade, count in enumerate(counts) if count) for counts in shades]
    assert darkest[0] < 60
    assert darkest[2] < 60
    assert darkest[1] > 180


def test_the_picture_has_a_background_of_its_own() -> None:
    png = draw(chart(), timeout_s=60)

    assert png is not None
    image = Image.open(io.BytesIO(png))
    assert "transparency" not in image.info
    # Nearly white; the palette may have rounded it.
    assert image.convert("L").crop((0, 0, 20, 20)).histogram()[245:].count(400) == 1


def test_a_child_that_takes_too_long_is_ended_and_said(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert draw(chart(), timeout_s=0.05) is None

    assert "a chart was not drawn within 0.05 s" in caplog.text


def test_a_child_that_fails_is_said_and_does_no_harm(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "matplotlib.py").write_text("raise SystemExit('no \\x1b[31m fonts')")
    monkeypatch.syspath_prepend(str(tmp_path))

    with caplog.at_level(logging.WARNING):
        assert draw(chart(), timeout_s=60) is None

    assert "the child ended with 1 and said 'no \\x1b[31m fonts'" in caplog.text


def test_the_child_learns_no_secret(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "told"
    # Whatever runs in the child before us would show what it was given.
    (tmp_path / "matplotlib.py").write_text(
        f"import os; open({str(told)!r}, 'w').write(repr(dict(os.environ)))"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("MEMWARDEN_SLACK_BOT_TOKEN", "xoxb-secret")

    draw(chart(), timeout_s=60)

    assert "xoxb-secret" not in told.read_text(encoding="utf-8")
    assert "TOKEN" not in told.read_text(encoding="utf-8")


def test_a_cache_that_cannot_be_written_costs_time_but_no_picture(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "memwarden").write_text("a file where a folder should be")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))

    assert draw(chart(layers=[], main=[300.0 * (MIB // MIB)] * 10), timeout_s=60) is not None


def test_more_than_two_at_a_time_wait_but_not_for_ever(caplog: pytest.LogCaptureFixture) -> None:
    with ThreadPoolExecutor(5) as people, caplog.at_level(logging.WARNING):
        drawn = [people.submit(draw, chart(layers=[]), timeout_s=60) for _ in range(3)]
        while not all(each.running() for each in drawn):
            time.sleep(0.01)
        time.sleep(0.2)
        hasty = draw(chart(layers=[]), wait_s=0.01)

    assert hasty is None
    assert "a chart was not drawn: others took longer than 0.01 s" in caplog.text
    assert all(each.result() for each in drawn)


def test_a_user_without_a_home_gets_a_picture_and_no_folder_named_after_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("XDG_CACHE_HOME")
    # As for a user who is in no list of users: `~/.cache` stays what it is.
    monkeypatch.setenv("HOME", "~")

    assert draw(chart(layers=[]), timeout_s=60) is not None
    assert list(tmp_path.iterdir()) == []


def test_neither_matplotlib_nor_what_it_brings_is_ever_imported_by_us() -> None:
    asked = (
        "import sys; from adapters.charts import draw; from tests.adapters.charts.charts import chart;"
        "assert draw(chart(), timeout_s=60); print({'matplotlib', 'numpy', 'PIL'}.isdisjoint(sys.modules))"
    )

    done = subprocess.run((sys.executable, "-c", asked), capture_output=True, check=True)

    assert done.stdout == b"True\n"


def test_where_little_computing_time_is_allowed_the_child_asks_for_no_more() -> None:
    asked = (
        "import resource; resource.setrlimit(resource.RLIMIT_CPU, (20, 20));"
        "from adapters.charts import draw; from tests.adapters.charts.charts import chart;"
        "assert draw(chart(), timeout_s=60)"
    )

    assert subprocess.run((sys.executable, "-c", asked), check=False).returncode == 0
