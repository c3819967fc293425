"""kubelet: the Kubernetes agent of a node."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="kubelet",
    purpose="runs this node's pods",
    advice="essential; its pods are counted by themselves",
    programs=("kubelet",),
    units=("kubelet.service",),
    essential=True,
    hosts_others=True,
)
