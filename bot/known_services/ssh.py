"""ssh: the ssh server and its sessions; who is logged in runs programs of their own below it."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="ssh",
    purpose="lets people and memwarden log in",
    advice="essential; each open session adds some",
    programs=("sshd", "sshd-session", "sshd-auth", "sftp-server", "dropbear"),
    units=(
        "ssh.service",
        "ssh@*.service",
        "sshd.service",
        "sshd@*.service",
        "dropbear.service",
        "dropbear@*.service",
    ),
    group=Group.SYSTEM,
    essential=True,
    hosts_others=True,
)
