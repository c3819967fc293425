"""APScheduler: when what is done; nothing of it is stored."""

from __future__ import annotations

import logging
import threading
import time
import zlib
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.config import cron

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import tzinfo

_LOG = logging.getLogger(__name__)
# One at a time is on purpose: that a slow one was left out is nothing to warn of.
_LIBRARY = logging.getLogger(f"{__name__}.library")
_LIBRARY.setLevel(logging.ERROR)

_PROMPT, _PATIENT, _OWN = "prompt", "patient", "own"
# At the most; there are only as many as were needed at the same time.
_THREADS = {_PROMPT: 64, _PATIENT: 128, _OWN: 4}
_SOONEST_S = 0.05

Result = TypeVar("Result")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Next:
    """What work says of its next run.

    In how many seconds, None for when its turn comes; and whether it was `prompt`: work that waited for
    something dead is done on threads of its own from then on, so that it delays nobody.
    """

    in_s: float | None = None
    prompt: bool = True


class Schedule:
    """Does work by the clock on threads of its own; safe for any number of threads.

    Each name is at work once at a time. A run that is late is made all the same, and several that were
    missed only once. What work raises is logged, and it goes on.
    """

    def __init__(self) -> None:
        self._pools = {name: _Daemons(most) for name, most in _THREADS.items()}
        self._works: dict[str, _Work] = {}
        self._lock = threading.RLock()
        self._scheduler = BackgroundScheduler(
            logger=_LIBRARY,
            timezone=UTC,
            executors={name: _Pooled(pool) for name, pool in self._pools.items()},
            # APScheduler's own grace is one second: a busy moment would leave out a run without a word.
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._scheduler.start()

    def every(
        self, name: str, seconds: float, work: Callable[[], Next | None], *, spread: bool = True
    ) -> None:
        """Do it every so many seconds, in place of what had this name.

        With `spread`, at moments that follow from the name, so that many are not done at once, on threads
        for what may have to wait; else at once for the first time, on threads for our own affairs.
        """
        with self._lock:
            known = self._works.get(name)
            if known is not None and (known.seconds, known.spread) == (seconds, spread):
                known.work = work
                return
            self._works[name] = made = _Work(name, work, seconds, spread=spread, before=known)
            begin = made.turn_after(time.time()) if spread else time.time()
            self._scheduler.add_job(
                self._run,
                IntervalTrigger(seconds=seconds, start_date=_moment(begin), timezone=UTC),
                (name,),
                id=name,
                next_run_time=_moment(begin),
                executor=_PROMPT if spread else _OWN,
                replace_existing=True,
            )

    def cron(self, name: str, expression: str, zone: tzinfo, work: Callable[[], Next | None]) -> None:
        """Do it when five fields of cron say so, as clocks show it in a zone, in place of what had this name.

        Raises ValueError for what are no such fields. On days on which clocks are changed it is done once.
        """
        trigger = _Calendar(cron.parse(expression), zone)
        with self._lock:
            self._works[name] = _Work(name, work, before=self._works.get(name))
            self._scheduler.add_job(
                self._run, trigger, (name,), id=name, executor=_OWN, replace_existing=True
            )

    def remove(self, name: str) -> None:
        """Do it no more; one that is under way is not held up."""
        with self._lock:
            if self._works.pop(name, None) is not None:
                self._scheduler.remove_job(name)

    def keep_only(self, names: Collection[str]) -> None:
        """Do nothing else any more."""
        with self._lock:
            for name in self._works.keys() - set(names):
                self.remove(name)

    def next_at(self, name: str) -> datetime | None:
        """Return when it is done next; None if there is nothing of this name."""
        job = self._scheduler.get_job(name)
        moment: datetime | None = None if job is None else job.next_run_time
        return moment

    def close(self, within_s: float = 1.0) -> None:
        """Begin nothing more, and wait for what is under way, but not longer than this."""
        self._scheduler.shutdown(wait=False)
        until = time.monotonic() + within_s
        for pool in self._pools.values():
            pool.wait(until)

    def _run(self, name: str) -> None:
        with self._lock:
            work = self._works.get(name)
        # What had this name before may still be at it, on threads of the other pool.
        if work is None or not work.busy.acquire(blocking=False):
            return
        try:
            following = work.work()
        except Exception as error:  # noqa: BLE001 - a mistake of ours must cost one run, not all that follow
            # Where it failed is told once, not every minute of a night.
            _LOG.error("%s failed: %r", name, error, exc_info=None if work.is_failing else error)
            work.is_failing = True
            following = None
        else:
            work.is_failing = False
        finally:
            work.busy.release()
        if work.spread or (following and following.in_s is not None):
            self._follow(work, following or Next())

    def _follow(self, work: _Work, following: Next) -> None:
        now = time.time()
        at = work.turn_after(now) if following.in_s is None else now + max(_SOONEST_S, following.in_s)
        pool = (_PROMPT if following.prompt else _PATIENT) if work.spread else _OWN
        with self._lock:
            if self._works.get(work.name) is work:
                try:
                    self._scheduler.modify_job(work.name, next_run_time=_moment(at), executor=pool)
                except JobLookupError:  # it is being closed
                    _LOG.debug("%s is done no more", work.name)


class _Work:
    """Something that is done again and again; `work` can be replaced while it is scheduled."""

    def __init__(
        self,
        name: str,
        work: Callable[[], Next | None],
        seconds: float = 0.0,
        *,
        spread: bool = False,
        before: _Work | None = None,
    ) -> None:
        self.name = name
        self.work = work
        self.seconds = seconds
        self.spread = spread
        self.is_failing = False
        self.busy: threading.Lock = before.busy if before else threading.Lock()
        # The same after every start, and on average evenly spread.
        self._offset_s = zlib.crc32(name.encode()) / 2**32 * seconds

    def turn_after(self, moment: float) -> float:
        """Return the first of its regular moments after this one (both seconds since 1970)."""
        if not self.spread:
            return moment + self.seconds
        turns = (moment - self._offset_s) // self.seconds + 1
        return turns * self.seconds + self._offset_s


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


class _Calendar(BaseTrigger):  # type: ignore[misc] # APScheduler brings no types
    """The moments that cron means.

    APScheduler's own trigger for them counts weekdays from Monday, and leaves out midnight after a change of
    the clocks.
    """

    def __init__(self, when: cron.Cron, zone: tzinfo) -> None:
        self._when = when
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """Return the next moment; those that were missed meanwhile come together as one."""
        return cron.next_after(self._when, previous_fire_time or now, self._zone)


class _Daemons(Executor):
    """Threads that do not keep the program from ending, made as they are needed, up to `most`.

    Those of `concurrent.futures` do: Ctrl-C would wait for the slowest host.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._todo: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._changed = threading.Condition()
        self._threads = 0
        self._open = 0
        self._closed = False

    def submit(self, fn: Callable[P, Result], /, *args: P.args, **kwargs: P.kwargs) -> Future[Result]:
        future: Future[Result] = Future()

        def work() -> None:
            if self._closed or not future.set_running_or_notify_cancel():
                return
            try:
                result = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - raised again for whoever asks the future
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._changed:
            self._open += 1
            self._todo.put(work)
            if self._threads < min(self._open, self._most):
                self._threads += 1
                threading.Thread(target=self._labour, name="schedule", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - the base class's signature
        with self._changed:
            self._closed = True
            for _ in range(self._threads):
                self._todo.put(None)

    def wait(self, until: float) -> None:
        """Wait until nothing is under way, or until this moment of the monotonic clock."""
        with self._changed:
            self._changed.wait_for(lambda: self._open == 0, max(0.0, until - time.monotonic()))

    def _labour(self) -> None:
        while (work := self._todo.get()) is not None:
            work()
            with self._changed:
                self._open -= 1
                self._changed.notify_all()


class _Pooled(BasePoolExecutor):  # type: ignore[misc] # APScheduler brings no types
    """What APScheduler runs jobs by."""

    def __init__(self, pool: _Daemons) -> None:
        super().__init__(pool)
