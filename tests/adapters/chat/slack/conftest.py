"""A fake Slack for each test, which must not have anything to complain about in the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.servers.fake_slack import FakeSlack

if TYPE_CHECKING:
    from collections.abc import Iterator

# Whatever the machine's own proxies are: nothing here leaves it.
_PROXIES = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


@pytest.fixture
def slack(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeSlack]:
    for name in _PROXIES:
        monkeypatch.delenv(name, raising=False)
    with FakeSlack() as fake:
        yield fake
        assert not fake.complaints
