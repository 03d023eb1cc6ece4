# The local service in a container: docker build -t ceyx . && docker run --rm -p 8080:8080 -e CEYX_SERVE_KEYS=local ceyx
# Other machines can reach a container's port, so it starts with keys only; any option of `ceyx serve` may follow the image's name.
FROM python:3.13-slim AS build
WORKDIR /build
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/ceyx && /opt/ceyx/bin/pip install --no-cache-dir '.[cli,tls]'

FROM python:3.13-slim
COPY --from=build /opt/ceyx /opt/ceyx
RUN useradd --system --uid 10001 --create-home --home-dir /data ceyx
USER 10001
WORKDIR /data
ENV PATH=/opt/ceyx/bin:$PATH PYTHONUNBUFFERED=1
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=3s \
    CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8080), 2).close()"]
# SIGINT is what `ceyx serve` ends on, in its own time.
STOPSIGNAL SIGINT
ENTRYPOINT ["ceyx", "serve", "--host", "0.0.0.0", "--port", "8080"]
