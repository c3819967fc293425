"""What is recognised, in the shapes seen on Debian, Ubuntu, RHEL, Fedora, Alpine and in containers."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase

import pytest

import bot.known_services
from bot.catalogue import entries
from bot.domain.memory import ProcessMemory
from bot.domain.recognition import program_names
from bot.domain.service import Group, KnownService

KNOWN = entries(bot.known_services, "SERVICE", KnownService)
BY_NAME = {service.name: service for service in KNOWN}

SPAWNED = (
    "-c",
    "from multiprocessing.spawn import spawn_main; spawn_main(tracker_fd=7)",
    "--multiprocessing-fork",
)
TRACKER = ("-c", "from multiprocessing.resource_tracker import main;main(6)")

# The service, then `comm` and the command line.
PROGRAMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("gunicorn", "gunicorn", ("/usr/bin/python3", "/usr/bin/gunicorn", "--workers", "4", "shop.wsgi")),
    ("gunicorn", "python3.11", ("/srv/venv/bin/python3.11", "/srv/venv/bin/gunicorn", "shop.wsgi")),
    ("gunicorn", "python", ("python", "-m", "gunicorn", "-w", "2", "shop.wsgi")),
    ("gunicorn", "python3", ("python3", "-m", "gunicorn.app.wsgiapp", "shop.wsgi")),
    ("gunicorn", "gunicorn: maste", ("gunicorn: master [shop.wsgi]", "", "", "")),
    ("gunicorn", "gunicorn: worke", ("gunicorn: worker [shop.wsgi]", "", "", "")),
    ("daphne", "daphne", ("/srv/venv/bin/python3.11", "/srv/venv/bin/daphne", "-p", "8001", "shop.asgi")),
    ("daphne", "python", ("python", "-m", "daphne", "shop.asgi:application")),
    (
        "uvicorn",
        "uvicorn",
        ("/srv/venv/bin/python3.11", "/srv/venv/bin/uvicorn", "--workers", "2", "shop:app"),
    ),
    ("hypercorn", "hypercorn", ("/srv/venv/bin/python3.11", "/srv/venv/bin/hypercorn", "shop:app")),
    ("uwsgi", "uwsgi", ("/usr/bin/uwsgi", "--ini", "/etc/uwsgi/apps-enabled/shop.ini")),
    ("uwsgi", "uwsgi-core", ("uWSGI worker 1",)),
    ("celery", "celery", ("/usr/bin/python3", "/usr/local/bin/celery", "-A", "shop", "worker", "-c", "2")),
    ("celery", "[celeryd: celer", ("[celeryd: celery@web-1:MainProcess] -active- (-A shop worker -c 2)",)),
    ("celery", "[celeryd: celer", ("[celeryd: celery@web-1:ForkPoolWorker-1]", "", "")),
    ("celery", "[celery beat] -", ("[celery beat] -A shop beat", "", "")),
    ("puma", "ruby", ("puma 6.4.2 (tcp://0.0.0.0:3000) [shop]",)),
    ("puma", "ruby", ("puma: cluster worker 0: 4711 [shop]",)),
    ("sidekiq", "ruby", ("sidekiq 7.2.4 shop [0 of 5 busy]",)),
    ("php-fpm", "php-fpm8.2", ("php-fpm: master process (/etc/php/8.2/fpm/php-fpm.conf)",)),
    ("php-fpm", "php-fpm", ("php-fpm: pool www", "")),
    ("php-fpm", "php-fpm83", ("/usr/sbin/php-fpm83", "-F")),
    ("pm2", "PM2 v5.3.0: God", ("PM2 v5.3.0: God Daemon (/root/.pm2)",)),
    (
        "supervisor",
        "supervisord",
        ("/usr/bin/python3", "/usr/bin/supervisord", "-n", "-c", "/etc/supervisord.conf"),
    ),
    ("nginx", "nginx", ("nginx: master process /usr/sbin/nginx -g daemon on; master_process on;",)),
    ("nginx", "nginx", ("nginx: worker process", "")),
    ("nginx", "nginx", ("nginx: cache manager process", "")),
    ("apache", "apache2", ("/usr/sbin/apache2", "-k", "start")),
    ("apache", "httpd", ("/usr/sbin/httpd", "-DFOREGROUND")),
    ("apache", "apachectl", ("/bin/sh", "/usr/sbin/apachectl", "-D", "FOREGROUND")),
    ("caddy", "caddy", ("/usr/bin/caddy", "run", "--environ", "--config", "/etc/caddy/Caddyfile")),
    ("traefik", "traefik", ("traefik", "traefik", "--providers.docker")),
    ("haproxy", "haproxy", ("/usr/sbin/haproxy", "-Ws", "-f", "/etc/haproxy/haproxy.cfg")),
    ("redis", "redis-server", ("/usr/bin/redis-server 127.0.0.1:6379", "", "")),
    ("redis", "redis-server", ("redis-server unixsocket:/run/redis/redis.sock", "")),
    ("valkey", "valkey-server", ("valkey-server *:6379",)),
    ("memcached", "memcached", ("/usr/bin/memcached", "-m", "64", "-p", "11211")),
    ("postgresql", "postgres", ("/usr/lib/postgresql/15/bin/postgres", "-D", "/var/lib/postgresql/15/main")),
    ("postgresql", "postgres", ("postgres: 15/main: checkpointer ", "")),
    ("postgresql", "postgres", ("postgres: shop shop 127.0.0.1(51234) idle",)),
    ("mysql", "mysqld", ("/usr/sbin/mysqld",)),
    ("mysql", "mysqld_safe", ("/bin/sh", "/usr/bin/mysqld_safe", "--datadir=/var/lib/mysql")),
    ("mariadb", "mariadbd", ("/usr/sbin/mariadbd", "--user=mysql")),
    ("mongodb", "mongod", ("/usr/bin/mongod", "--config", "/etc/mongod.conf")),
    (
        "elasticsearch",
        "java",
        (
            "/usr/share/elasticsearch/jdk/bin/java",
            "-Xms1g",
            "-m",
            "org.elasticsearch.server/org.elasticsearch.bootstrap.Elasticsearch",
        ),
    ),
    ("rabbitmq", "rabbitmq-server", ("/bin/sh", "/usr/sbin/rabbitmq-server")),
    (
        "docker",
        "dockerd",
        ("/usr/bin/dockerd", "-H", "fd://", "--containerd=/run/containerd/containerd.sock"),
    ),
    ("docker", "docker-proxy", ("/usr/bin/docker-proxy", "-proto", "tcp", "-host-port", "5432")),
    ("containerd", "containerd", ("/usr/bin/containerd",)),
    (
        "containerd",
        "containerd-shim",
        ("/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", "4f0c"),
    ),
    ("podman", "conmon", ("/usr/bin/conmon", "--api-version", "1", "-c", "4f0c")),
    ("kubelet", "kubelet", ("/usr/bin/kubelet", "--config=/var/lib/kubelet/config.yaml")),
    ("k3s", "k3s-server", ("/usr/local/bin/k3s server", "")),
    ("prometheus", "prometheus", ("/usr/bin/prometheus",)),
    ("node-exporter", "prometheus-node", ("/usr/bin/prometheus-node-exporter",)),
    ("node-exporter", "node_exporter", ("/bin/node_exporter", "--path.rootfs=/host")),
    ("grafana", "grafana", ("/usr/share/grafana/bin/grafana", "server")),
    ("exim", "exim4", ("/usr/sbin/exim4", "-bd", "-q30m")),
    ("dovecot", "dovecot", ("/usr/sbin/dovecot", "-F")),
    ("ssh", "sshd", ("sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups", "")),
    ("ssh", "sshd", ("sshd: deploy [priv]", "")),
    ("ssh", "sshd-session", ("sshd-session: deploy@pts/0", "")),
    ("ssh", "dropbear", ("/usr/sbin/dropbear", "-EF", "-p", "22")),
    ("systemd", "systemd", ("/sbin/init", "splash")),
    ("systemd", "systemd", ("/lib/systemd/systemd", "--user")),
    ("systemd", "(sd-pam)", ("(sd-pam)", "")),
    ("systemd", "(udev-worker)", ("(udev-worker)", "")),
    ("systemd", "systemd-resolve", ("/lib/systemd/systemd-resolved",)),
    ("systemd", "systemd-userwor", ("systemd-userwork: waiting...", "")),
    ("journald", "systemd-journal", ("/lib/systemd/systemd-journald",)),
    ("dbus", "dbus-daemon", ("/usr/bin/dbus-daemon", "--system", "--address=systemd:", "--nofork")),
    ("dbus", "dbus-broker-lau", ("/usr/bin/dbus-broker-launch", "--scope", "system")),
    ("cron", "cron", ("/usr/sbin/cron", "-f")),
    ("cron", "cron", ("/usr/sbin/CRON", "-f")),
    ("cron", "crond", ("/usr/sbin/crond", "-n")),
    ("cron", "crond", ("busybox", "crond", "-f")),
    ("rsyslog", "rsyslogd", ("/usr/sbin/rsyslogd", "-n", "-iNONE")),
    ("getty", "agetty", ("/sbin/agetty", "-o", "-p -- \\u", "--noclear", "tty1", "linux")),
    ("polkit", "polkitd", ("/usr/lib/polkit-1/polkitd", "--no-debug")),
    ("chrony", "chronyd", ("/usr/sbin/chronyd", "-F", "1")),
    ("networkmanager", "NetworkManager", ("/usr/sbin/NetworkManager", "--no-daemon")),
    ("firewalld", "firewalld", ("/usr/bin/python3", "-s", "/usr/sbin/firewalld", "--nofork", "--nopid")),
    ("fail2ban", "fail2ban-server", ("/usr/bin/python3", "/usr/bin/fail2ban-server", "-xf", "start")),
    ("snapd", "snapd", ("/usr/lib/snapd/snapd",)),
    ("multipathd", "multipathd", ("/sbin/multipathd", "-d", "-s")),
    (
        "unattended-upgrades",
        "unattended-upgr",
        (
            "/usr/bin/python3",
            "/usr/share/unattended-upgrades/unattended-upgrade-shutdown",
            "--wait-for-signal",
        ),
    ),
    ("packagekit", "packagekitd", ("/usr/libexec/packagekitd",)),
    ("fwupd", "fwupd", ("/usr/libexec/fwupd/fwupd",)),
    ("udisks", "udisksd", ("/usr/libexec/udisks2/udisksd",)),
    ("modemmanager", "ModemManager", ("/usr/sbin/ModemManager",)),
    ("networkd-dispatcher", "networkd-dispat", ("/usr/bin/python3", "/usr/bin/networkd-dispatcher", "-T")),
    ("tuned", "tuned", ("/usr/bin/python3", "-Es", "/usr/sbin/tuned", "-l", "-P")),
)

NOT_PROGRAMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("python", ("python", "manage.py", "runserver")),
    ("python3.11", ("/srv/venv/bin/python3.11", "/srv/gunicorn/manage.py")),
    ("python3.11", ("/usr/bin/python3.11", *SPAWNED)),
    ("python3.11", ("/usr/bin/python3.11", *TRACKER)),
    ("gunicornc", ("/usr/bin/python3", "/usr/bin/gunicornc")),
    ("nginx-exporter", ("/usr/bin/nginx-exporter",)),
    ("nginx-prometheu", ("/usr/bin/nginx-prometheus-exporter",)),
    ("php-fpm_exporte", ("/usr/bin/php-fpm_exporter", "server")),
    ("php", ("php", "artisan", "queue:work")),
    ("redis-cli", ("redis-cli", "monitor")),
    ("redis-sentinel", ("/usr/bin/redis-sentinel *:26379 [sentinel]",)),
    ("redis_exporter", ("/usr/bin/redis_exporter",)),
    ("valkey-cli", ("valkey-cli",)),
    ("memcached_expor", ("/usr/bin/memcached_exporter",)),
    ("psql", ("/usr/lib/postgresql/15/bin/psql", "postgres")),
    ("pg_dump", ("/usr/lib/postgresql/15/bin/pg_dump", "postgres")),
    ("postgres_export", ("/usr/bin/postgres_exporter",)),
    ("mysqldump", ("mysqldump", "shop")),
    ("mysql", ("mysql", "-u", "root")),
    ("mysqld_exporter", ("/usr/bin/mysqld_exporter",)),
    ("mariadb", ("mariadb", "shop")),
    ("mongosh", ("mongosh",)),
    ("java", ("/usr/bin/java", "-jar", "/srv/shop.jar")),
    ("beam.smp", ("/usr/lib/erlang/erts-13/bin/beam.smp", "-W", "w", "--", "-root", "/usr/lib/erlang")),
    ("master", ("/usr/lib/postfix/sbin/master", "-w")),
    ("node", ("node", "/srv/pm2/server.js")),
    ("docker", ("docker", "logs", "-f", "shop")),
    ("ssh", ("ssh", "web-1")),
    ("ssh-agent", ("ssh-agent", "-s")),
    ("sshfs", ("sshfs", "web-1:/srv", "/mnt")),
    ("ssh-keygen", ("ssh-keygen", "-A")),
    ("systemd-inhibit", ("systemd-inhibit", "sleep", "60")),
    ("systemd-nspawn", ("systemd-nspawn", "--boot")),
    ("systemctl", ("systemctl", "restart", "nginx")),
    ("journalctl", ("journalctl", "-f", "-u", "nginx")),
    ("crontab", ("crontab", "-e")),
    ("vim", ("vim", "/etc/nginx/nginx")),
    ("tail", ("tail", "-f", "/var/log/nginx")),
    ("init", ("/sbin/init",)),
    ("snap", ("snap", "refresh")),
    ("node", ("/usr/local/bin/node", "/srv/shop/server.js")),
)

UNITS = (
    ("gunicorn", ("gunicorn.service", "gunicorn@shop.service")),
    ("daphne", ("daphne.service",)),
    ("uvicorn", ("uvicorn.service",)),
    ("uwsgi", ("uwsgi.service", "uwsgi@shop.service", "uwsgi-app@shop.service", "emperor.uwsgi.service")),
    ("celery", ("celery.service", "celery@mail.service", "celerybeat.service")),
    ("php-fpm", ("php-fpm.service", "php8.2-fpm.service", "php82-php-fpm.service")),
    ("tomcat", ("tomcat.service", "tomcat9.service", "tomcat10.service", "tomcat@shop.service")),
    ("pm2", ("pm2-root.service",)),
    ("supervisor", ("supervisor.service", "supervisord.service")),
    ("nginx", ("nginx.service", "openresty.service")),
    ("apache", ("apache2.service", "apache2@shop.service", "httpd.service", "httpd@shop.service")),
    ("haproxy", ("haproxy.service",)),
    ("redis", ("redis.service", "redis@6380.service", "redis-server.service", "redis-server@6380.service")),
    ("valkey", ("valkey.service", "valkey@6380.service", "valkey-server.service")),
    ("memcached", ("memcached.service", "memcached@2.service")),
    ("postgresql", ("postgresql.service", "postgresql@15-main.service", "postgresql-15.service")),
    ("mysql", ("mysql.service", "mysqld.service", "mysqld@replica.service")),
    ("mariadb", ("mariadb.service", "mariadb@1.service")),
    ("mongodb", ("mongod.service", "mongodb.service")),
    ("elasticsearch", ("elasticsearch.service",)),
    ("opensearch", ("opensearch.service",)),
    ("rabbitmq", ("rabbitmq-server.service",)),
    ("docker", ("docker.service",)),
    ("containerd", ("containerd.service",)),
    ("k3s", ("k3s.service", "k3s-agent.service")),
    ("prometheus", ("prometheus.service",)),
    ("node-exporter", ("prometheus-node-exporter.service", "node_exporter.service")),
    ("postfix", ("postfix.service", "postfix@-.service")),
    ("ssh", ("ssh.service", "sshd.service", "ssh@0-10.0.0.1:22-10.0.0.2:51234.service")),
    (
        "systemd",
        ("init.scope", "systemd-logind.service", "systemd-udevd.service", "systemd-timesyncd.service"),
    ),
    ("journald", ("systemd-journald.service", "systemd-journald@audit.service")),
    ("dbus", ("dbus.service", "dbus-broker.service")),
    ("cron", ("cron.service", "crond.service", "cronie.service")),
    ("rsyslog", ("rsyslog.service",)),
    ("getty", ("getty@tty1.service", "serial-getty@ttyS0.service")),
    ("chrony", ("chrony.service", "chronyd.service")),
)

NOT_UNITS = (
    "shop.service",
    "nginx-exporter.service",
    "redis-exporter.service",
    "redis-sentinel.service",
    "redis-server-backup.service",
    "postgresql-exporter.service",
    "pg_dump@15-main.service",
    "php-fpm-exporter.service",
    "celery-exporter.service",
    "tomcat-exporter.service",
    "apache-htcacheclean.service",
    "cron-daily.service",
    "prometheus-redis-exporter.service",
    "postfix-resolvconf.service",
    "systemd-nspawn@web.service",
    "user@1000.service",
    "session-3.scope",
    "docker-4f0c.scope",
    "system.slice",
)


def process(comm: str, cmdline: tuple[str, ...]) -> ProcessMemory:
    return ProcessMemory(
        pid=100,
        ppid=1,
        started_ticks=1,
        uid=0,
        comm=comm,
        cmdline=cmdline,
        rss_anon_bytes=0,
        rss_file_bytes=0,
        rss_shmem_bytes=0,
        swap_bytes=0,
    )


def recognised_by_program(comm: str, cmdline: tuple[str, ...]) -> set[str]:
    names = program_names(process(comm, cmdline))
    return {
        service.name
        for service in KNOWN
        if any(fnmatchcase(name, pattern) for name in names for pattern in service.programs)
    }


def recognised_by_unit(unit: str) -> set[str]:
    return {s.name for s in KNOWN if any(fnmatchcase(unit, pattern) for pattern in s.units)}


@pytest.mark.parametrize(("service", "comm", "cmdline"), PROGRAMS)
def test_a_process_is_recognised_by_what_it_runs(service: str, comm: str, cmdline: tuple[str, ...]) -> None:
    assert recognised_by_program(comm, cmdline) == {service}


@pytest.mark.parametrize(("comm", "cmdline"), NOT_PROGRAMS)
def test_a_process_with_a_similar_name_is_not_recognised(comm: str, cmdline: tuple[str, ...]) -> None:
    assert recognised_by_program(comm, cmdline) == set()


@pytest.mark.parametrize(("service", "unit"), [(name, unit) for name, units in UNITS for unit in units])
def test_a_unit_is_recognised_by_its_name(service: str, unit: str) -> None:
    assert recognised_by_unit(unit) == {service}


@pytest.mark.parametrize("unit", NOT_UNITS)
def test_a_unit_with_a_similar_name_is_not_recognised(unit: str) -> None:
    assert recognised_by_unit(unit) == set()


@pytest.mark.parametrize("service", KNOWN, ids=lambda service: service.name)
def test_an_entry_says_what_it_is_and_what_can_be_done(service: KnownService) -> None:
    for text in (service.name, service.purpose, service.advice):
        assert text == text.strip()
        assert 0 < len(text) <= 75
        assert "\n" not in text
        assert not text.endswith(".")
    assert service.units
    assert all(unit.endswith((".service", ".scope")) for unit in service.units)


def test_no_two_entries_have_the_same_name_program_or_unit() -> None:
    claims = Counter[str]()
    for service in KNOWN:
        claims.update((f"name {service.name}", *service.programs, *service.units))

    assert [claim for claim, count in claims.items() if count > 1] == []


def test_every_service_of_the_system_is_essential() -> None:
    assert [s.name for s in KNOWN if s.group is Group.SYSTEM and not s.essential] == []


@pytest.mark.parametrize("service", ["ssh", "cron", "docker", "containerd", "systemd", "supervisor", "pm2"])
def test_what_starts_programs_of_others_does_not_own_them(service: str) -> None:
    assert BY_NAME[service].hosts_others


@pytest.mark.parametrize("service", ["ssh", "systemd", "journald", "dbus", "postgresql", "mysql", "nginx"])
def test_what_a_machine_cannot_do_without_is_never_offered_for_stopping(service: str) -> None:
    assert BY_NAME[service].essential
