"""Logs: a constant sentence and fields. Text for people, JSON for collectors."""

from __future__ import annotations

import logging
import sys

from pythonjsonlogger.json import JsonFormatter

NAME = "polosa"  # of our handler: a second call takes its place
NOISY = (
    "httpx2",
    "httpcore2",
    "alembic",
    "apscheduler",
    "PIL",
    "markdown_it",
    "pymorphy3",
    "huggingface_hub",
)
_OWN = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


class TextFormatter(logging.Formatter):
    """`12:31:05 INFO stage done  action=stage_done stage=draft submission=3`."""

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        fields = [f"{name}={value}" for name, value in sorted(vars(record).items()) if name not in _OWN]
        return "  ".join([line, " ".join(fields)]) if fields else line


def set_up(level: str, style: str) -> None:
    """Sends all logs to standard error, once."""
    handler = logging.StreamHandler(sys.stderr)
    if style == "json":
        handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    else:
        handler.setFormatter(TextFormatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
    root = logging.getLogger()
    for old in [h for h in root.handlers if h.name == NAME]:
        root.removeHandler(old)
    handler.name = NAME
    root.addHandler(handler)
    root.setLevel(level)
    for noisy in NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
