"""k3s: Kubernetes in one program; its containerd and pods are counted by themselves."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="k3s",
    purpose="runs Kubernetes",
    advice="essential; its pods are counted by themselves",
    programs=("k3s", "k3s-server", "k3s-agent"),
    units=("k3s.service", "k3s-agent.service"),
    essential=True,
    hosts_others=True,
)
