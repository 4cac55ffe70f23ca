# Polosa in one container: web server, worker and scheduler. Made for a Hugging Face Docker Space (user 1000,
# port 7860) and good for any container host. No torch: pyannote.audio is left out, the baseline tells voices
# apart; GigaAM runs on the processor.
FROM python:3.12-slim

# ca-certificates: the HTTP client trusts the system's certificates and brings none of its own.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 1000 user \
    && install -d -o user -g user /home/user/app /home/user/data

USER user
ENV HOME=/home/user \
    PATH=/home/user/.local/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /home/user/app

# The packages first: they change less often than the code.
COPY --chown=user requirements.txt pyproject.toml README.md LICENSE ./
COPY --chown=user automation/version.py automation/version.py
RUN mkdir -p providers demo \
    && touch automation/__init__.py providers/__init__.py demo/__init__.py \
    && pip install --user -e '.[worker]'

COPY --chown=user . .

ENV HOST=0.0.0.0 \
    PORT=7860 \
    TRUSTED_PROXIES=1 \
    POLOSA_DATA=/home/user/data \
    HF_HOME=/home/user/.cache/huggingface \
    HF_HUB_DISABLE_TELEMETRY=1 \
    PYANNOTE_METRICS_ENABLED=0
EXPOSE 7860
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s CMD \
    ["python", "-c", "import os, urllib.request as u; u.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/health', timeout=4)"]
CMD ["python", "-m", "automation", "run"]
