# docker build -t memwarden .
# docker run -it --read-only -v memwarden:/var/lib/memwarden memwarden

FROM python:3.13-slim AS build
WORKDIR /src
RUN python3 -m venv --without-pip /opt/memwarden
COPY requirements.lock ./
# Wheels only: to build one from source, pip would fetch tools that are not in the lock.
RUN pip --python /opt/memwarden install --no-cache-dir --disable-pip-version-check \
        --only-binary :all: --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY adapters adapters
COPY bot bot
RUN pip --python /opt/memwarden install --no-cache-dir --disable-pip-version-check \
        --no-index --no-deps --no-build-isolation . \
    && pip --python /opt/memwarden uninstall --yes setuptools

FROM python:3.13-slim
# The base image comes without the standard library's bytecode, which a user without rights cannot keep: each
# start would compile it anew and take twice as long.
RUN pip uninstall --yes --root-user-action ignore pip \
    && python3 -m compileall -q -j 0 "$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))')" \
    && useradd --uid 10001 --no-log-init --no-create-home --home-dir /var/lib/memwarden \
        --shell /usr/sbin/nologin memwarden \
    && install --directory --owner memwarden --group memwarden --mode 0700 /var/lib/memwarden
COPY --from=build /opt/memwarden /opt/memwarden
# HOME also for a user that --user makes up; the database is memwarden/ below XDG_STATE_HOME.
ENV PATH=/opt/memwarden/bin:$PATH HOME=/var/lib/memwarden XDG_STATE_HOME=/var/lib
USER 10001:10001
# Here live config.toml, .ssh (key, known_hosts, config) and the database; nothing else is written.
WORKDIR /var/lib/memwarden
VOLUME /var/lib/memwarden
ENTRYPOINT ["memwarden"]
CMD ["run"]
