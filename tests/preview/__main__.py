"""`python -m tests.preview [GOLDEN …]`: draw golden messages as pictures; needs `chromium`.

Without arguments the pictures of the README; a picture has the name of its message.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from types import MappingProxyType

from tests.preview import alerts, discord, past, plans, slack

GOLDEN = Path(__file__).parents[1] / "golden"
PICTURES = Path(__file__).parent / "pictures"
PLATFORMS = MappingProxyType({"slack": slack, "discord": discord})
README = tuple(
    GOLDEN / platform / f"seed-user-{view}.json"
    for view in ("status", "report", "top")
    for platform in PLATFORMS
)

_PAGE = """<!doctype html><meta charset=utf-8><style>
body {{ margin: 0; }} .message {{ box-sizing: border-box; padding: 12px 16px; width: {width}px; }}
.thread {{ border-left: 2px solid #8886; margin: 10px 0 0 6px; padding-left: 12px; }}
{style}</style><div class="message {platform}"><div class=name>memwarden<i>APP</i></div>{body}</div>
<script>onload = () => document.title = document.querySelector(".message").offsetHeight</script>"""


def main(arguments: list[str]) -> None:
    """Draw each message at the width of a phone."""
    PICTURES.mkdir(exist_ok=True)
    for file in [Path(argument) for argument in arguments] or README:
        platform = file.parent.name
        picture = picture_of(file)
        _draw(platform, json.loads(file.read_text(encoding="utf-8")), picture)
        sys.stdout.write(f"{picture}\n")
    if not arguments:
        _draw_past()
        _draw_alerts()


def _draw_past() -> None:
    for platform, picture, name in (
        (p, past_picture(p, name), name) for p in PLATFORMS for name in past.WORDS
    ):
        with tempfile.TemporaryDirectory() as folder:
            _draw(platform, past.payload(platform, name, Path(folder)), picture)
        sys.stdout.write(f"{picture}\n")


def _draw_alerts() -> None:
    for name, shown in {**alerts.stories(), **plans.stories()}.items():
        for platform in PLATFORMS:
            picture = past_picture(platform, name)
            _draw(platform, alerts.payload(platform, shown), picture)
            sys.stdout.write(f"{picture}\n")


def past_picture(platform: str, name: str) -> Path:
    """Return where the picture of a message is that is made up anew."""
    return PICTURES / f"{platform}-{name}.png"


def picture_of(file: Path) -> Path:
    """Return where the picture of a golden message is."""
    return PICTURES / f"{file.parent.name}-{file.stem}.png"


def _draw(platform: str, payload: dict[str, object], picture: Path, width: int = 400) -> None:
    module = PLATFORMS[platform]
    page = _PAGE.format(width=width, style=module.STYLE, platform=platform, body=_body(platform, payload))
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "page.html"
        source.write_text(page, encoding="utf-8")
        height = _chromium(folder, "--dump-dom", source.as_uri())
        tall = height.partition("<title>")[2].partition("</title>")[0]
        _chromium(
            folder,
            f"--screenshot={picture}",
            f"--window-size={width},{tall}",
            "--force-device-scale-factor=2",
            "--hide-scrollbars",
            source.as_uri(),
        )


def _body(platform: str, payload: dict[str, object]) -> str:
    """Draw a message, and what is in its thread; an answer is for one person, a card for everybody."""
    module, notes = PLATFORMS[platform], payload.get("thread")
    seen = "<div class=seen>Only you can see this</div>" if payload.get("private", True) else ""
    if not isinstance(notes, list) or not notes:
        return f"{module.html(payload)}{seen}"
    thread = "".join(f"<div>{module.html(note)}</div>" for note in notes)
    return f"{module.html(payload)}<div class=thread><span class=seen>Thread</span>{thread}</div>{seen}"


def _chromium(profile: str, *options: str) -> str:
    quiet = (
        "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-sync"
        " --disable-background-networking --disable-component-update"
    )
    return subprocess.run(
        ("chromium", *quiet.split(), f"--user-data-dir={profile}/profile", *options),
        check=True,
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    ).stdout


if __name__ == "__main__":
    main(sys.argv[1:])
