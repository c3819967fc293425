"""What a process is called, and which unit its cgroup is."""

from __future__ import annotations

import pytest

from bot.domain.recognition import is_session, program_names, unit_name
from tests.fakes.snapshots import process

SESSION = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service"
NGINX = "/system.slice/nginx.service"


@pytest.mark.parametrize(
    ("cmdline", "name"),
    [
        (("/usr/sbin/nginx", "-g", "daemon off;"), "nginx"),
        (("nginx: worker process",), "nginx"),
        (("gunicorn: master [shop]", ""), "gunicorn"),
        (("/usr/bin/python3", "/usr/bin/gunicorn", "-w", "4"), "gunicorn"),
        (("/usr/bin/python3.11", "-u", "/srv/app.py"), "app.py"),
        (("/usr/bin/python3", "-Es", "/usr/sbin/firewalld"), "firewalld"),
        (("/usr/bin/python3", "-W", "ignore", "-X", "dev", "/srv/app.py"), "app.py"),
        (("/usr/bin/python3", "-I", "/srv/app.py"), "app.py"),
        (("/usr/bin/python3", "-E", "/srv/app.py"), "app.py"),
        (("python3", "-m", "gunicorn", "shop:app"), "gunicorn"),
        (("python3", "-m", "http.server"), "http.server"),
        (("python3", "-m"), "python3"),
        (("python3", "-c", "import nginx; x/nginx"), "python3"),
        (("python3", "-Ic", "x/nginx"), "python3"),
        (("/bin/sh", "-c", "exec /usr/sbin/nginx"), "sh"),
        (("bash", "-lc", "cd /x/nginx"), "bash"),
        (("bash", "-e", "/srv/start.sh"), "start.sh"),
        (("bash", "-o", "pipefail", "/srv/start.sh"), "start.sh"),
        (("perl", "-e", "x/nginx"), "perl"),
        (("node", "--eval", "x/nginx"), "node"),
        (("node", "-r", "dotenv/config", "/srv/server.js"), "server.js"),
        (("java", "-Xmx1g", "-cp", "/a:/b", "com.example.Main"), "com.example.Main"),
        (("java", "-jar", "/opt/app.jar"), "app.jar"),
        (("python3",), "python3"),
        (("-bash",), "-bash"),
        (("//",), "//"),
        ((), "kept"),
        (("",), "kept"),
        ((" ", "x"), "kept"),
    ],
)
def test_a_process_is_called_by_what_it_runs(cmdline: tuple[str, ...], name: str) -> None:
    assert program_names(process(2, *cmdline, comm="kept"))[0] == name


def test_a_title_is_known_without_its_colon_and_by_comm() -> None:
    assert program_names(process(2, "gunicorn: worker [shop]", comm="gunicorn: worke")) == (
        "gunicorn",
        "gunicorn: worke",
    )


def test_who_has_no_name_at_all_is_called_unnamed() -> None:
    assert program_names(process(2, comm="")) == ("(unnamed)",)


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        ("/system.slice/nginx.service", "nginx.service"),
        ("/system.slice/system-postgresql.slice/postgresql@15-main.service", "postgresql@15-main.service"),
        ("/user.slice/user-1000.slice/session-3.scope", "session-3.scope"),
        ("/user.slice/user-1000.slice/user@1000.service/app.slice/x.service", "user@1000.service"),
        ("/system.slice/docker-abc.scope/system.slice/nginx.service", "docker-abc.scope"),
        ("/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:x", "containerd.service"),
        ("/init.scope", "init.scope"),
        ("/system.slice", "system.slice"),
        ("/lxc.payload.web/system.slice/nginx.service", None),
        ("/docker/4f66ad9a", None),
        ("/../../nginx.service", None),
        ("/nginx.service (deleted)", None),
        ("/", None),
        ("", None),
    ],
)
def test_a_unit_is_what_systemd_put_below_its_slices(path: str, unit: str | None) -> None:
    assert unit_name(path) == unit


@pytest.mark.parametrize(
    ("path", "session"),
    [
        (SESSION, True),
        (MANAGER, True),
        ("/user.slice", True),
        (NGINX, False),
        ("/system.slice/x.service/user.slice/user-0.slice/session-1.scope", False),
        ("/user.slicer/x", False),
    ],
)
def test_a_session_lies_below_the_machines_own_user_slice(path: str, *, session: bool) -> None:
    assert is_session(path) is session
