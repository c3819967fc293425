"""containerd: runs containers for docker or Kubernetes, with one shim for each container or pod."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="containerd",
    purpose="runs containers, one shim each",
    advice="essential; fewer containers need fewer shims",
    programs=("containerd", "containerd-shim*"),
    units=("containerd.service",),
    essential=True,
    hosts_others=True,
)
