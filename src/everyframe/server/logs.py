"""The log: lines of text for people, or JSON objects for programs."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

from everyframe.sources.names import masked

_FIELDS = ("method", "path", "status", "seconds", "camera", "kind", "event")


class JsonFormatter(logging.Formatter):
    """One JSON object a line: ``time``, ``level``, ``logger``, ``message``, and what else is known."""

    def format(self, record: logging.LogRecord) -> str:
        """Say a record; addresses in it lose their passwords."""
        fields: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        fields |= {name: getattr(record, name) for name in _FIELDS if hasattr(record, name)}
        if record.exc_info:
            fields["trace"] = masked(self.formatException(record.exc_info))
        return json.dumps(fields, ensure_ascii=False, default=str)


class TextFormatter(logging.Formatter):
    """A line of text; addresses in it lose their passwords."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        """Say a record."""
        return masked(super().format(record))


def begin(form: str, level: str) -> None:
    """Send the log of this process to standard error.

    Args:
        form: ``text`` or ``json``.
        level: From which level on.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in ("alembic", "websockets", "httpx", "asyncio", "engineio", "socketio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
