# syntax=docker/dockerfile:1
FROM node:24-trixie-slim AS pages
WORKDIR /pages
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY api/web/build.js api/web/
COPY api/web/assets api/web/assets
RUN npm run build

FROM python:3.13-slim-trixie AS build
RUN python -m venv /opt/venv
COPY requirements.lock .
RUN --mount=type=cache,target=/root/.cache/pip \
    /opt/venv/bin/pip install --disable-pip-version-check --require-hashes --only-binary :all: \
    --requirement requirements.lock

FROM python:3.13-slim-trixie
RUN groupadd --system --gid 10001 verkeerstoren \
    && useradd --system --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin verkeerstoren
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/verkeerstoren
COPY alembic.ini ./
COPY domain domain
COPY app app
COPY api api
COPY --from=pages /pages/api/web/static/dist api/web/static/dist
COPY workers workers
COPY migrations migrations
RUN /opt/venv/bin/python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    VERKEERSTOREN_ENVIRONMENT=production \
    VERKEERSTOREN_HOST=0.0.0.0
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=4s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8080/health/ready', timeout=3)"]
# serve, worker, migrate, keys, doctor ...
ENTRYPOINT ["python", "-m", "app.cli"]
CMD ["serve"]
