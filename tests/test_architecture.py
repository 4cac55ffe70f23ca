"""Who may import whom, read from the sources: the rules of docs/architecture.md."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CAPABILITIES = ("speech", "diarization", "drafting", "covers")
STAGE_FILES = ("transcribe", "diarize", "draft", "cover", "publish")
DOORS = ("automation.web", "automation.api", "automation.cron", "automation.cli", "automation.supervisor")
SHELLS = ("flask", "flask_babel", "flask_login", "flask_wtf", "werkzeug", "click", "gunicorn")
HEAVY = ("torch", "torchaudio", "onnxruntime", "onnx_asr", "transformers", "diffusers", "pyannote", "sklearn")


@dataclass(frozen=True, slots=True)
class Import:
    module: str  # the importing module
    name: str  # what is imported: a module, or module.attribute
    line: int
    on_import: bool  # runs when the module is imported: not in a function, not for type checkers only

    def __str__(self) -> str:
        return f"{path_of(self.module).relative_to(ROOT)}:{self.line} imports {self.name}"


@cache
def modules() -> tuple[str, ...]:
    files = [path for room in ("providers", "automation") for path in (ROOT / room).rglob("*.py")]
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in files]
    return tuple(sorted(name.removesuffix(".__init__") for name in names))


def path_of(module: str) -> Path:
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


@cache
def imports(module: str) -> tuple[Import, ...]:
    return tuple(_imports(module, tree(module), on_import=True))


def _imports(module: str, node: ast.AST, *, on_import: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(module, alias.name, child.lineno, on_import) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, f"{module}:{child.lineno}: relative import"
            names = (f"{child.module}.{alias.name}" for alias in child.names)
            yield from (Import(module, name, child.lineno, on_import) for name in names)
        else:
            inside = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
            typing = isinstance(child, ast.If) and ast.unparse(child.test).endswith("TYPE_CHECKING")
            yield from _imports(module, child, on_import=on_import and not inside and not typing)


def within(name: str, *parents: str) -> bool:
    return any(name == parent or name.startswith(f"{parent}.") for parent in parents)


def under(*parents: str) -> list[str]:
    return [module for module in modules() if within(module, *parents)]


def offending(importers: list[str], *forbidden: str) -> list[str]:
    return [str(i) for module in importers for i in imports(module) if within(i.name, *forbidden)]


@cache
def backends() -> tuple[str, ...]:
    """The modules of all tables."""
    tables = [import_module(f"providers.{capability}").BACKENDS for capability in CAPABILITIES]
    return tuple(sorted({path.partition(":")[0] for table in tables for path in table.values()}))


def test_the_providers_know_nothing_of_the_newsroom():
    assert (
        offending(under("providers"), "automation", "demo", "tests", "sqlalchemy", "alembic", *SHELLS) == []
    )


def test_no_room_leans_on_tests_bench_or_scripts():
    assert offending(under("providers", "automation"), "tests", "bench", "scripts", "demo") == []


def test_only_the_toolbox_builds_chains():
    others = [module for module in under("automation") if module != "automation.toolbox"]
    assert offending(others, "providers.chain.chain_from_env", "providers.chain.load", *backends()) == []
    tables = [f"providers.{capability}.BACKENDS" for capability in CAPABILITIES]
    assert offending(others, *tables) == []


def test_backends_never_import_each_other():
    found = [offending([module], *(b for b in backends() if b != module)) for module in backends()]
    assert [line for lines in found for line in lines] == []


@pytest.mark.parametrize("capability", CAPABILITIES)
def test_a_capability_does_not_reach_into_another(capability: str):
    others = [f"providers.{other}" for other in CAPABILITIES if other != capability]
    assert offending(under(f"providers.{capability}"), *others) == []


def test_shared_provider_files_do_not_know_the_backends():
    shared = [module for module in under("providers") if module.count(".") == 1]
    shared = [module for module in shared if module.removeprefix("providers.") not in CAPABILITIES]
    assert offending(shared, *(f"providers.{capability}" for capability in CAPABILITIES)) == []


def test_the_pipeline_does_not_know_who_calls_it():
    forbidden = (*DOORS, "automation.queue", "automation.scheduler", "automation.newsroom", *SHELLS)
    assert offending(under("automation.pipeline"), *forbidden) == []


def test_the_core_does_not_know_the_doors():
    core = [f"automation.{name}" for name in ("models", "db", "storage", "config", "toolbox", "article")]
    core += ["automation.transcript", "automation.accounts", "automation.queue", "automation.scheduler"]
    assert offending(core, *DOORS, *SHELLS) == []


def test_the_doors_do_not_know_each_other():
    """Except the shape of a JSON error, which the clock's door shares with the API."""
    for door in ("automation.web", "automation.api", "automation.cron", "automation.cli"):
        others = [other for other in DOORS if other != door]
        found = offending(under(door), *others)
        allowed = ("imports automation.api.error_answer", "imports automation.supervisor")
        assert [line for line in found if not line.endswith(allowed)] == []


@pytest.mark.parametrize("name", STAGE_FILES)
def test_a_stage_neither_asks_the_database_nor_commits(name: str):
    module = f"automation.pipeline.{name}"
    forbidden = ("sqlalchemy", "automation.db", "automation.pipeline.advance", "automation.pipeline.ledger")
    assert offending([module], *forbidden) == []
    calls = {n.func.attr for n in ast.walk(tree(module)) if isinstance(n, ast.Call) and _is_method(n)}
    assert calls.isdisjoint({"commit", "rollback", "flush", "execute", "scalars", "scalar", "begin", "read"})


def _is_method(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute)


def test_every_stage_file_stands_in_the_table():
    from automation.pipeline import STAGES

    assert [stage.run.__module__ for stage in STAGES] == [f"automation.pipeline.{n}" for n in STAGE_FILES]
    for earlier, later in pairwise(STAGES):
        assert later.takes == earlier.gives or later.name == "publish"


def test_only_advance_moves_a_submission():
    moved = [
        f"{path_of(module).relative_to(ROOT)}:{node.lineno}"
        for module in under("automation")
        if module != "automation.pipeline.advance"
        for node in ast.walk(tree(module))
        if isinstance(node, ast.Attribute) and node.attr == "status" and isinstance(node.ctx, ast.Store)
    ]
    assert moved == []


def test_only_advance_catches_everything():
    """A broad except hides bugs. The other two carry an error into the thread that waits for it."""
    broad = [
        module
        for module in modules()
        for node in ast.walk(tree(module))
        if isinstance(node, ast.ExceptHandler) and not _raises(node) and _is_broad(node.type)
    ]
    assert broad == ["automation.pipeline.advance", "automation.pipeline.line", "providers.covers.deadline"]


def _is_broad(kind: ast.expr | None) -> bool:
    return kind is None or bool(
        {"Exception", "BaseException"} & set(ast.unparse(kind).replace(",", " ").split())
    )


def _raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) for node in ast.walk(handler))


def test_heavy_packages_are_imported_on_use():
    always = [i for module in modules() for i in imports(module) if i.on_import]
    found = [i for i in always if within(i.name, *HEAVY) and not within(i.module, *backends())]
    own_process = "providers.diarization.pyannote_worker"
    assert [str(i) for i in found if i.module != own_process] == []
