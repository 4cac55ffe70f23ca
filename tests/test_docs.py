"""The documentation says what the code does: every setting, command, route and backend stands in it."""

from __future__ import annotations

import io
import re
import sys
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from dotenv import dotenv_values

from automation import create_app
from automation.cli import cli
from automation.config import BACKEND_TABLES, SETTINGS, all_settings
from tests.fakes import fake_tools

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "scripts"))
settings_table = import_module("settings_table")
sys.path.pop(0)

HONOURED = ("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


@cache
def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def documented() -> str:
    return "\n".join(path.read_text(encoding="utf-8") for path in PAGES)


def test_the_table_of_settings_is_fresh():
    assert settings_table.out_of_date() == [], "run: python scripts/settings_table.py"


def test_every_setting_stands_in_the_readme():
    names = [*(name for name, _, _ in all_settings()), *HONOURED]
    names += [name for name, _, _ in import_module("providers.hub").SETTINGS]
    assert [name for name in names if f"`{name}`" not in read("README.md")] == []


def test_every_setting_is_used():
    """A setting that nothing reads is a promise nobody keeps."""
    sources = [
        p.read_text(encoding="utf-8") for p in (ROOT / "automation").rglob("*.py") if p.name != "config.py"
    ]
    own = (ROOT / "automation/config.py").read_text(encoding="utf-8")
    code = "\n".join(sources) + own[own.index("class Settings") :]
    assert [s.name for s in SETTINGS if not re.search(rf"\b{s.name.lower()}\b", code)] == []


def test_the_example_of_env_is_read_by_dotenv_and_changes_nothing():
    active = dotenv_values(stream=io.StringIO(read(".env.example")))
    assert active == {name: value for name, value, _ in settings_table.QUIET}
    everything = re.sub(r"^#(?=[A-Z0-9_]+=)", "", read(".env.example"), flags=re.MULTILINE)
    values = dotenv_values(stream=io.StringIO(everything))
    defaults = {name: default for name, default, _ in all_settings()}
    assert {name: value for name, value in values.items() if name not in active} == defaults


def test_the_example_of_env_holds_no_secret():
    secrets = re.findall(r"^#?\w*(?:SECRET|TOKEN|KEY)\w*=.+$", read(".env.example"), re.MULTILINE)
    assert [line for line in secrets if "_TOKENS=" not in line] == []


def test_every_command_is_documented():
    assert [name for name in cli.commands if f"polosa {name}" not in documented()] == []


def test_every_command_explains_itself():
    assert [name for name, command in cli.commands.items() if not command.help] == []


def test_every_address_for_programs_is_documented(tmp_path: Path):
    app = create_app({"POLOSA_DATA": str(tmp_path)}, fake_tools())
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    wanted = [rule for rule in rules if rule.startswith("/api/") or rule == "/health"]
    wanted += [rule for rule in rules if "feed" in rule]
    app.extensions["polosa"].db.close()
    assert len(wanted) >= 6
    assert [rule for rule in wanted if rule not in documented()] == []


@pytest.mark.parametrize("table", BACKEND_TABLES)
def test_every_backend_is_documented(table: str):
    assert [name for name in import_module(table).BACKENDS if f"`{name}`" not in documented()] == []


def test_every_error_status_is_documented():
    from automation import errors

    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind is not object]
    shown = [(kind.status, kind.code) for kind in kinds if issubclass(kind, errors.PolosaError)]
    rows = [line for line in read("docs/api.md").splitlines() if line.startswith("| ")]
    missing = [
        (status, code)
        for status, code in shown
        if not any(row.startswith(f"| {status} |") and f"`{code}`" in row for row in rows)
    ]
    assert missing == []


def test_commands_of_make_exist():
    targets = set(re.findall(r"^([\w-]+):", read("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make ([\w-]+)`|^make ([\w-]+)", documented(), re.MULTILINE))
    assert {a or b for a, b in named} <= targets
    assert {"run", "test", "demo"} <= targets


def test_commands_of_bench_exist():
    named = set(re.findall(r"python -m (bench\.\w+)", documented()))
    files = {
        f"bench.{path.stem}"
        for path in (ROOT / "bench").glob("*.py")
        if "__main__" in path.read_text("utf-8")
    }
    assert named == files


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(page: Path):
    text = page.read_text(encoding="utf-8")
    local = [link for link in re.findall(r"\]\(([^)#]+)", text) if not link.startswith(("http", "mailto"))]
    assert [link for link in local if not (page.parent / link).exists()] == []
