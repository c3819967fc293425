"""`python -m tests.hosts up`: boot the seed host, say how to reach it, and keep it until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys

from .commands import HostsError
from .lab import lab
from .services import SEED


def main() -> int:
    """Run the command line and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.hosts", description=__doc__)
    parser.add_argument("command", choices=["up"])
    parser.parse_args()
    try:
        _up()
    except HostsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nstopped, everything removed\n")
    return 0


def _up() -> None:
    sys.stderr.write(
        "booting; the first time on this machine the root file system is built, which takes minutes\n"
    )
    with lab() as place, place.boot("web-1", services=SEED) as host:
        known_hosts = host.key_file.parent / "known_hosts"
        known_hosts.write_text(f"{host.host_key_line}\n")
        sys.stdout.write(
            f"address      {host.address} port {host.port}\n"
            f"users        {' '.join(host.users)}\n"
            f"key          {host.key_file}\n"
            f"known_hosts  {known_hosts}\n"
            f"             {host.host_key_line}\n"
            f"try          ssh -i {host.key_file} -o UserKnownHostsFile={known_hosts} deploy@{host.address}\n"
            f"a root shell nsenter --target {host.leader_pid} --all --root --wd\n"
            "Ctrl-C ends it.\n"
        )
        sys.stdout.flush()
        signal.pause()


if __name__ == "__main__":
    sys.exit(main())
