"""puma: a Ruby web server; in cluster mode it names its workers."""

from bot.domain.service import Ends, KnownService, Scaling, titled_workers

# The command line beats config/puma.rb and WEB_CONCURRENCY; the youngest goes (cluster.rb, cull_workers).
_SCALING = Scaling(
    options=("--workers", "-w"),
    spelling="-w",
    programs=("puma",),
    flags=("-q", "--quiet", "-v", "--debug", "--early-hints", "--preload", "--prune-bundler", "--silent"),
    variables=("WEB_CONCURRENCY",),
    fewer="TTOU",
    more="TTIN",
    ends=Ends.YOUNGEST,
    reload="restart by a signal (USR2)",
    restarting="requests fail while it restarts",
)

SERVICE = KnownService(
    name="puma",
    purpose="runs the Ruby web application",
    advice="fewer workers (WEB_CONCURRENCY) or threads use less",
    without="the application does not answer",
    programs=("puma",),
    units=("puma.service", "puma@*.service"),
    workers=titled_workers("puma: cluster worker"),
    scaling=_SCALING,
)
