"""What a study asks of a survey: the document MODEL.yaml.

    scales:      construct -> its item columns               satisfaction: [SA1, SA2, SA3]
    drivers:     outcome -> its drivers, in order            satisfaction: [fulfilment, returns]
    blocks:      optional groups of drivers                  offline: [fulfilment, returns]
    interactions: optional pairs of drivers whose centred product is a driver, too     [[fulfilment, returns]]
    groups:      optional column whose values split the rows into studies of their own
    words:       optional numbers of words, per column; a list counts 1, 2, 3 ...              [never, often, always]
    missing:     answers that mean "no answer", per construct or column, and what to do about gaps
    estimator:   ols (HC3) | corrected (for the unreliability of scales) | ordered_logit | logit | ordered_probit
                 | probit | quantile (the median) | mixed (random intercepts by `clusters`)
                 | sem (constructs, maximum likelihood) | sem_mlr (robust errors) | sem_wlsmv (items on few points)
    weights:     optional column of frequencies
    clusters:    optional column of rows that hang together, such as the replication of a simulated survey
    marker:      optional construct or item that in theory has nothing to do with the others (Lindell & Whitney 2001)
    truth:       optional true coefficients, where a simulator knows them

A name in `drivers` that is no construct is a column of the survey, a composite already scored.  What a hand may write
in more than one harmless way is read in all of them: one item or driver as plain text, whole numbers as column names,
one code without brackets, a list of codes for every column.  Everything else is strict (see `documents`).  Laws between
the sections are checked here; laws between the document and the survey's columns in `columns`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from touchsim.documents import Assumption, Document, Finding, Laws, broken, nearest, read_document, validate_document
from touchsim.vocabulary import CONSEQUENCES, FACETS, MARKERS

__all__ = ["BINARY", "CLASSICAL", "EVERY_COLUMN", "LATENT", "LOGITS", "NORMAL", "STRUCTURAL", "SYSTEMS", "Missing",
           "StudyModel", "Truth", "model_of", "read_model"]  # fmt: skip

EVERY_COLUMN = "*"
BLOCK = "block:"
LOGITS = ("ordered_logit", "logit")
LATENT = (*LOGITS, "ordered_probit", "probit")
"""Estimators of a latent answer, of which only levels are seen."""

BINARY = ("logit", "probit")
"""Estimators of an outcome with two values."""

SYSTEMS = ("sem", "sem_mlr", "sem_wlsmv")
"""Estimators that fit all equations at once, between constructs."""

CLASSICAL, NORMAL, STRUCTURAL = "classical, rounding", "normal theory, rounding", "ML expected information, rounding"
"""Kinds of the errors of a published table: of least squares, of the corrected regression, of structural equations."""

PLANNED = ("pairwise", "indicator")


def _names(value: Any) -> Any:
    """Accept one name for a list of names, and whole numbers as names of columns."""
    several = value if isinstance(value, (list, tuple)) else [value]
    if value is None or isinstance(value, Mapping):
        return value
    return tuple(str(one) if isinstance(one, int) and not isinstance(one, bool) else one for one in several)


def _name(value: Any) -> Any:
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _values(value: Any) -> Any:
    if isinstance(value, (int, float, str)) and not isinstance(value, bool):
        return (value,)
    return tuple(value) if isinstance(value, list) else value  # strict tuples: what a validator returns is Python data


def _codes(value: Any) -> Any:
    """Accept a list of codes, or one code, for every column."""
    return value if value is None or isinstance(value, Mapping) else {EVERY_COLUMN: _values(value)}


def _words(value: Any) -> Any:
    """Accept a list of words, the lowest first, for the numbers 1, 2, 3 ...; without a column it is for every one."""
    several = {EVERY_COLUMN: value} if isinstance(value, (list, tuple)) else value
    if isinstance(value, str):
        raise broken("must be a list of words, the lowest first, or a mapping of columns", hint=f"[{value}, ...]")
    if not isinstance(several, Mapping):
        return value
    for one in several.values():
        if isinstance(one, (list, tuple, Mapping)):
            small = tuple(str(word).strip().casefold() for word in one)
            if _repeated(small):
                raise broken(f"a word stands once, in small or capital letters: '{_repeated(small)[0]}' stands twice")
    return {name: {str(word): float(place) for place, word in enumerate(one, 1)} if isinstance(one, (list, tuple))
            else one for name, one in several.items()}  # fmt: skip


def _pairs(value: Any) -> Any:
    """Accept one pair for a list of pairs, and a pair as a list."""
    if not isinstance(value, (list, tuple)):
        return value
    several = value if value and isinstance(value[0], (list, tuple)) else [value] if value else []
    return tuple(tuple(_name(one) for one in pair) if isinstance(pair, (list, tuple)) else pair for pair in several)


def _how(value: Any) -> Any:
    if value in PLANNED:
        raise broken("must be listwise or impute", hint="rows with a gap are left out, and counted; or imputed")
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]
Column = Annotated[str, BeforeValidator(_name), Field(min_length=1)]
Pair = tuple[Annotated[str, Field(min_length=1)], Annotated[str, Field(min_length=1)]]
Codes = Annotated[tuple[int | float | str, ...], BeforeValidator(_values), Field(min_length=1)]


class Missing(Document):
    """Answers that mean "no answer", and what happens to rows with gaps."""

    codes: Annotated[dict[str, Codes], BeforeValidator(_codes)] = Field(
        default_factory=dict, description="per construct or column: values to read as gaps; a list = every column"
    )
    how: Annotated[Literal["listwise", "impute"], BeforeValidator(_how)] = Assumption(
        "listwise", "a row counts when it is complete on every item that the model names"
    )
    imputations: Annotated[int, Field(ge=2, le=200)] = Assumption(
        20, "enough for intervals that hardly depend on the seed with a third of the information missing (Graham 2007)"
    )
    seed: int = Assumption(1, "any number will do; same seed, same imputations")


class Truth(Document):
    """True coefficients, known where a simulator made the survey."""

    estimand: str = Field(description="which truth: structural weight, regression projection among those asked ...")
    units: Literal["standardised", "raw"] = Field(description="units of the coefficients")
    coefficients: dict[str, dict[str, dict[str, float]]] = Field(description="group -> outcome -> driver")


class StudyModel(Document):
    """The questions that a study puts to a survey; see the module for the sections.

    Raises
    ------
    BadInput
        From `read_model` and `model_of`, with every broken law.

    Examples
    --------
    >>> model = model_of({"scales": {"trust": ["T1", "T2"]}, "drivers": {"trust": "price"}})
    >>> model.drivers["trust"], model.items_of("trust"), model.items_of("price")
    (('price',), ('T1', 'T2'), ('price',))
    """

    scales: dict[str, Names] = Field(default_factory=dict, description="construct: its item columns")
    drivers: Annotated[dict[str, Names], Field(min_length=1)] = Field(description="outcome: its drivers, in order")
    blocks: dict[str, Names] = Field(default_factory=dict, description="block: drivers tested and summed together")
    interactions: Annotated[tuple[Pair, ...], BeforeValidator(_pairs)] = Field(
        (), description="pairs of drivers: their centred product enters every equation that has both"
    )
    groups: Column | None = Field(None, description="column whose values split the rows into groups")
    words: Annotated[dict[str, dict[str, float]], BeforeValidator(_words)] = Field(
        default_factory=dict, description="per construct or column: word to its number; a list = 1, 2, 3 ..."
    )
    missing: Missing = Field(default_factory=Missing)
    estimator: Literal[
        "ols", "corrected", "ordered_logit", "logit", "ordered_probit", "probit", "quantile", "mixed", "sem", "sem_mlr",
        "sem_wlsmv",
    ] = Assumption(
        "ols", "scores of rating scales are read as distances; ordered_logit does not need that"
    )
    weights: Column | None = Field(None, description="column of frequencies: whole numbers")
    clusters: Column | None = Field(None, description="column of rows that hang together: errors are clustered by it")
    marker: Column | None = Field(
        None, description="construct or item unrelated to all others in theory: what it shares with them is method"
    )
    truth: Truth | None = None

    def items_of(self, name: str) -> tuple[str, ...]:
        """Columns behind a name: the items of a construct, or the column itself."""
        return self.scales.get(name, (name,))

    @property
    def names(self) -> tuple[str, ...]:
        """Every construct and column in an equation, constructs in none, and the marker, in order of appearance."""
        used = [name for outcome, drivers in self.drivers.items() for name in (*drivers, outcome)]
        return tuple(dict.fromkeys([*self.scales, *used, *([] if self.marker is None else [self.marker])]))

    @property
    def items(self) -> tuple[str, ...]:
        """Every column that must be answered for a row to count."""
        return tuple(dict.fromkeys(item for name in self.names for item in self.items_of(name)))

    @property
    def names_its_own(self) -> bool:
        """Whether its constructs are someone's own: none, or others than keys and items of the questionnaire here."""
        known = {word.key: word.short for word in (*FACETS, *CONSEQUENCES, *MARKERS)}
        return not self.scales or not all(re.fullmatch(rf"{known[name]}\d+", item) if name in known else False
                                          for name, items in self.scales.items() for item in items)  # fmt: skip

    @model_validator(mode="after")
    def _agrees(self) -> StudyModel:
        findings = [*self._scale_laws(), *self._driver_laws(), *self._block_laws(), *self._truth_laws(),
                    *self._interaction_laws(), *self._marker_laws()]  # fmt: skip
        if self.estimator == "mixed" and self.clusters is None:
            hint = "clusters: the column whose values have intercepts of their own"
            findings.append(Finding("clusters", "is needed by estimator: mixed", hint=hint))
        if findings:
            raise Laws(findings)
        return self

    def _scale_laws(self) -> Iterator[Finding]:
        for name, items in self.scales.items():
            for item in _repeated(items):
                yield Finding(f"scales.{name}", "an item stands once in a scale", got=item)
        for section in ("groups", "weights", "clusters"):
            column = getattr(self, section)
            if column is not None and column in self.items:
                yield Finding(section, "must be a column that is no item, outcome or driver", got=column)

    def _driver_laws(self) -> Iterator[Finding]:
        for outcome, drivers in self.drivers.items():
            where = f"drivers.{outcome}"
            for driver in _repeated(drivers):
                yield Finding(where, "a driver stands once in an equation", got=driver)
            for name in (name for name in (outcome, *drivers) if name.startswith(BLOCK)):
                law = f"'{name}' reads as a block: no driver or outcome begins with '{BLOCK}'"
                yield Finding(where, law, hint="give it another name, as a scale of one item")
            if outcome in drivers:
                yield Finding(where, "an outcome cannot be its own driver", got=outcome)
            owner: dict[str, str] = {}
            for name in dict.fromkeys((outcome, *drivers)):
                for item in dict.fromkeys(self.items_of(name)):
                    if item in owner:
                        law = f"'{owner[item]}' and '{name}' share the item '{item}', so they correlate by construction"
                        yield Finding(where, law, hint="let each item belong to one of them")
                    owner.setdefault(item, name)
        circle = _circle(self.drivers)
        if circle and len(circle) > 2:
            law = "outcomes must not drive each other in a circle"
            yield Finding(f"drivers.{circle[0]}", law, got=" <- ".join(circle))

    def _block_laws(self) -> Iterator[Finding]:
        known = {driver for drivers in self.drivers.values() for driver in drivers}
        home: dict[str, str] = {}
        for block, members in self.blocks.items():
            for member in _repeated(members):
                yield Finding(f"blocks.{block}", "a driver stands once in a block", got=member)
            for member in dict.fromkeys(members):
                if member not in known:
                    yield Finding(f"blocks.{block}", f"'{member}' drives no outcome", hint=nearest(member, known))
                if member in home:
                    yield Finding(f"blocks.{block}", f"'{member}' is already in block '{home[member]}'")
                home.setdefault(member, block)

    def _interaction_laws(self) -> Iterator[Finding]:
        known = {driver for drivers in self.drivers.values() for driver in drivers}
        for place, pair in enumerate(self.interactions):
            where = f"interactions.{place + 1}"
            yield from (Finding(where, f"'{name}' drives no outcome", hint=nearest(name, known))
                        for name in pair if name not in known)  # fmt: skip
            together = any(set(pair) <= set(drivers) for drivers in self.drivers.values())
            if pair[0] == pair[1]:
                yield Finding(where, "must be two different drivers", got=" and ".join(pair))
            elif set(pair) <= known and not together:
                yield Finding(where, f"'{pair[0]}' and '{pair[1]}' are in no equation together")
            elif any(set(pair) == set(other) for other in self.interactions[:place]):
                yield Finding(where, "a pair stands once in interactions", got=" and ".join(pair))
        if self.missing.how == "impute" and (self.interactions or self.estimator in SYSTEMS):
            law = "cannot be had with interactions, nor with structural equations, which the imputations do not know"
            yield Finding("missing.how", law, got="impute", hint="how: listwise")
        if self.interactions and self.estimator in (*SYSTEMS, "corrected"):
            law = f"cannot be had with estimator: {self.estimator}, whose drivers are constructs without scores"
            yield Finding("interactions", law, hint="estimator: ols")

    def _marker_laws(self) -> Iterator[Finding]:
        marker = self.marker
        if marker is None:
            return
        if marker in {name for outcome, drivers in self.drivers.items() for name in (*drivers, outcome)}:
            law = "must have nothing to do with the equations: it is a driver or an outcome of one"
            yield Finding("marker", law, got=marker)
            return
        others = [name for name in self.names if name != marker]
        for name in others:
            for item in dict.fromkeys(self.items_of(marker)):
                if item in self.items_of(name):
                    law = f"must share no item with another scale: '{item}' is one of '{name}'"
                    hint = nearest(marker, self.scales)
                    yield Finding("marker", law, got=None if item == marker else marker, hint=hint)

    def _truth_laws(self) -> Iterator[Finding]:
        for group, outcomes in (self.truth.coefficients if self.truth else {}).items():
            where = f"truth.coefficients.{group}"
            for outcome, values in outcomes.items():
                if outcome not in self.drivers:
                    hint = nearest(outcome, self.drivers)
                    yield Finding(f"{where}.{outcome}", "is no outcome of the model", hint=hint)
                    continue
                for driver in values:
                    if driver not in self.drivers[outcome]:
                        hint = nearest(driver, self.drivers[outcome])
                        yield Finding(f"{where}.{outcome}.{driver}", f"does not drive '{outcome}'", hint=hint)


def read_model(path: str | Path) -> StudyModel:
    """Read a MODEL.yaml.

    Raises
    ------
    BadInput
        With every finding: file, line, place, law.
    """
    return read_document(StudyModel, path)


def model_of(model: StudyModel | Mapping[str, Any] | str | Path) -> StudyModel:
    """Accept a model in any of its forms: the document itself, plain data, or the path of a file.

    Raises
    ------
    BadInput
        With every finding.
    """
    if isinstance(model, StudyModel):
        return model
    return validate_document(StudyModel, model) if isinstance(model, Mapping) else read_model(model)


def _repeated(names: tuple[str, ...]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]


def _circle(drivers: Mapping[str, tuple[str, ...]]) -> list[str] | None:
    """First circle of outcomes that drive each other, closed: [a, b, a]."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done or name not in drivers:
            return None
        for driver in drivers[name]:
            found = walk(driver, [*path, name])
            if found:
                return found
        done.add(name)
        return None

    return next((circle for name in drivers if (circle := walk(name, []))), None)
