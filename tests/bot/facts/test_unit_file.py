"""A unit as systemd tells it, in answers of real hosts and made-up ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.domain.unit_file import Assigned, Unit
from bot.errors import UnknownService, Unreadable
from bot.facts.unit_file import cat_command, parse, show_command
from bot.ports import Completed

CASES = Path(__file__).parents[2] / "cases" / "units"
TEMPLATE = "/etc/systemd/system/gunicorn@.service"
OVERRIDE = "/etc/systemd/system/gunicorn@app.service.d/override.conf"
SHOP = "/etc/systemd/system/shop.service"
LATER = "/etc/systemd/system/shop.service.d/10-later.conf"


def captured(name: str) -> Unit:
    show, cat = (
        (CASES / f"systemd-252-{name.removesuffix('.service')}-{kind}.txt").read_bytes()
        for kind in ("show", "cat")
    )
    return parse(name, Completed(0, show, b""), Completed(0, cat, b""))


def shown(**properties: str) -> Completed:
    told = {"LoadState": "loaded", "ActiveState": "active", "FragmentPath": SHOP} | properties
    return Completed(0, "".join(f"{key}={value}\n" for key, value in told.items()).encode(), b"")


def shop(*files: str) -> Unit:
    """Read a unit of one file, or of one and a drop-in."""
    paths = (SHOP, LATER)[: len(files)]
    cat = "\n".join(f"# {path}\n{text}" for path, text in zip(paths, files, strict=True))
    show = shown(DropInPaths=LATER if len(files) > 1 else "")
    return parse("shop.service", show, Completed(0, cat.encode(), b""))


def service(*lines: str) -> str:
    return "".join(f"{line}\n" for line in ("[Service]", *lines))


def values(assigned: tuple[Assigned, ...]) -> list[str]:
    return [each.value for each in assigned]


def test_systemd_is_asked_with_whole_words() -> None:
    assert show_command("shop.service")[:2] == ("/usr/bin/systemctl", "show")
    assert show_command("shop.service")[-2:] == ("--", "shop.service")
    assert cat_command("-x.service") == ("/usr/bin/systemctl", "cat", "--no-pager", "--", "-x.service")


def test_a_templated_unit_of_a_real_host_has_its_template_and_both_drop_ins() -> None:
    unit = captured("gunicorn@app.service")

    assert unit.name == "gunicorn@app.service"
    assert [path for path, _ in unit.files] == [TEMPLATE, f"{TEMPLATE}.d/10-all.conf", OVERRIDE]
    assert unit.files[1][1] == "[Service]\nEnvironment=WORKERS=2\n"
    assert unit.exec_start == (
        Assigned(OVERRIDE, "/usr/bin/gunicorn -w3 --bind unix:/run/gunicorn/app.sock site_wsgi:application"),
    )
    assert [(name, value.value) for name, value in unit.environment] == [
        ("GUNICORN_CMD_ARGS", "--workers 2 --bind unix:/run/gunicorn/%i.sock"),
        ("NAME", 'a "quoted" name'),
        ("WORKERS", "2"),
    ]
    assert values(unit.environment_files) == ["-/etc/default/gunicorn-%i"]
    assert (unit.active, unit.enabled, unit.main_pid, unit.oom_policy) == ("active", "static", 132, "stop")
    assert not unit.needs_reload
    assert unit.is_active


def test_the_seed_hosts_continued_line_is_one() -> None:
    unit = captured("gunicorn.service")

    assert values(unit.exec_start) == [
        "/usr/bin/gunicorn --workers 4 --bind unix:/run/gunicorn/scan2food.sock site_wsgi:application"
    ]
    assert unit.enabled == "enabled"


@pytest.mark.parametrize(
    ("lines", "value"),
    [
        (("ExecStart=/bin/a \\", "# why", "   -w 2 \\", "; or", "\tshop"), "/bin/a -w 2 shop"),
        (("ExecStart=/bin/a \\", "# why \\", "  -w 2"), "/bin/a -w 2"),
        (("ExecStart=/bin/a \\", "", "-w 2"), "/bin/a"),
        (("  ExecStart =  /bin/a   b  ",), "/bin/a   b"),
        (("ExecStart=/bin/a 'x \\", "   y'"), "/bin/a 'x     y'"),
        (("ExecStart=/bin/a \\\\", "User=x"), "/bin/a \\\\"),
        (("ExecStart=/bin/a \\",), "/bin/a"),
        (("ExecStart=/bin/a \\", "b\\ ", "c"), "/bin/a b\\"),
        (("ExecStart=/bin/a $X ${Y} %i \"b c\" '-w 3'",), "/bin/a $X ${Y} %i \"b c\" '-w 3'"),
    ],
)
def test_lines_are_joined_as_systemd_joins_them(lines: tuple[str, ...], value: str) -> None:
    assert values(shop(service(*lines)).exec_start) == [value]


def test_an_empty_assignment_forgets_what_was_before() -> None:
    unit = shop(
        service("ExecStart=/bin/a", "Environment=A=1", "EnvironmentFile=/etc/a"),
        service("ExecStart=", "ExecStart=/bin/b", "Environment=", "Environment=B=2", "EnvironmentFile="),
    )

    assert unit.exec_start == (Assigned(LATER, "/bin/b"),)
    assert unit.environment == (("B", Assigned(LATER, "2")),)
    assert unit.environment_files == ()


def test_other_sections_and_broken_lines_do_not_count() -> None:
    text = "[X-Service]\nExecStart=/bin/x\n[Service\nExecStart=/bin/y\n[Service]\nExecStart /bin/z\nUser=w\n"

    assert shop(text).exec_start == ()


def test_a_quoted_variable_keeps_its_blanks_and_what_is_no_variable_is_left_out() -> None:
    unit = shop(service('Environment="A=1 2" B=\'x\'y C=a\\x41 "D E=3" =4 F', 'Environment="G=1'))

    assert [(name, value.value) for name, value in unit.environment] == [
        ("A", "1 2"),
        ("B", "xy"),
        ("C", "aA"),
    ]


def test_a_byte_that_is_no_text_and_windows_line_ends_do_no_harm() -> None:
    cat = Completed(
        0, f"# {SHOP}\n".encode() + b"\xef\xbb\xbf[Service]\r\n#\xff\r\nExecStart=/bin/a\r\n", b""
    )

    assert values(parse("shop.service", shown(), cat).exec_start) == ["/bin/a"]


def test_a_unit_is_called_as_systemd_calls_it() -> None:
    unit = parse("redis.service", shown(Id="redis-server.service"), Completed(0, f"# {SHOP}\n".encode(), b""))

    assert unit.name == "redis-server.service"


def test_a_unit_without_files_has_none() -> None:
    unit = parse("x.service", shown(FragmentPath=""), Completed(1, b"", b"No files found for x.service.\n"))

    assert unit.files == ()


@pytest.mark.parametrize(("state", "said"), [("not-found", "knows no unit"), ("masked", "is masked")])
def test_a_unit_that_is_not_there_is_unknown(state: str, said: str) -> None:
    with pytest.raises(UnknownService, match=said):
        parse("x.service", shown(LoadState=state, FragmentPath=""), Completed(1, b"", b""))


@pytest.mark.parametrize(
    ("show", "cat"),
    [
        (Completed(1, b"", b"System has not been booted with systemd"), Completed(1, b"", b"")),
        (shown(LoadState="bad-setting"), Completed(0, b"", b"")),
        (shown(), Completed(1, b"", b"")),
        (shown(), Completed(0, b"[Service]\n", b"")),
        (shown(DropInPaths=LATER), Completed(0, f"# {SHOP}\n[Service]\n".encode(), b"")),
        # A comment that looks like the beginning of the next file.
        (
            shown(DropInPaths=LATER),
            Completed(0, f"# {SHOP}\n\n# {LATER}\n[Service]\n\n# {LATER}\n[Service]\n".encode(), b""),
        ),
    ],
)
def test_what_cannot_be_read_whole_is_not_read_at_all(show: Completed, cat: Completed) -> None:
    with pytest.raises(Unreadable):
        parse("shop.service", show, cat)
