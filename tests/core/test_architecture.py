"""Imports point one way: app.py and pages to ui to core; the reading side never reaches what trains."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# The only modules that import TensorFlow or Keras.
TRAINS_WITH_TENSORFLOW = {
    *("core.networks", "core.optimizers", "core.teaching", "core.training", "core.export"),
    "core.recognition.training",
}
# What the app's process and `python -m core read` start from; nothing they reach may train.
READS = ("core.reader", "core.models", "core.commands.read", "core.annotation", "core.results", "core.explanation")


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(folder: str) -> dict[str, Path]:
    """Dotted name -> file of every module below a folder."""
    return {name_of(path): path for path in sorted((ROOT / folder).rglob("*.py"))}


CORE, UI, PAGES, SCRIPTS = sources("core"), sources("ui"), sources("pages"), sources("scripts")
HOUSE = CORE | UI | PAGES | SCRIPTS | {"app": ROOT / "app.py"}


def imports_of(path: Path, *, lazy: bool = True) -> set[str]:
    """Dotted names a file imports; with `lazy`, inside functions too. Imports for type checkers alone do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return set(_imports(tree, lazy=lazy))


def _imports(node: ast.AST, *, lazy: bool) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        elif lazy or not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _imports(child, lazy=lazy)


def packages_of(path: Path) -> set[str]:
    return {name.partition(".")[0] for name in imports_of(path)}


def reached_from(start: str) -> set[str]:
    """Every core module that is loaded when `start` is, by imports at the top of modules."""
    reached, waiting = set(), [start]
    while waiting:
        name = waiting.pop()
        if name in CORE and name not in reached:
            reached.add(name)
            waiting.append(name.rpartition(".")[0])  # a package is loaded before what is in it
            waiting.extend(imports_of(CORE[name], lazy=False))
    return reached


def test_there_is_something_to_check() -> None:
    assert len(CORE) > 10
    assert UI
    assert PAGES
    assert SCRIPTS


@pytest.mark.parametrize("name", CORE)
def test_core_knows_nothing_of_the_app(name: str) -> None:
    assert packages_of(CORE[name]).isdisjoint({"streamlit", "plotly", "ui", "pages", "app", "scripts", "tests"})


@pytest.mark.parametrize("name", UI)
def test_ui_knows_no_page(name: str) -> None:
    assert packages_of(UI[name]).isdisjoint({"pages", "app", "scripts", "tests"})


@pytest.mark.parametrize("name", PAGES)
def test_pages_never_import_each_other(name: str) -> None:
    assert packages_of(PAGES[name]).isdisjoint({"pages", "app", "scripts", "tests"})


@pytest.mark.parametrize("name", SCRIPTS)
def test_scripts_stand_on_core_alone(name: str) -> None:
    assert packages_of(SCRIPTS[name]).isdisjoint({"streamlit", "plotly", "ui", "pages", "app", "tests"})


@pytest.mark.parametrize("name", HOUSE)
def test_only_what_trains_imports_tensorflow(name: str) -> None:
    uses = packages_of(HOUSE[name]) & {"tensorflow", "keras"}

    assert not uses or name in TRAINS_WITH_TENSORFLOW


@pytest.mark.parametrize("name", [*UI, *PAGES, "app"])
def test_the_app_s_process_never_reaches_what_trains(name: str) -> None:
    for imported in imports_of(HOUSE[name]) & set(CORE):
        assert reached_from(imported).isdisjoint(TRAINS_WITH_TENSORFLOW), f"{name} -> {imported}"


@pytest.mark.parametrize("name", READS)
def test_the_reading_side_never_reaches_what_trains(name: str) -> None:
    assert name in CORE
    assert reached_from(name).isdisjoint(TRAINS_WITH_TENSORFLOW | {"core.augmentation"})


def test_commands_import_what_trains_only_when_they_run() -> None:
    assert reached_from("core.__main__").isdisjoint(TRAINS_WITH_TENSORFLOW)


@pytest.mark.parametrize("name", [name for name in CORE if name.startswith("core.images")])
def test_images_rest_on_errors_alone(name: str) -> None:
    own = {imported for imported in imports_of(CORE[name]) if imported in CORE}

    assert all(imported == "core.errors" or imported.startswith("core.images") for imported in own)


@pytest.mark.parametrize("name", [name for name in CORE if name.startswith("core.segmentation")])
def test_segmentation_works_without_a_model(name: str) -> None:
    assert reached_from(name).isdisjoint({"core.classifier", "core.models", "core.grouping", "core.reader"})


def test_no_module_of_core_imports_itself_in_a_circle() -> None:
    # A module may import its own package, which is how one names a neighbor: `from core.datasets import idx`.
    graph = {
        name: {one for one in imports_of(path, lazy=False) if one in CORE and not f"{name}.".startswith(f"{one}.")}
        for name, path in CORE.items()
    }

    assert len(tuple(TopologicalSorter(graph).static_order())) == len(CORE)
