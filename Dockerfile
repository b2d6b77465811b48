# The image of mindreel's workers: `docker build .`, or with CUDA: `docker build --target worker-cuda .`

FROM python:3.11.15-slim-bookworm AS packages
WORKDIR /build
COPY deploy/build.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement build.lock
COPY pyproject.toml requirements.lock ./
# The lock also holds what tests need. What mindreel itself needs is chosen first; versions and hashes are the
# lock's, and a package that is missing there ends the build.
RUN uv venv /opt/venv \
    && uv pip compile --quiet --constraint requirements.lock --output-file runtime.txt pyproject.toml \
    && uv pip sync --no-cache --python /opt/venv/bin/python --compile-bytecode \
        --require-hashes --constraint requirements.lock runtime.txt

FROM packages AS packages-cuda
COPY deploy/cuda.lock ./
RUN uv pip install --no-cache --python /opt/venv/bin/python --require-hashes --requirement cuda.lock

FROM python:3.11.15-slim-bookworm AS app
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin mindreel \
    && install --directory --owner=mindreel --group=mindreel /data
WORKDIR /app
COPY pyproject.toml starter.py worker_main.py ./
COPY mindreel mindreel
COPY workflows workflows
COPY activities activities
COPY schedules schedules
COPY deploy/health.py deploy/
RUN python -m compileall -q .
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    MINDREEL_HOME=/data \
    MINDREEL_LOG_FORMAT=json
USER 10001:10001
HEALTHCHECK --interval=60s --timeout=20s --start-period=120s --retries=3 CMD ["python", "deploy/health.py"]
ENTRYPOINT ["python", "worker_main.py"]
CMD ["--queues", "cpu", "gpu"]

FROM app AS worker-cuda
COPY --from=packages-cuda /opt/venv /opt/venv
# For the NVIDIA runtime: which devices and which of the driver's parts the container gets.
ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility

# The last target is what a build without --target makes.
FROM app AS worker
COPY --from=packages /opt/venv /opt/venv
