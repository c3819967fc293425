"""docker: the daemon and its port proxies; the containers belong to their own cgroups."""

from bot.domain.service import KnownService

SERVICE = KnownService(
    name="docker",
    purpose="runs containers",
    advice="essential; its containers are counted by themselves",
    programs=("dockerd", "docker-proxy", "docker-init"),
    units=("docker.service",),
    essential=True,
    hosts_others=True,
)
