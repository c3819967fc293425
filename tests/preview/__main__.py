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

from tests.preview import discord, past, slack

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
{style}</style><div class="message {platform}"><div class=name>memwarden<i>APP</i></div>{body}
<div class=seen>Only you can see this</div></div>
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


def _draw_past() -> None:
    for platform, picture, name in (
        (p, past_picture(p, name), name) for p in PLATFORMS for name in past.WORDS
    ):
        with tempfile.TemporaryDirectory() as folder:
            _draw(platform, past.payload(platform, name, Path(folder)), picture)
        sys.stdout.write(f"{picture}\n")


def past_picture(platform: str, name: str) -> Path:
    """Return where the picture of a message with charts is."""
    return PICTURES / f"{platform}-{name}.png"


def picture_of(file: Path) -> Path:
    """Return where the picture of a golden message is."""
    return PICTURES / f"{file.parent.name}-{file.stem}.png"


def _draw(platform: str, payload: dict[str, object], picture: Path, width: int = 400) -> None:
    module = PLATFORMS[platform]
    page = _PAGE.format(width=width, style=module.STYLE, platform=platform, body=module.html(payload))
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
