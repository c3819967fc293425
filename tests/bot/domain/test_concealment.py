"""Secrets in command lines are not shown."""

from __future__ import annotations

import pytest

from bot.domain.concealment import concealed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "/usr/bin/redis-server --requirepass hunter2 --port 1",
            "/usr/bin/redis-server --requirepass *** --port 1",
        ),
        ("gunicorn --db-password=hunter2 shop", "gunicorn --db-password=*** shop"),
        ("gunicorn --token 'hunter2 x' shop", "gunicorn --token *** shop"),
        ('Environment="API_TOKEN=hunter2" A=b', 'Environment="API_TOKEN=***" A=b'),
        ("Environment=PGPASSWORD=hunter2", "Environment=PGPASSWORD=***"),
        ("celery -b redis://:hunter2@cache/0", "celery -b redis://:***@cache/0"),
        ("celery -b amqp://ann:hunter2@mq//", "celery -b amqp://ann:***@mq//"),
        ("curl https://hunter2@example.org/", "curl https://***@example.org/"),
        ("ERR wrong password: hunter2", "ERR wrong password: ***"),
        ("celery -b amqp://ann:hunter2@x@mq//", "celery -b amqp://ann:***@mq//"),
        ('Environment="API_TOKEN=hunter2 b" A=b', 'Environment="API_TOKEN=***" A=b'),
        ("x --password hun;ter2 y", "x --password *** y"),
        ("x --password 'hun'ter2 y", "x --password *** y"),
        ("x --auth hunter2 --jwt=hunter2", "x --auth *** --jwt=***"),
        ("x --private-key hunter2", "x --private-key ***"),
        ("curl -H 'X: Bearer hunter2'", "curl -H 'X: Bearer ***'"),
        ("redis-cli -h a -a hunter2 ping", "redis-cli -h a -a *** ping"),
        ("DJANGO_SECRET_KEY=hunter2 x", "DJANGO_SECRET_KEY=*** x"),
        ("AWS_ACCESS_KEY_ID=hunter2", "AWS_ACCESS_KEY_ID=***"),
    ],
)
def test_what_is_named_as_a_secret_is_not_shown(text: str, shown: str) -> None:
    assert concealed(text) == shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    "text",
    [
        "/usr/bin/gunicorn --workers 4 --bind unix:/run/app.sock site:app",
        "/usr/bin/sudo -n /usr/bin/systemctl kill --kill-who=main -s TTOU gunicorn.service",
        "postgresql://db/shop and https://example.org/a@b",
        "ExecStart=/srv/venv/bin/daphne -u /run/daphne.sock shop.asgi:application",
        "2 workers, freed 201 MiB (expected 196 MiB), 297 of 961 MiB available (30 %), good",
    ],
)
def test_all_else_is_shown_as_it_is(text: str) -> None:
    assert concealed(text) == text
