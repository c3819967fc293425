"""What a process is called, and which unit its cgroup is."""

from __future__ import annotations

import pytest

from bot.domain.recognition import is_session, place, program_names, unit_name
from tests.fakes.snapshots import process

SESSION = "/user.slice/user-1000.slice/session-3.scope"
MANAGER = "/user.slice/user-1000.slice/user@1000.service"
ID = "4f66ad9ab38a6bd3d4e7a4a3f9a1c2b3d4e5f60718293a4b5c6d7e8f90a1b2c3"
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
        (("python3", "-um", "gunicorn", "shop:app"), "gunicorn"),
        (("python3", "-", "x/nginx"), "python3"),
        (("/usr/bin/php8.2", "-d", "memory_limit=1G", "-c", "/etc/x.ini", "/srv/artisan", "work"), "artisan"),
        (("php", "-r", "x/nginx"), "php"),
        (("php", "-f", "/srv/feeds.php"), "feeds.php"),
        (("ruby", "-I", "/srv/lib", "-r", "bundler/setup", "/srv/bin/puma"), "puma"),
        (("ruby", "-ne", "x/nginx"), "ruby"),
        (("perl", "-I", "/srv/lib", "-MStorable", "/srv/feeds.pl"), "feeds.pl"),
        (("perl", "-lane", "x/nginx"), "perl"),
        (("node", "--loader", "ts-node/esm", "-r", "x/y", "/srv/app.ts"), "app.ts"),
        (("nodejs", "--max-old-space-size=512", "/srv/app.js"), "app.js"),
        (("node", "--eval=x", "x/nginx"), "node"),
        (
            ("java", "--add-opens", "java.base/java.lang=ALL-UNNAMED", "-p", "/a", "--add-modules", "b", "X"),
            "X",
        ),
        (("java", "--module-path", "/a", "-m", "shop/com.example.Main"), "com.example.Main"),
        (("java", "--patch-module", "a=b", "--add-exports", "a/b=c", "-jar", "/opt/app.jar"), "app.jar"),
        (("/usr/bin/dotnet", "/srv/Shop.dll", "--urls", "x"), "Shop.dll"),
        (("dotnet", "exec", "--runtimeconfig", "/x.json", "/srv/Shop.dll"), "Shop.dll"),
        (("dotnet", "run", "--project", "/srv/shop"), "dotnet"),
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
    ("path", "where"),
    [
        ("/system.slice/nginx.service", "nginx.service"),
        (f"/system.slice/docker-{ID}.scope", f"docker-{ID}.scope"),
        (f"/docker/{ID}", "docker-4f66ad9ab38a"),
        (f"/docker/{ID}/docker/{'5' * 64}", "docker-4f66ad9ab38a"),
        (f"/docker/{ID}/system.slice/nginx.service", "docker-4f66ad9ab38a"),
        (f"/kubepods/besteffort/pod1-2/{ID}", "kubepods-4f66ad9ab38a"),
        (f"/kubepods/pod1-2/crio-{ID}", "crio-4f66ad9ab38a"),
        (f"/libpod_parent/libpod-{ID}", "libpod-4f66ad9ab38a"),
        ("/lxc/web/init.scope", "lxc-web"),
        ("/lxc.payload.web/init.scope", "lxc-web"),
        ("/lxc.payload/web", "lxc-web"),
        ("/garden/1-2-3/x", "garden/1-2-3"),
        ("/openrc.shop", "openrc.shop"),
        ("/", None),
        ("", None),
    ],
)
def test_a_place_is_a_unit_or_a_container(path: str, where: str | None) -> None:
    assert place(path) == where


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
