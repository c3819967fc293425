"""A real web server is asked."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from adapters.health import health

if TYPE_CHECKING:
    from collections.abc import Iterator


class Site(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status = int(self.path.strip("/"))
        self.send_response(status)
        if status in (301, 302):
            self.send_header("Location", "/200")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Stay silent."""


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def listener(answer: bytes | None) -> Iterator[str]:
    """Accept one connection; say `answer`, or (None) nothing at all."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                if answer is not None:
                    connection.recv(1000)
                    connection.sendall(answer)
                else:
                    connection.recv(1000)
                    done.wait(5)

        done = threading.Event()
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/"
        done.set()
        thread.join(5)


@pytest.mark.parametrize("status", [200, 204, 302])
def test_a_site_that_answers_is_well(site: str, status: int) -> None:
    found = health(f"{site}/{status}", 5)

    assert found.well
    assert found.sentence == f"the site answers {200 if status == 302 else status}"


@pytest.mark.parametrize("status", [404, 500, 502, 503])
def test_a_site_that_answers_an_error_is_not(site: str, status: int) -> None:
    found = health(f"{site}/{status}", 5)

    assert (found.well, found.sentence) == (False, f"the site answers {status}")


def test_a_site_that_nobody_serves_is_not_well() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    found = health(f"http://127.0.0.1:{port}/", 5)

    assert (found.well, found.sentence) == (False, "the site cannot be reached")


def test_silence_is_not_well_after_a_time() -> None:
    with listener(None) as url:
        found = health(url, 0.2)

    assert (found.well, found.sentence) == (False, "the site does not answer within 0.2 s")


def test_something_else_than_a_web_server_is_not_well() -> None:
    with listener(b"220 smtp.example.org ESMTP\r\n") as url:
        found = health(url, 5)

    assert (found.well, found.sentence) == (False, "the site does not answer as a web server does")
