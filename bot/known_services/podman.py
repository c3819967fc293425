"""podman: has no daemon of its own; a small monitor (conmon) stays with each container."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="podman",
    purpose="runs containers, one monitor each",
    advice="essential; fewer containers need fewer monitors",
    programs=("podman", "conmon"),
    units=("podman.service",),
    essential=True,
    hosts_others=True,
)
