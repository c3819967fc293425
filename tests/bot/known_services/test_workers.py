"""Which of a service's processes are counted as its workers, in the shapes that the servers really have."""

from __future__ import annotations

import pytest

import bot.known_services
from bot.catalogue import entries
from bot.domain.memory import ProcessMemory
from bot.domain.service import KnownService

BY_NAME = {service.name: service for service in entries(bot.known_services, "SERVICE", KnownService)}

SPAWNED = (
    "-c",
    "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=7)",
    "--multiprocessing-fork",
)
TRACKER = ("-c", "from multiprocessing.resource_tracker import main;main(6)")


def process(pid: int, ppid: int, cmdline: tuple[str, ...]) -> ProcessMemory:
    return ProcessMemory(
        pid=pid,
        ppid=ppid,
        started_ticks=pid,
        uid=0,
        comm="",
        cmdline=cmdline,
        rss_anon_bytes=0,
        rss_file_bytes=0,
        rss_shmem_bytes=0,
        swap_bytes=0,
    )


def family(*members: tuple[int, int, tuple[str, ...]]) -> tuple[ProcessMemory, ...]:
    return tuple(process(pid, ppid, cmdline) for pid, ppid, cmdline in members)


def worker_pids(service: str, processes: tuple[ProcessMemory, ...]) -> list[int]:
    workers = BY_NAME[service].workers
    assert workers is not None
    return [worker.pid for worker in workers(processes)]


def test_titled_gunicorn_workers_are_told_from_their_master() -> None:
    processes = family(
        (10, 1, ("gunicorn: master [shop]", "")),
        (11, 10, ("gunicorn: worker [shop]", "")),
        (12, 10, ("gunicorn: worker [shop]", "")),
    )

    assert worker_pids("gunicorn", processes) == [11, 12]


def test_untitled_gunicorn_workers_have_the_command_line_of_their_master() -> None:
    gunicorn = ("/usr/bin/python3", "/usr/bin/gunicorn", "-w", "2", "shop")
    processes = family(
        (9, 1, ("/bin/sh", "/srv/start.sh")),
        (10, 9, gunicorn),
        (11, 10, gunicorn),
        (12, 10, gunicorn),
        (13, 11, ("ffmpeg", "-i", "in.mp4")),
    )

    assert worker_pids("gunicorn", processes) == [11, 12]


@pytest.mark.parametrize(
    ("main", "child"),
    [
        (
            ("/usr/bin/python3", "/usr/bin/celery", "worker"),
            ("/usr/bin/python3", "/usr/bin/celery", "worker"),
        ),
        (("[celeryd: celery@a:MainProcess]",), ("[celeryd: celery@a:ForkPoolWorker-1]",)),
    ],
)
def test_the_pool_processes_of_celery_are_its_workers(main: tuple[str, ...], child: tuple[str, ...]) -> None:
    assert worker_pids("celery", family((10, 1, main), (11, 10, child))) == [11]


@pytest.mark.parametrize("service", ["uvicorn", "hypercorn"])
def test_the_resource_tracker_of_spawned_workers_is_no_worker(service: str) -> None:
    python = "/usr/bin/python3"
    processes = family(
        (10, 1, (python, f"/usr/bin/{service}", "--workers", "1", "shop:app")),
        (11, 10, (python, *TRACKER)),
        (12, 10, (python, *SPAWNED)),
    )

    assert worker_pids(service, processes) == [12]


@pytest.mark.parametrize(
    ("service", "titles", "expected"),
    [
        (
            "nginx",
            ("nginx: master process nginx", "nginx: worker process", "nginx: cache manager process"),
            [11],
        ),
        (
            "php-fpm",
            ("php-fpm: master process (/etc/php-fpm.conf)", "php-fpm: pool www", "php-fpm: pool api"),
            [11, 12],
        ),
        ("puma", ("puma 6.4.2 (tcp://0.0.0.0:3000) [shop]", "puma: cluster worker 0: 10 [shop]"), [11]),
        ("uwsgi", ("uWSGI master", "uWSGI worker 1", "uWSGI http 1"), [11]),
    ],
)
def test_workers_that_name_themselves_are_counted_alone(
    service: str, titles: tuple[str, ...], expected: list[int]
) -> None:
    processes = family(*((10 + n, 10 if n else 1, (title,)) for n, title in enumerate(titles)))

    assert worker_pids(service, processes) == expected


@pytest.mark.parametrize("service", ["apache", "uwsgi"])
def test_forked_workers_are_counted_without_their_master(service: str) -> None:
    server = (f"/usr/sbin/{service}", "-k", "start")

    assert worker_pids(service, family((10, 1, server), (11, 10, server), (12, 10, server))) == [11, 12]
