"""A process of its own that uses a store: `python -m tests.adapters.store.child DEED PATH [HOST]`."""

from __future__ import annotations

import os
import resource
import signal
import sys
from dataclasses import replace
from datetime import timedelta

from adapters.store.store import open_store
from bot.errors import StoreError
from tests.contracts.store import SAMPLE
from tests.contracts.store_audit import ENTRY


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def remember_when_told(path: str, host: str) -> None:
    say("ready")
    sys.stdin.readline()
    store = open_store(path, busy_timeout_s=60)
    store.remember(replace(SAMPLE, host=host))
    store.close()


def remember_for_ever(path: str) -> None:
    store = open_store(path)
    for n in range(10**9):
        store.remember(replace(SAMPLE, taken_at=SAMPLE.taken_at + timedelta(seconds=n), major_faults=n))
        say(n)


def die_before_the_end_of_a_write(path: str) -> None:
    with open_store(path).changing() as ledger:
        ledger.remember(replace(SAMPLE, host="half-written"))
        os.kill(os.getpid(), signal.SIGKILL)


def open_on_a_disk_that_fails(path: str) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, resource.RLIM_INFINITY))
    try:
        open_store(path)
    except StoreError as error:
        say(error)


def audit_when_told(path: str, who: str) -> None:
    store = open_store(path, busy_timeout_s=60)
    say("ready")
    sys.stdin.readline()
    for n in range(100):
        with store.changing() as ledger:
            ledger.audit(replace(ENTRY, who=who, plan=n))


def tell_whether_alembic_is_imported(path: str) -> None:
    open_store(path).close()
    say("alembic" in sys.modules)


DEEDS = {
    deed.__name__: deed
    for deed in (
        remember_when_told,
        remember_for_ever,
        die_before_the_end_of_a_write,
        open_on_a_disk_that_fails,
        audit_when_told,
        tell_whether_alembic_is_imported,
    )
}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](*sys.argv[2:])
