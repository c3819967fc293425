"""dbus: messages between system services; may have started some of them itself."""

from bot.domain.service import Group, KnownService

SERVICE = KnownService(
    name="dbus",
    purpose="passes messages between system services",
    advice="essential",
    programs=("dbus-daemon", "dbus-broker", "dbus-broker-launch"),
    units=("dbus.service", "dbus-daemon.service", "dbus-broker.service"),
    group=Group.SYSTEM,
    essential=True,
    hosts_others=True,
)
