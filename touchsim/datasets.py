"""What ships with touchsim: the built-in scenarios and the published tables (facts), and where they lie on disk.

The folder ``data`` of the repository is carried inside the installed package, so that a scenario is found by its name
wherever touchsim is installed, and from a clone as well.  A scenario is given by name (``webshop``) or by path
(``my/shop.yaml``); whatever has a folder or an ending in it is a path.

Called by `world.scenario`, the command line, the tests and the notebooks.
"""

from __future__ import annotations

from pathlib import Path

from touchsim.errors import BadInput, Finding, nearest

__all__ = ["data_folder", "fact_path", "is_path", "scenario_path", "scenarios"]


def data_folder() -> Path:
    """Folder of scenarios and facts: inside the installed package, else beside it in a clone."""
    package = Path(__file__).resolve().parent
    shipped = package / "data"
    return shipped if shipped.is_dir() else package.parent / "data"


def scenarios() -> tuple[str, ...]:
    """Names of the built-in scenarios, in alphabetical order.

    Examples
    --------
    >>> "webshop" in scenarios()
    True
    """
    return tuple(sorted(path.stem for path in (data_folder() / "scenarios").glob("*.yaml")))


def scenario_path(name_or_path: str | Path) -> Path:
    """Find the file of a scenario.

    Parameters
    ----------
    name_or_path : str or Path
        A built-in name, or a path (anything with a folder or an ending in it).

    Returns
    -------
    Path
        The file; a path that was given is returned as it is, whether it exists or not (reading it says so).

    Raises
    ------
    BadInput
        When no built-in scenario has this name; with the nearest one.

    Examples
    --------
    >>> scenario_path("webshop").name, scenario_path("my/shop.yaml").name
    ('webshop.yaml', 'shop.yaml')
    >>> scenario_path("webshp")
    Traceback (most recent call last):
    touchsim.errors.BadInput: scenario: there is no built-in scenario of this name (got webshp); did you mean 'webshop'?
    """
    text = str(name_or_path)
    if is_path(name_or_path):
        return Path(name_or_path)
    path = data_folder() / "scenarios" / f"{text}.yaml"
    if text in scenarios():
        return path
    known = f"built in: {', '.join(scenarios())}"
    hint = nearest(text, scenarios()) or f"{known}; a file is given as ./{text or 'shop'}.yaml"
    raise BadInput(Finding("scenario", "there is no built-in scenario of this name", got=text or "nothing", hint=hint))


def is_path(name_or_path: str | Path) -> bool:
    """Tell a path (anything with a folder or an ending in it) from a name."""
    text = str(name_or_path)
    return isinstance(name_or_path, Path) or "/" in text or "\\" in text or bool(Path(text).suffix)


def fact_path(name: str) -> Path:
    """Find a published table in ``data/facts`` by its file name; `BadInput` with the nearest name if there is none."""
    folder = data_folder() / "facts"
    names = sorted(path.name for path in folder.glob("*.csv"))
    if name not in names:
        raise BadInput(Finding("fact", "there is no such table", got=name, hint=nearest(name, names)))
    return folder / name
