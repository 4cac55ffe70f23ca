"""Writes the table of settings into README.md and the file .env.example, from the code's own tables.

python scripts/settings_table.py            update both
python scripts/settings_table.py --check    exit with 1 when one of them is out of date (tests do this)
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from automation.config import SETTINGS, all_settings  # noqa: E402  (found by the line above)

README, ENV_EXAMPLE = ROOT / "README.md", ROOT / ".env.example"
BLOCK = re.compile(r"<!-- settings -->.*<!-- /settings -->", re.DOTALL)
GROUPS = (
    ("Speech: GigaAM", ("GIGAAM_",)),
    ("Speakers", ("PYANNOTE_", "ONNX_SPEAKERS_")),
    ("Writing", ("WRITER_", "OPENROUTER_", "GIGACHAT_", "YANDEX_", "GROQ_")),
    ("Covers", ("HF_IMAGE_", "IMAGE_", "OPENAI_IMAGE_", "DIFFUSERS_")),
    ("Keys and addresses", ("HF_", "HUGGINGFACE_", "OPENAI_")),
)
OWN = "The house"
QUIET = (
    ("HF_HUB_DISABLE_TELEMETRY", "1", "Hugging Face's libraries report nothing about this machine."),
    ("PYANNOTE_METRICS_ENABLED", "0", "pyannote.audio sends no durations and speaker counts home."),
)

Row = tuple[str, str, str]


def grouped() -> dict[str, list[Row]]:
    """Heading → rows, in the order in which a person sets the house up."""
    own = {setting.name for setting in SETTINGS}
    groups: dict[str, list[Row]] = {OWN: []}
    for row in all_settings():
        groups.setdefault(OWN if row[0] in own else _heading(row[0]), []).append(row)
    return groups


def readme_block() -> str:
    parts = []
    for heading, rows in grouped().items():
        parts += [f"**{heading}**", "", "| Variable | Default | What it does |", "|---|---|---|"]
        parts += [f"| `{name}` | {_shown(default)} | {_sentence(text)} |" for name, default, text in rows]
        parts.append("")
    return "\n".join(["<!-- settings -->", *parts[:-1], "<!-- /settings -->"])


def env_example() -> str:
    lines = [
        "# Polosa's settings. Copy this file to .env, take the # away where you change a default.",
        "# Made by scripts/settings_table.py from the code's own tables; the README explains more.",
    ]
    for heading, rows in grouped().items():
        lines += ["", f"# ---- {heading} ----"]
        for name, default, text in rows:
            lines += [f"# {_sentence(text)}", f"#{name}={_quoted(default)}"]
    lines += ["", "# ---- Telemetry of the libraries: off ----"]
    for name, value, text in QUIET:
        lines += [f"# {text}", f"{name}={value}"]
    return "\n".join(lines) + "\n"


def updated(readme: str) -> str:
    """The README with a fresh table. Raises: ValueError when its marks are gone."""
    if not BLOCK.search(readme):
        raise ValueError("README.md has lost the marks <!-- settings --> … <!-- /settings -->")
    return BLOCK.sub(lambda _: readme_block(), readme)


def out_of_date() -> list[str]:
    """The files that no longer say what the code says."""
    readme = README.read_text(encoding="utf-8")
    fresh = ENV_EXAMPLE.is_file() and ENV_EXAMPLE.read_text(encoding="utf-8") == env_example()
    return ([] if updated(readme) == readme else [README.name]) + ([] if fresh else [ENV_EXAMPLE.name])


def _heading(name: str) -> str:
    return next((heading for heading, prefixes in GROUPS if name.startswith(prefixes)), OWN)


def _sentence(text: str) -> str:
    return text.replace("|", "\\|").rstrip(".") + "."


def _shown(default: str) -> str:
    return f"`{default}`".replace(",", ", ") if default else "–"


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"[\s#*]", value) else value


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit(f"out of date: {', '.join(out_of_date())}" if out_of_date() else 0)
    README.write_text(updated(README.read_text(encoding="utf-8")), encoding="utf-8")
    ENV_EXAMPLE.write_text(env_example(), encoding="utf-8")
