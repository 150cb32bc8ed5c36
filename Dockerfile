# Two stages: the first installs, the second has only what runs. `docker compose up` builds and starts it.
ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build

COPY requirements.lock /build/
# Ready-made wheels only, each held against its hash in the lock: no stage ever needs a compiler.
RUN python -m venv --without-pip /opt/easel \
 && python -m pip --python /opt/easel/bin/python install \
        --no-cache-dir --disable-pip-version-check --root-user-action ignore \
        --only-binary :all: --require-hashes --requirement /build/requirements.lock

COPY bot /opt/easel/app/bot
COPY cogs /opt/easel/app/cogs
# Compiled here, because the container's own file system is read-only.
RUN python -m compileall -q /opt/easel/app


FROM python:${PYTHON}-slim

# Nothing is installed in a running container, so pip goes. The bot's user owns the one folder it writes to.
RUN python -m pip uninstall --yes --quiet --root-user-action ignore pip \
 && useradd --uid 10001 --user-group --no-create-home --home-dir /var/lib/easel --shell /usr/sbin/nologin easel \
 && install --directory --owner easel --group easel /var/lib/easel /var/lib/easel/images

COPY --from=build /opt/easel /opt/easel

ENV PATH=/opt/easel/bin:$PATH \
    PYTHONPATH=/opt/easel/app \
    PYTHONSAFEPATH=1 \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    EASEL_HTTP_HOST=0.0.0.0

USER easel
# Relative paths count from here: the originals in images/ now, the database in data/ when there is one.
WORKDIR /var/lib/easel
VOLUME /var/lib/easel
EXPOSE 8080

# Alive, not ready: a bot that waits for Discord to come back is not helped by a restart. No proxy, whatever
# the environment says, and nothing to ask where the operator turned the server off (EASEL_HTTP_PORT=0).
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; port = os.environ.get('EASEL_HTTP_PORT') or '8080'; port == '0' or u.build_opener(u.ProxyHandler({})).open(f'http://127.0.0.1:{port}/healthz', timeout=4)"]

# Finishes the pictures under way first, for up to EASEL_DRAIN seconds: give it longer than that.
STOPSIGNAL SIGTERM
CMD ["python", "-m", "bot", "run"]
