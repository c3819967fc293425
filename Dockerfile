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
RUN useradd --uid 10001 --no-log-init --no-create-home --home-dir /var/lib/memwarden \
        --shell /usr/sbin/nologin memwarden \
    && install --directory --owner memwarden --group memwarden --mode 0700 /var/lib/memwarden
COPY --from=build /opt/memwarden /opt/memwarden
ENV PATH=/opt/memwarden/bin:$PATH HOME=/var/lib/memwarden XDG_STATE_HOME=/var/lib
USER 10001:10001
WORKDIR /var/lib/memwarden
VOLUME /var/lib/memwarden
ENTRYPOINT ["memwarden"]
CMD ["run"]
