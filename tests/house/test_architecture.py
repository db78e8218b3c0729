"""The house is as ARCHITECTURE.md says: its table of rooms is read here and held against every import."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

import touchsim

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "touchsim"
EVERYONE = {"errors", "languages", "vocabulary"}
HEAVY = {
    "pydantic": "pydantic", "pydantic_core": "pydantic", "yaml": "yaml", "matplotlib": "matplotlib",
    "seaborn": "seaborn", "statsmodels": "statsmodels", "pyarrow": "pyarrow", "duckdb": "duckdb", "simpy": "simpy",
    "numba": "numba", "joblib": "joblib", "jinja2": "jinja2", "typer": "typer", "tqdm": "tqdm",
}  # fmt: skip
LONGEST = 400
SCREEN = 40
"""Lines of a file, and of the customer's story in SimPy, at most."""
NO_NOUNS = {"utils", "util", "helpers", "helper", "base", "common", "misc", "tools", "core"}
FRONT_DOOR_NAMES = {"kpis", "cohorts", "story", "touchpoint_map", "comparison", "map_difference", "mystery_guest"}
FRONT_DOOR_NAMES |= {"reviews", "dominance"}
"""Functions that may carry their module's name: verbs of the front door that name what they return."""


@dataclass(frozen=True)
class Room:
    """One row of the table."""

    name: str
    holds: frozenset[str]
    imports: frozenset[str]
    libraries: frozenset[str]


@dataclass(frozen=True)
class Import:
    """One import statement: in which module, of which dotted name, only for the type checker?"""

    module: str
    target: str
    typing_only: bool


def table() -> dict[str, Room]:
    """Rooms by name, from ARCHITECTURE.md."""
    rooms = {}
    for line in (ROOT / "ARCHITECTURE.md").read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 5:
            words = [frozenset(re.findall(r"`([^`]+)`", cell)) for cell in cells]
            (name,) = words[0]
            rooms[name] = Room(name, words[1], words[2], words[3])
    return rooms


def modules() -> dict[str, Path]:
    """Every module as ``folder/file``, relative to the package; a folder's own file is the folder."""
    return {
        path.relative_to(PACKAGE).with_suffix("").as_posix().removesuffix("/__init__"): path
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def room_of(module: str) -> str:
    """Most specific room of a module."""
    return module if module in ROOMS else module.split("/", maxsplit=1)[0]


def imports_of(module: str, path: Path) -> list[Import]:
    """Imports of a module, lazy ones too."""
    found: list[Import] = []

    def walk(node: ast.AST, typing_only: bool) -> None:
        for child in ast.iter_child_nodes(node):
            inside = typing_only
            if isinstance(child, ast.Import):
                found.extend(Import(module, name.name, typing_only) for name in child.names)
            elif isinstance(child, ast.ImportFrom):
                assert child.level == 0, f"{module}: relative import"
                found.extend(Import(module, f"{child.module}.{name.name}", typing_only) for name in child.names)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                inside = True
            walk(child, inside)

    walk(ast.parse(path.read_text()), False)
    return found


def target_module(dotted: str) -> str | None:
    """Module of ours that an imported name means, or None."""
    parts = dotted.split(".")
    if parts[0] != "touchsim":
        return None
    for depth in range(len(parts), 1, -1):
        name = "/".join(parts[1:depth])
        if name in MODULES:
            return name
    return "__init__"


ROOMS = table()
MODULES = modules()
IMPORTS = [one for name, path in MODULES.items() for one in imports_of(name, path)]


def test_the_table_names_every_room_and_every_file() -> None:
    assert len(ROOMS) > 10
    found = {name.split("/")[0] for name in MODULES}
    assert found == {name.split("/")[0] for name in ROOMS}, "a room of the house or a row of the table is missing"
    for name in MODULES:
        if "/" in name and name not in ROOMS:
            folder, file = name.split("/", 1)
            assert file in ROOMS[folder].holds, f"add `{file}` to the row of `{folder}` in ARCHITECTURE.md"
    for room in ROOMS.values():
        for file in room.holds:
            assert f"{room.name}/{file}" in MODULES, f"ARCHITECTURE.md names {room.name}/{file}, which is not there"


def test_no_room_imports_what_its_row_does_not_allow() -> None:
    wrong = []
    for one in IMPORTS:
        target = target_module(one.target)
        if target is None or (target == "__init__" and one.target in ("touchsim.__version__", "touchsim")):
            continue
        here, there = ROOMS[room_of(one.module)], room_of(target)
        if there not in {here.name, *here.imports, *EVERYONE}:
            wrong.append(f"{one.module} imports {one.target}: `{there}` is not in the row of `{here.name}`")
    assert not wrong, "\n".join(wrong)


def test_rooms_form_no_cycle() -> None:
    above = {name: room.imports for name, room in ROOMS.items()}
    above["engine/journey"] = frozenset(above["engine/journey"] - {"engine"})  # a room inside its own folder
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"rooms import each other: {' -> '.join((*path, name))}"
        if name not in done:
            for other in above[name]:
                assert other in ROOMS, f"the row of `{name}` allows `{other}`, which is no room"
                walk(other, (*path, name))
            done.add(name)

    for name in ROOMS:
        walk(name, ())


def test_modules_form_no_cycle() -> None:
    graph: dict[str, set[str]] = {name: set() for name in MODULES}
    for one in IMPORTS:
        target = target_module(one.target)
        if target is not None and target != one.module and not one.typing_only and target != "__init__":
            graph[one.module].add(target)
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> None:
        assert name not in path, f"modules import each other: {' -> '.join((*path, name))}"
        if name not in done:
            for other in graph[name]:
                walk(other, (*path, name))
            done.add(name)

    for name in graph:
        walk(name, ())


def test_heavy_libraries_stay_in_their_rooms() -> None:
    wrong = []
    for one in IMPORTS:
        library = HEAVY.get(one.target.split(".")[0])
        room = ROOMS[room_of(one.module)]
        if library is not None and library not in room.libraries and not one.typing_only:
            wrong.append(f"{one.module} imports {library}: not in the row of `{room.name}`")
    assert not wrong, "\n".join(wrong)


def test_the_study_knows_no_simulator() -> None:
    assert not ROOMS["study"].imports & {"world", "engine", "engine/journey", "log", "measure", "survey", "experiment"}
    assert [name for name, room in ROOMS.items() if "simpy" in room.libraries] == ["engine/journey"]


@pytest.mark.parametrize("name", MODULES)
def test_a_file_is_one_noun_that_fits_on_a_few_pages(name: str) -> None:
    text = MODULES[name].read_text()
    assert len(text.splitlines()) <= LONGEST
    assert name.rsplit("/", maxsplit=1)[-1] not in NO_NOUNS
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "a module says which part of the world it is"
    functions = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    own = name.rsplit("/", maxsplit=1)[-1]
    excused = own in FRONT_DOOR_NAMES or room_of(name) == "plots"
    assert excused or own not in functions, "a function carries its module's name"


def test_the_simpy_process_fits_on_one_screen() -> None:
    tree = ast.parse(MODULES["engine/journey"].read_text())
    (shop,) = (node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Shop")
    (journey,) = (node for node in shop.body if isinstance(node, ast.FunctionDef) and node.name == "journey")
    assert journey.end_lineno is not None and journey.end_lineno - journey.lineno + 1 <= SCREEN
    assert any(isinstance(node, ast.Yield) for node in ast.walk(journey)), "it is the process, not one that calls it"


@pytest.mark.parametrize("name", [name for name in MODULES if name != "cli/commands"])
def test_library_code_never_prints_nor_sets_a_global_seed(name: str) -> None:
    for node in ast.walk(ast.parse(MODULES[name].read_text())):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            assert called != "print" or name == "cli"
            assert called not in ("np.random.seed", "random.seed", "plt.show", "sns.set_theme", "plt.style.use")


def test_the_front_door_opens_without_anything_heavy() -> None:
    code = "import sys, touchsim; print(*sorted(name for name in sys.modules if '.' not in name))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    assert not set(loaded.split()) & {"numpy", "pandas", "pyarrow", *HEAVY}


@pytest.mark.parametrize("name", touchsim.__all__)
def test_every_verb_of_the_front_door_is_there_and_documented(name: str) -> None:
    value = getattr(touchsim, name)
    assert value.__doc__ and len(value.__doc__.splitlines()) > 1
    assert name in dir(touchsim)
    readme = ROOT / "README.md"
    if readme.exists():
        assert re.search(rf"\b{name}\b", readme.read_text()), f"README.md does not show {name}"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'simulat'"):
        _ = touchsim.simulat  # type: ignore[attr-defined]
