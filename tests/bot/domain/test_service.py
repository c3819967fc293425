"""Which processes of a service are its workers."""

from __future__ import annotations

from bot.domain.service import forked_workers, titled_workers
from tests.fakes.snapshots import process


def test_forked_workers_are_children_of_a_process_of_the_same_name() -> None:
    family = (
        process(10, "/bin/sh", "/srv/start.sh"),
        process(11, "uwsgi", ppid=10),
        process(12, "uwsgi", ppid=11),
        process(13, "uwsgi", ppid=11),
        process(14, "/usr/bin/ffmpeg", ppid=12),
    )

    assert [worker.pid for worker in forked_workers(family)] == [12, 13]


def test_who_has_no_parent_here_is_no_forked_worker() -> None:
    assert forked_workers((process(11, "uwsgi", ppid=1),)) == ()


def test_titled_workers_say_so() -> None:
    family = (
        process(10, "nginx: master process /usr/sbin/nginx"),
        process(11, "nginx: worker process"),
        process(12, "nginx:", "worker", "process"),
        process(13, "nginx: cache manager process"),
    )

    assert [worker.pid for worker in titled_workers("worker process")(family)] == [11, 12]
