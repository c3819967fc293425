"""Hosts over SSH: strict about whom they talk to, quick when warm, done in time.

From the outside in: `shell` runs commands on a host and reconnects when it must · `session` is one open
connection and the shells kept on it · `kept` one such shell, `execution` its fall-back · `connection` goes
hop by hop from here to the host · `transport` is one hop: key exchange, host key, login · `stream` its bytes.
Beside them: `route` says where to go, `ssh_config` reads ~/.ssh/config, `known_keys` what is pinned, `keys`
opens our own keys, `agent` asks the ssh-agent for more, `refusals` keeps from being locked out, `trust` pins.
"""

from __future__ import annotations

import sys

# paramiko imports this for `Match exec` alone, which we do not run: a third of its start-up time for nothing.
# None is how Python is told that there is no such module.
sys.modules.setdefault("invoke", None)  # type: ignore[arg-type] # sys.modules takes None, its stub does not say so
