"""The catalogue of published tables: what ships in ``data/facts``, what is known of it, and what may be asked of it.

    catalogue.yaml: name -> file, what, n, population, country, years, scale, source, licence, constructs, model

A table of kind ``moments`` holds means, SDs, correlations and n, and its ready model says which equations it allows;
one of kind ``groups`` holds a figure for each group of cases and allows none.  What a source does not say is left out,
not guessed.  Called by `moments`, the command line and the reader.
"""

from __future__ import annotations

import hashlib
import html
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
from pydantic import Field

from touchsim.datasets import data_folder, fact_path
from touchsim.documents import Document, missing, read_document
from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.study.model import StudyModel

__all__ = ["Fact", "facts", "fact_of", "load_fact", "name_of", "no_table"]

CATALOGUE = "catalogue.yaml"
MOMENTS = "moments"
COLUMNS = ["name", "what", "kind", "n", "population", "country", "years", "scale", "constructs", "equations", "source",
           "licence", "caution", "file"]  # fmt: skip


class Fact(Document):
    """One published table, and what is known of it.

    Examples
    --------
    >>> fact = load_fact("plspm_bank")
    >>> fact.n, fact.country, fact.equations[0]
    (250, 'Spain', 'satisfaction ~ image + expectations + quality + value')
    """

    file: str = Field(description="its file in data/facts")
    what: str = Field(description="what was asked or counted")
    kind: Literal["moments", "groups"] = Field(description="means, SDs, correlations; or a row for each group of cases")
    n: Annotated[int, Field(ge=2)] = Field(description="cases behind it")
    population: str = Field(description="who answered, or what was counted")
    country: str | None = Field(None, description="where, if the source says so")
    years: str | None = Field(None, description="when, if the source says so")
    scale: str = Field(description="of the answers")
    source: str = Field(description="where the figures come from")
    licence: str = Field(description="under which they stand here")
    caution: str = Field(description="what to keep in mind when reading it")
    constructs: dict[str, str] = Field(description="name in the model, or column: what it is")
    model: StudyModel | None = Field(None, description="the equations that the table allows")

    @property
    def path(self) -> Path:
        """Where the file lies."""
        return fact_path(self.file)

    @property
    def sha256(self) -> str:
        """Of the file."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    @property
    def table(self) -> pd.DataFrame:
        """Figures as they stand in the file; rows mean, sd, n and the correlations, or a row for each group."""
        return pd.read_csv(self.path, index_col=0)

    @property
    def equations(self) -> tuple[str, ...]:
        """Equations of the model, an outcome and its drivers each."""
        drivers = {} if self.model is None else self.model.drivers
        return tuple(f"{outcome} ~ {' + '.join(names)}" for outcome, names in drivers.items())

    @property
    def text(self) -> str:
        """What is known of it, a line for each thing."""
        known = {"what": self.what, "cases": f"{self.n:,}", "population": self.population, "country": self.country,
                 "years": self.years, "scale": self.scale, "equations": "; ".join(self.equations) or None,
                 "source": self.source, "licence": self.licence, "caution": self.caution}  # fmt: skip
        lines = [f"{name}: {'not stated' if value is None else value}" for name, value in known.items()
                 if value is not None or name in ("country", "years")]  # fmt: skip
        return "\n".join([*lines, *(f"  {name}: {meaning}" for name, meaning in self.constructs.items())])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>"


class _Catalogue(Document):
    tables: dict[str, Fact]


@cache
def _known() -> Mapping[str, Fact]:
    return read_document(_Catalogue, data_folder() / "facts" / CATALOGUE).tables


def facts() -> pd.DataFrame:
    """List the published tables that ship with touchsim.

    Returns
    -------
    DataFrame
        One row for each table: name, what, kind (moments, groups), n, population, country, years (null where the source
        does not say), scale, constructs, equations, source, licence, caution, file.

    Examples
    --------
    >>> facts()[["name", "kind", "n"]].to_numpy().tolist()[0]
    ['bayesm_customerSat', 'moments', 1811]
    """
    rows = [{"name": name, **{column: getattr(fact, column) for column in COLUMNS if column in Fact.model_fields},
             "constructs": "; ".join(f"{key}: {meaning}" for key, meaning in fact.constructs.items()),
             "equations": "; ".join(fact.equations)} for name, fact in _known().items()]  # fmt: skip
    return pd.DataFrame(rows, columns=COLUMNS)


@verb
def load_fact(name: str) -> Fact:
    """Fetch a published table of the catalogue by its name, or by the name of its file.

    Parameters
    ----------
    name : str

    Returns
    -------
    Fact
        ``.table``, ``.model``, ``.equations``, ``.text``; ``ts.study_moments(name)`` asks its model of it.

    Raises
    ------
    BadInput
        When there is none of this name; with the nearest one.

    Examples
    --------
    >>> load_fact("olist_delay").table["n"].sum()
    np.int64(96353)
    >>> load_fact("plspm_bnk")
    Traceback (most recent call last):
    touchsim.errors.BadInput: fact: there is no such table (got plspm_bnk); did you mean 'plspm_bank'?
    """
    found = fact_of(name)
    if found is None:
        known = _known()
        hint = nearest(name, [*known, *(fact.file for fact in known.values())]) or f"there are: {', '.join(known)}"
        raise BadInput(Finding("fact", "there is no such table", got=str(name), hint=hint))
    return found


def fact_of(name: str | Path) -> Fact | None:
    """Find the table that a name, or the path of its file, stands for; None if it is none of the catalogue.

    A file that lies there is itself, whatever its name.
    """
    text, known, place = str(name), _known(), Path(name)
    if place.is_file():
        return next((fact for fact in known.values() if place.samefile(fact.path)), None)
    if text in known:
        return known[text]
    return next((fact for fact in known.values() if text in (fact.file, fact.file.removesuffix(".csv"))), None)


def name_of(place: Path) -> str | None:
    """Tell the name of the table that lies at a path; None if it is none of the catalogue."""
    return next((name for name, fact in _known().items() if place.is_file() and place.samefile(fact.path)), None)


def no_table(name: str) -> Finding | None:
    """Say that a name is no file and no table of moments, with the nearest; None where it is that of a file rather."""
    known = [key for key, fact in _known().items() if fact.kind == MOMENTS]
    hint = nearest(name.removesuffix(".csv"), [*known, *(_known()[key].file.removesuffix(".csv") for key in known)])
    if Path(name).suffix and (hint is None or missing(name).hint is not None):
        return None
    law = "there is no such file, and no such table in the catalogue"
    return Finding(name, law, hint=hint or f"there are: {', '.join(known)}")
