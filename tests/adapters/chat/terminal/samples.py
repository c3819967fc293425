"""Messages shaped like the ones people see: a fleet, a host's report, its processes."""

from __future__ import annotations

from bot.message import (
    Align,
    Bar,
    Button,
    Code,
    Column,
    Emphasis,
    Message,
    Row,
    Segment,
    Shade,
    Table,
    Text,
    Tone,
)

STATUS = Message(
    headline="1 critical · 1 warning · 1 unknown · 10 good",
    tone=Tone.CRITICAL,
    blocks=(
        Table(
            (
                Column("level"),
                Column("host", elastic=True),
                Column("memory taken", dispensable=2),
                Column("available", Align.RIGHT),
                Column("swap", Align.RIGHT, dispensable=1),
            ),
            (
                Row(
                    (
                        "critical",
                        "web-1",
                        "▓" * 20 + "░" * 2,
                        "96 of 961 MiB (10 %)",
                        "212 MiB, in 1.1 MiB/s",
                    ),
                    Tone.CRITICAL,
                ),
                Row(("warning", "db-2", "▓" * 18 + "░" * 4, "0.6 of 3.8 GiB (16 %)", ""), Tone.WARNING),
                Row(("unknown", "mail-1", "", "could not be read", ""), Tone.UNKNOWN),
            ),
        ),
        Text("good: 10 more: cache-1 41 %, app-1 44 %, app-2 45 % …", Tone.GOOD),
        Text("mail-1: it did not answer within 10 s.", Tone.UNKNOWN),
    ),
    buttons=(
        Button("Report web-1", "report web-1", Emphasis.PRIMARY),
        Button("Report db-2", "report db-2"),
        Button("Refresh", "status"),
    ),
    footnote="13 hosts · 14:02:31 UTC",
)

REPORT = Message(
    headline="web-1 is critical: 96 of 961 MiB available (10 %)",
    tone=Tone.CRITICAL,
    blocks=(
        Bar(
            (
                Segment("gunicorn 42 %", 404, Shade.SOLID),
                Segment("daphne 13 %", 125, Shade.DARK),
                Segment("redis 5 %", 50, Shade.SOLID),
                Segment("other processes 14 %", 139, Shade.MEDIUM),
                Segment("kernel 15 %", 141, Shade.DARK),
                Segment("cache 7 %", 71, Shade.LIGHT),
                Segment("free 3 %", 31, Shade.EMPTY),
            )
        ),
        Table(
            (
                Column("where"),
                Column("", elastic=True),
                Column("size", Align.RIGHT),
                Column("share", Align.RIGHT),
                Column("measured by", dispensable=1),
                Column("what can be done", dispensable=2, elastic=True),
            ),
            (
                Row(("gunicorn", "4 workers x 98 MiB + 12 MiB", "404 MiB", "42 %", "PSS", "can be reduced")),
                Row(("daphne", "", "125 MiB", "13 %", "PSS", "can be stopped (real-time updates end)")),
                Row(("redis", "", "50 MiB", "5 %", "PSS", "no client but us; maxmemory not set")),
                Row(("system", "systemd ssh cron rsyslog", "61 MiB", "6 %", "RSS estimate", "essential")),
                Row(
                    (
                        "kernel",
                        "slab 61 MiB, page tables 9 MiB, stacks 8 MiB",
                        "141 MiB",
                        "15 %",
                        "meminfo",
                        "",
                    )
                ),
                Row(
                    ("cache", "", "71 MiB", "7 %", "meminfo", "given back when needed"),
                    Tone.FAINT,
                ),
                Row(("free", "", "31 MiB", "3 %", "meminfo", ""), Tone.FAINT),
            ),
            total=Row(("total", "", "961 MiB", "100 %", "", "")),
        ),
        Text("What helps most: run gunicorn with 2 workers instead of 4, which frees about 196 MiB."),
        Code(("gunicorn[812]: Booting worker with pid: 815", "gunicorn[812]:\tWorker exiting")),
    ),
    buttons=(
        Button("4 -> 2 workers", "workers web-1 gunicorn 2", Emphasis.PRIMARY),
        Button("Stop daphne", "stop web-1 daphne", Emphasis.DANGER),
        Button("Top processes", "top web-1"),
        Button("Refresh", "report web-1"),
    ),
    footnote=(
        "14:02:31 UTC · up 41 d · PSS for 61 of 64 processes, 3 by RSS estimate"
        " · swap 212 MiB · pressure some 12 % · OOM kills since boot 2"
    ),
)


def table_of(*cells: str) -> Message:
    """A message with one row of the given cells below titles `0`, `1`, …"""
    columns = tuple(Column(str(place), elastic=not place) for place in range(len(cells)))
    return Message("x", (Table(columns, (Row(cells),)),))
