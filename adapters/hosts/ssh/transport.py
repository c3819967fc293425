"""One hop: key exchange, the check of its host key, login."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

import paramiko
from paramiko.common import MSG_CHANNEL_DATA, MSG_CHANNEL_EXTENDED_DATA
from paramiko.message import Message

from adapters.hosts.ssh import known_keys
from adapters.hosts.ssh.packets import BoundedPacketizer, Compressor, Decompressor
from adapters.hosts.ssh.wording import printable, reason
from bot.domain.host import HostKey
from bot.errors import HostKeyChanged, HostKeyUnknown, HostUnreachable, LoginRefused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from adapters.hosts.deadline import Deadline
    from adapters.hosts.ssh.keys import Identity
    from adapters.hosts.ssh.route import Hop
    from adapters.hosts.ssh.stream import Stream

# What paramiko raises when a connection breaks or the other side breaks the rules.
BROKEN = (paramiko.SSHException, EOFError, OSError)

# Its reader looks this often whether it is still wanted; its own ten times a second is felt with many hosts.
_IDLE_POLL_S = 5.0
_KEEPALIVE_S = 15
_REKEY_S = 5.0
# The cheapest safe cipher first. CBC modes and MD5 are left out.
_CIPHERS = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
_DIGESTS = (
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
)
_ECDSA = ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521")
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
# The kinds of host keys, each with the algorithms that show it; SHA-1 signatures (ssh-rsa) are left out.
KEY_KINDS = (("ssh-ed25519",), _ECDSA, _RSA)


_Handler = Callable[[paramiko.Channel, Message], None]
# paramiko has no public way to what handles its messages, and its stubs leave this one out.
_HANDLERS: dict[int, _Handler] = paramiko.Transport._channel_handler_table  # type: ignore[attr-defined] # noqa: SLF001


def _within_window(take: _Handler) -> _Handler:
    """Hold a host to the window it was given: what nobody reads must not pile up here."""

    def check(channel: paramiko.Channel, message: Message) -> None:
        take(channel, message)
        unread = len(channel.in_buffer) + len(channel.in_stderr_buffer)
        if unread > channel.in_window_size:
            raise paramiko.SSHException("the host sends more than it was asked for")

    return check


class Transport(paramiko.Transport):
    """paramiko's protocol thread, idle when there is nothing to do and quiet when it dies."""

    _channel_handler_table: ClassVar = {
        **_HANDLERS,
        MSG_CHANNEL_DATA: _within_window(_HANDLERS[MSG_CHANNEL_DATA]),
        MSG_CHANNEL_EXTENDED_DATA: _within_window(_HANDLERS[MSG_CHANNEL_EXTENDED_DATA]),
    }

    _active_check_timeout = _IDLE_POLL_S
    _compression_info: ClassVar = {"zlib@openssh.com": (Compressor, Decompressor), "none": (None, None)}

    def __init__(self, stream: Stream | paramiko.Channel, algorithms: Sequence[str]) -> None:
        # Its thread logs what a host says, tracebacks too; what matters of it comes back as an error.
        logging.getLogger("paramiko").setLevel(logging.CRITICAL + 1)
        super().__init__(stream, packetizer_class=BoundedPacketizer)
        self.clear_to_send_timeout = _REKEY_S
        options = self.get_security_options()
        options.ciphers = _CIPHERS
        options.digests = _DIGESTS
        options.key_types = algorithms
        # Costs the host 2 ms for 50 KB and saves two round trips; begins only after the login.
        options.compression = ("zlib@openssh.com", "none")

    def get_exception(self) -> Exception | None:
        """Return why the connection died; whatever a host made paramiko trip over is a protocol error."""
        error = super().get_exception()
        return error if error is None or isinstance(error, BROKEN) else paramiko.SSHException(repr(error))

    def close(self) -> None:
        """Close the connection and end its thread and timer, whatever state it is in."""
        self.packetizer.complete_handshake()
        super().close()
        self.sock.close()


def exchange_keys(transport: Transport, hop: Hop, deadline: Deadline) -> HostKey:
    """Begin to speak SSH; return the host key that the other side proved to have. Raises HostUnreachable."""
    done = threading.Event()
    transport.handshake_timeout = transport.banner_timeout = deadline.left_s
    transport.start_client(event=done)
    if not done.wait(deadline.left_s):
        missing = "finish the key exchange" if transport.remote_version else "speak SSH"
        raise HostUnreachable(
            f"{hop.place} accepted the connection but did not {missing} within {deadline.allowed_s:g} s."
        )
    if not transport.is_active() or transport.host_key is None:
        error = transport.get_exception()
        raise HostUnreachable(f"{hop.place} does not speak SSH with us: {reason(error)}.") from error
    return HostKey(transport.host_key.get_name(), transport.host_key.asbytes())


def pins_of(hop: Hop) -> known_keys.Pins:
    """Return what is pinned for a hop. Raises HostKeyUnknown when that cannot be read."""
    try:
        return known_keys.pins(hop.known_hosts, hop.pinned_as)
    except OSError as error:
        raise HostKeyUnknown(
            f"The key of {hop.name} cannot be checked: {hop.known_hosts} cannot be read ({reason(error)})."
        ) from error


def preferred_algorithms(pins: known_keys.Pins) -> tuple[str, ...]:
    """Return the host key algorithms to offer, those first whose key is pinned."""
    pinned = {key.type for key in pins.keys}
    algorithms = [algorithm for kind in KEY_KINDS for algorithm in kind]
    return tuple(sorted(algorithms, key=lambda algorithm: _key_type(algorithm) not in pinned))


def check_key(hop: Hop, key: HostKey, pins: known_keys.Pins) -> None:
    """Let only a pinned key pass. Raises HostKeyUnknown, HostKeyChanged; nothing of ours was sent by then."""
    if pins.allow(key):
        return
    if key in pins.revoked:
        raise HostKeyChanged(
            f"{hop.subject} shows a host key that {hop.known_hosts} marks as revoked ({key.fingerprint}). "
            "Nothing was sent."
        )
    if not pins.keys:
        raise HostKeyUnknown(
            f"The host key of {hop.place} is not pinned ({key.fingerprint}). Nothing was sent. "
            f"Compare it and pin it: memwarden trust {hop.target}."
        )
    same_type = [pinned for pinned in pins.keys if pinned.type == key.type] or list(pins.keys)
    raise HostKeyChanged(
        f"{hop.subject} shows another host key than the pinned one "
        f"({key.fingerprint} instead of {same_type[0].fingerprint}). Nothing was sent. "
        f"If you reinstalled it: memwarden trust {hop.target}."
    )


def log_in(transport: Transport, hop: Hop, identities: Sequence[Identity], deadline: Deadline) -> None:
    """Log in with the first key that the hop takes. Raises LoginRefused, HostUnreachable."""
    for identity in identities:
        answered = threading.Event()
        try:
            transport.auth_publickey(hop.user, identity.key, event=answered)
        except BROKEN as error:
            raise _hung_up(hop, error) from error
        if not answered.wait(deadline.left_s):
            raise HostUnreachable(f"{hop.place} did not finish the login within {deadline.allowed_s:g} s.")
        if transport.is_authenticated():
            transport.set_keepalive(_KEEPALIVE_S)
            return
        refusal = transport.get_exception()
        if not transport.is_active():
            raise _hung_up(hop, refusal) from refusal
        if isinstance(refusal, paramiko.BadAuthenticationType | paramiko.ssh_exception.PartialAuthentication):
            raise _wants_more(hop, refusal) from refusal
    tried = ", ".join(printable(identity.label) for identity in identities)
    raise LoginRefused(
        f"{hop.place} refused the login of {hop.user} with {tried}: "
        f"add the public key to {hop.user}'s authorized_keys there, or set another `key_file` or `user`."
    )


def _hung_up(hop: Hop, error: Exception | None) -> LoginRefused:
    return LoginRefused(f"{hop.place} hung up during the login of {hop.user}: {reason(error)}.")


def _wants_more(
    hop: Hop, error: paramiko.BadAuthenticationType | paramiko.ssh_exception.PartialAuthentication
) -> LoginRefused:
    methods = printable(", ".join(error.allowed_types)) or "something else"
    return LoginRefused(
        f"{hop.place} does not let {hop.user} in with a key alone: "
        f"it asks for {methods}, which memwarden does not do."
    )


def _key_type(algorithm: str) -> str:
    return "ssh-rsa" if algorithm in _RSA else algorithm
