"""Settings: one table; each variable is read once, and a wrong value stops the start by name.

The variables of a backend stand in the backend's own file (its `SETTINGS`); `all_settings()` lists both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from automation.errors import BadSetting
from providers.budgets import parse_budgets, parse_prices


@dataclass(frozen=True, slots=True)
class Setting:
    name: str
    read: Callable[[str], Any]  # raises ValueError whose text ends the sentence "NAME must be …"
    default: str
    help: str


def _number(low: float, high: float, kind: Callable[[str], Any] = int) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            value = kind(text)
        except ValueError:
            value = None
        if value is None or not low <= value <= high:
            raise ValueError(f"a number from {low} to {high}")
        return value

    return read


def _choice(*allowed: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return text

    return read


def _flag(text: str) -> bool:
    if text.lower() not in {"0", "1", "yes", "no", "true", "false", "on", "off"}:
        raise ValueError("1 or 0")
    return text.lower() in {"1", "yes", "true", "on"}


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("a time zone name such as Europe/Kyiv") from error


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _url(text: str) -> str:
    if text and not text.startswith(("http://", "https://")):
        raise ValueError("an address that begins with http:// or https://")
    return text.rstrip("/")


SETTINGS = (
    Setting("POLOSA_DATA", Path, "data", "Folder for the database and the recordings."),
    Setting("DATABASE_URL", str, "", "PostgreSQL address; empty = SQLite inside POLOSA_DATA."),
    Setting("SECRET_KEY", str, "", "Signs the sessions; empty = made once and kept in the database."),
    Setting("HOST", str, "127.0.0.1", "Address the web server listens on."),
    Setting("PORT", _number(0, 65535), "8000", "Port the web server listens on."),
    Setting(
        "PUBLIC_URL",
        _url,
        "",
        "The address readers use (empty: HOST and PORT); feeds and link previews carry it. "
        "https:// makes the cookies secure.",
    ),
    Setting("TRUSTED_PROXIES", _number(0, 10), "0", "How many reverse proxies stand in front (nginx: 1)."),
    Setting("SITE_NAME", str, "Polosa", "Name of the publication."),
    Setting("SITE_LANGUAGE", _choice("en", "ru", "uk"), "en", "Interface language until a reader chooses."),
    Setting("TIMEZONE", _zone, "UTC", "Time zone in which times are shown and entered."),
    Setting("MAX_UPLOAD_MB", _number(1, 1_000_000), "2048", "Largest recording that is taken, in MB."),
    Setting(
        "SPEECH_BACKENDS",
        _names,
        "auto",
        "Who recognises speech, in order; auto: the GigaAM engine that is fastest on this machine.",
    ),
    Setting(
        "DIARIZATION_BACKENDS",
        _names,
        "pyannote,onnx_speakers,baseline",
        "Who tells the speakers apart, in order.",
    ),
    Setting("DRAFTING_BACKENDS", _names, "openai_compatible,extractive", "Who writes, in order."),
    Setting("COVER_BACKENDS", _names, "huggingface,openai,placeholder", "Who illustrates, in order."),
    Setting(
        "BACKEND_BUDGETS",
        parse_budgets,
        "covers.huggingface=$0.10/month",
        "What a backend may be asked and paid: backend=limit, comma separated; a limit is $0.10/month, "
        "$2/day, 1000/month or 50/day, and a backend may have several. Default: Hugging Face's free credit.",
    ),
    Setting(
        "BACKEND_PRICES",
        parse_prices,
        "covers.huggingface=0.0012, covers.openai=0.02",
        "Dollars a request, for the budgets: backend=price or backend/model=price. Writers are counted by "
        "their tokens: see WRITER_PRICES.",
    ),
    Setting(
        "RETRY_WITHIN_S",
        _number(0, 600, float),
        "60",
        "How late after its beginning a stage may still ask a backend a second time, in seconds.",
    ),
    Setting(
        "CRON_SECRET", str, "", "Bearer token of /api/cron/trigger (16 characters or more); empty = refused."
    ),
    Setting("ARTICLES_PER_SLOT", _number(1, 1000), "3", "How many articles a slot of the schedule moves."),
    Setting(
        "SLOT_SCHEDULE",
        str,
        "0 9 * * *",
        "The first schedule's cron line, in TIMEZONE; change it later on the Schedule page.",
    ),
    Setting(
        "TICK_BUDGET_S",
        _number(1, 3600, float),
        "240",
        "Seconds one call of the cron endpoint may work (below the host's limit).",
    ),
    Setting(
        "OVERDUE_AFTER_MIN", _number(1, 100_000), "60", "Minutes after which waiting work counts as overdue."
    ),
    Setting("HEAVY_THREADS", _number(0, 64), "1", "Worker threads for speech and speakers."),
    Setting("LIGHT_THREADS", _number(0, 64), "4", "Worker threads for writing, covers and publishing."),
    Setting(
        "LEASE_S",
        _number(1, 3600, float),
        "30",
        "Seconds without a beat after which a worker counts as dead.",
    ),
    Setting(
        "POLL_S", _number(0.05, 60, float), "0.5", "How often an idle worker looks for work, in seconds."
    ),
    Setting("WEB_WORKERS", _number(1, 64), "2", "gunicorn processes."),
    Setting("WEB_THREADS", _number(1, 256), "8", "gunicorn threads a process."),
    Setting(
        "SAMPLE_INTERVIEW", _flag, "1", "Submit the bundled sample interview when the database is empty."
    ),
    Setting("LOG_LEVEL", _choice("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "Least level that is logged."),
    Setting("LOG_FORMAT", _choice("text", "json"), "text", "text for people, json for collectors."),
)

BACKEND_TABLES = ("providers.speech", "providers.diarization", "providers.drafting", "providers.covers")
SHARED_BY_BACKENDS = ("providers.hub",)  # modules with settings of their own that several backends use


@dataclass(frozen=True)
class Settings:
    """The values of SETTINGS, by lower-case name: `settings.max_upload_mb`."""

    values: Mapping[str, Any]
    env: Mapping[str, str]  # for the backends' own from_env

    def __getattr__(self, name: str) -> Any:
        try:
            return self.values[name]
        except KeyError:
            raise AttributeError(name) from None

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> Settings:
        """Raises: BadSetting, naming the variable and what it may be."""
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = env.get(setting.name, "").strip() or setting.default
            try:
                values[setting.name.lower()] = setting.read(text)
            except ValueError as error:
                raise BadSetting(
                    "%(name)s is “%(value)s”; it must be %(allowed)s.",
                    name=setting.name,
                    value="…" if "SECRET" in setting.name else text,
                    allowed=str(error),
                ) from None
        _check_together(values)
        return cls(values, dict(env))

    @property
    def database_url(self) -> str:
        return self.values["database_url"] or f"sqlite:///{(self.data_dir / 'polosa.db').as_posix()}"

    @property
    def data_dir(self) -> Path:
        path: Path = self.values["polosa_data"]
        return path.expanduser().absolute()

    @property
    def max_upload_bytes(self) -> int:
        return int(self.values["max_upload_mb"]) * 1024 * 1024

    @property
    def public_url(self) -> str:
        local = f"http://{self.values['host']}:{self.values['port']}".replace("//0.0.0.0:", "//127.0.0.1:")
        return str(self.values["public_url"]) or local

    @property
    def secure_cookies(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def locale(self) -> str:
        return str(self.values["site_language"])


def _check_together(values: Mapping[str, Any]) -> None:
    secret = values["cron_secret"]
    if secret and len(secret) < 16:
        raise BadSetting("CRON_SECRET has %(length)d characters; give it 16 or more.", length=len(secret))


def backend_settings() -> Iterable[tuple[str, str, str]]:
    """(name, default, help) of every backend's variables, each once, in the order of the tables."""
    seen: dict[str, tuple[str, str, str]] = {}
    paths = [path for table in BACKEND_TABLES for path in import_module(table).BACKENDS.values()]
    for name in (*(path.partition(":")[0] for path in paths), *SHARED_BY_BACKENDS):
        for row in getattr(import_module(name), "SETTINGS", ()):
            seen.setdefault(row[0], row)
    return seen.values()


def all_settings() -> list[tuple[str, str, str]]:
    """(name, default, help) of everything that can be set."""
    return [(s.name, s.default, s.help) for s in SETTINGS] + list(backend_settings())
