"""Packaging: one list of dependencies, one lock without addresses, and a wheel that works elsewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml

import touchsim

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCK = (ROOT / "requirements" / "lock.txt").read_text()


def split(requirement: str) -> tuple[str, str]:
    """Name and range of a requirement."""
    match = re.fullmatch(r"([A-Za-z0-9_.-]+?)\s*([<>=!~].*)?", requirement)
    assert match, requirement
    return match[1].lower(), (match[2] or "").replace(" ", "")


def committed() -> list[str]:
    """Files of the repository, or every file where git is not at hand."""
    if shutil.which("git") and (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
        return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    pytest.skip("not a git clone")


def test_environment_yml_states_the_same_names_and_ranges_as_pyproject() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    conda = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (by_pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    stated = dict(split(entry) for entry in [*conda, *by_pip] if entry not in ("pip", "-e ."))
    asked = dict(split(entry) for entry in PROJECT["project"]["dependencies"])
    assert stated == asked | {"python": PROJECT["project"]["requires-python"]}


def test_the_lock_pins_every_dependency_with_hashes() -> None:
    pinned = {name.lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", LOCK, flags=re.M)}
    extras = PROJECT["project"]["optional-dependencies"]["dev"]
    for requirement in [*PROJECT["project"]["dependencies"], *extras, *PROJECT["build-system"]["requires"]]:
        assert split(requirement)[0].replace("_", "-") in pinned, f"run `make lock`: {requirement} is not in it"
    for block in re.split(r"\n(?=[A-Za-z0-9])", LOCK.strip()):
        assert "--hash=sha256:" in block, block.splitlines()[0]


def test_the_lock_names_no_host_and_stands_alone() -> None:
    assert not re.search(r"https?:|index-url|find-links|trusted-host|@ file", LOCK)
    names = committed()
    assert not [name for name in names if Path(name).name == "uv.lock" or Path(name).name.startswith("pylock")]


def test_no_committed_file_names_a_machine_or_a_registry() -> None:
    pattern = re.compile(r"/(?:root|home|Users)/\w|pythonhosted\.org|pypi\.org/simple")
    this = Path(__file__).relative_to(ROOT).as_posix()
    for name in committed():
        if name != this and Path(name).suffix in {".py", ".md", ".toml", ".yml", ".yaml", ".txt", ".cff", ".ipynb", ""}:
            assert not pattern.search((ROOT / name).read_text(encoding="utf-8")), name


def test_no_committed_file_is_large() -> None:
    for name in committed():
        assert (ROOT / name).stat().st_size < (500_000 if name.endswith(".ipynb") else 2_000_000), name


def test_versions_agree() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert touchsim.__version__ == PROJECT["project"]["version"] == citation["version"]
    assert f"## {touchsim.__version__}" in (ROOT / "CHANGELOG.md").read_text()
    assert citation["license"] == PROJECT["project"]["license"] == "BSD-3-Clause"


def test_the_makefile_explains_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text()
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.M)
    for target in phony.split():
        assert re.search(rf"^{target}:.*## \w", makefile, flags=re.M), f"{target} has no ## comment"
    wanted = {"help", "env", "demo", "test", "proof", "lint", "notebooks", "golden", "lock", "bench"}
    assert wanted <= set(phony.split())
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
    assert (ROOT / ".ci" / "run").read_text().rstrip().endswith("make test\nmake proof")


def test_an_old_python_is_refused_in_one_line(tmp_path: Path) -> None:
    if not shutil.which("make"):
        pytest.skip("needs make")
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "lock.txt").touch()
    asked = subprocess.run(["make", "env", "PYTHON="], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert asked.returncode != 0
    said = [line for line in asked.stderr.splitlines() if not line.startswith("make")]
    assert said == ["touchsim needs Python 3.11 or newer; none of python3.11 ... python3, python is one."]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    words = ["-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run([sys.executable, *words], cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def test_the_wheel_carries_scenarios_facts_and_types(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    data = [path.relative_to(ROOT).as_posix() for path in (ROOT / "data").rglob("*") if path.is_file()]
    assert {f"touchsim/{name}" for name in data} | {"touchsim/py.typed", "touchsim/cli/__init__.py"} <= names
    assert not [name for name in names if name.startswith(("tests", "benchmarks", "notebooks"))]


def test_the_installed_wheel_runs_elsewhere(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(target)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    code = "import sys; sys.path.insert(0, sys.argv.pop(1)); from touchsim.cli import main; main()"
    words = [sys.executable, "-P", "-c", code, str(target), "run", "corner_shop", "--customers", "200"]
    alone = {"PATH": "/usr/bin:/bin"}
    ran = subprocess.run(words, cwd=elsewhere, capture_output=True, text=True, check=False, env=alone)
    assert ran.returncode == 0, ran.stderr
    assert {"manifest.json", "report.html", "kpis.csv", "visits.parquet", "customers.parquet"} <= {
        path.name for path in (elsewhere / "runs" / "corner_shop-1").iterdir()
    }


@pytest.mark.proof
def test_pip_installs_the_wheel_and_its_command(wheel: Path, tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / "bin" / "python"
    pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], check=True)
    (site,) = (venv / "lib").glob("python*/site-packages")
    ours = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    (site / "dependencies.pth").write_text("\n".join(map(str, ours)))
    words = [str(venv / "bin" / "touchsim"), "run", "webshop", "--customers", "200"]
    ran = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    where = [str(python), "-P", "-c", "import touchsim; print(touchsim.__file__)"]
    assert str(venv) in subprocess.run(where, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
