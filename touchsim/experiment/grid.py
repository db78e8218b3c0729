"""Dials of a survey design, turned one by one or together: where it still finds the truth, and with how many answers.

A threat to a study is a dial on its scenario; each setting of all dials gets a score card of its own, from the same
seed, so that the same customers live in every setting and differences between settings are sharper than each:

| dial             | turns                            | threat                                                  |
|------------------|----------------------------------|---------------------------------------------------------|
| `asked`          | `survey.asked`                   | survivorship: only who got so far is asked              |
| `returns_judged` | `survey.judge.returns`           | only returners rate returns, and only they are complete |
| `non_response`   | `survey.response.on_disposition` | only repliers count: cheerful people answer more        |
| `extremes`       | `survey.response.on_extremity`   | delighted and furious people answer more (Hu et al. 2009) |
| `halo`           | `survey.method`                  | a mood runs through all answers (Podsakoff et al. 2003) |
| `colouring`      | `survey.colouring`               | satisfaction colours answers (Nisbett & Wilson 1977)    |
| `recall`         | `survey.recall_decay`            | views are lost and guessed (Ebbinghaus 1885)            |
| `collinearity`   | `survey.forgetting`              | views fade into one impression (Feldman & Lynch 1988)   |
| `ceiling`        | `survey.style.shift_mean`        | answers crowd at the top (Peterson & Wilson 1992)       |
| `careless`       | `survey.style.careless`          | some do not read (Meade & Craig 2012)                   |
| `error`          | `survey.noise`                   | items measure badly                                     |
| `items`          | `survey.items.each`              | few questions per facet                                 |
| `points`         | `survey.points`                  | coarse answers                                          |
| `omitted`        | the regression                   | a facet is left out of it                               |

`asked` takes the words of the questionnaire, `returns_judged` impression or experience, `omitted` a facet or none; all
others take numbers.  The truth of a setting is that of those who are asked in it, with its drivers; `weigh_threats`
holds single settings against one truth instead.  Called by users, notebooks and proofs.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, nearest, verb
from touchsim.experiment.score import SCORED, ScoreCard, score_card
from touchsim.experiment.studies import few_points, named_ones, one_of, several, whole_sizes
from touchsim.languages import marked, tell, told
from touchsim.vocabulary import FACETS, keys, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from touchsim.world.scenario import Scenario

__all__ = ["DIALS", "DesignGrid", "design_grid", "drivers_of", "named", "turned", "worded"]

DIALS: dict[str, tuple[str, ...]] = {
    "asked": ("asked",), "returns_judged": ("judge", "returns"), "non_response": ("response", "on_disposition"),
    "extremes": ("response", "on_extremity"), "halo": ("method",), "colouring": ("colouring",),
    "recall": ("recall_decay",), "collinearity": ("forgetting",), "ceiling": ("style", "shift_mean"),
    "careless": ("style", "careless"), "error": ("noise",), "items": ("items", "each"), "points": ("points",),
    "omitted": (),
}  # fmt: skip
"""Dial to its place in the section ``survey`` of a scenario; none for what is turned in the regression."""

SAID = {
    "asked": told("asked: {value}"), "returns_judged": told("returns judged by {value}"),
    "non_response": told("non-response {value}"), "extremes": told("extremes {value}"), "halo": told("halo {value}"),
    "colouring": told("colouring {value}"), "recall": told("recall decay {value} a day"),
    "collinearity": told("collinearity {value} a day"), "ceiling": told("ceiling {value}"),
    "careless": told("careless {value}"), "error": told("error {value}"), "items": told("items {value}"),
    "points": told("points {value}"), "omitted": told("omitted: {value}"),
}  # fmt: skip
VALUES = {"all": told("all", "dial"), "buyers": told("buyers", "dial"), "repeat_buyers": told("repeat buyers", "dial"),
          "returners": told("returners", "dial"), "impression": told("impression", "dial"),
          "experience": told("experience", "dial"), "none": told("none", "dial")}  # fmt: skip
"""How dials and their words are said to people."""

Setting: TypeAlias = dict[str, float | str]
WHOLE, WORDS, OMITTED, NONE = ("items", "points"), ("asked", "returns_judged", "omitted"), "omitted", "none"
MOST_SETTINGS = 500


@dataclass(frozen=True)
class DesignGrid:
    """Score cards of every setting.

    Attributes
    ----------
    table : DataFrame
        One column per dial, then those of `ScoreCard.table`.
    ranks : DataFrame
        One column per dial, then those of `ScoreCard.ranks`.
    cards : tuple of ScoreCard
        In the order of the settings.
    settings : tuple of dict
        Dial to value.
    """

    table: pd.DataFrame
    ranks: pd.DataFrame
    cards: tuple[ScoreCard, ...]
    settings: tuple[Setting, ...]

    @property
    def text(self) -> str:
        """First lines of every card, setting by setting."""
        return "\n".join(f"{worded(setting)}\n{card.text}" for setting, card in self._pairs())

    def smallest_n(self, power: float = 0.8) -> pd.DataFrame:
        """Respondents that each driver takes for a wished power in each setting; see `ScoreCard.sizes_needed`."""
        parts = [card.sizes_needed(power).assign(**setting) for setting, card in self._pairs()]
        return pd.concat(parts, ignore_index=True)[[*self.settings[0], *parts[0].columns.drop(list(self.settings[0]))]]

    def plot(self, ax: Axes | None = None, *, driver: str | None = None) -> Axes:
        """Draw truth and estimates of one driver (the true top one of the first setting) in every setting."""
        from touchsim.plots.score import plot_score

        term = self.ranks["top"].iloc[0] if driver is None else driver
        wrong = one_of("driver", term, self.table["term"], "no setting has this driver in its regression")
        if wrong:
            raise BadInput(wrong)
        rows = self.table[(self.table["term"] == term) & (self.table["estimand"] == "projection")]
        rows = rows[rows["respondents"] == rows["respondents"].max()]
        shown = rows.assign(term=[worded(one) for one in rows[list(self.settings[0])].to_dict("records")])
        return plot_score(shown, title=str(self.cards[0].design["title"]), driver=term, ax=ax)

    def _pairs(self) -> list[tuple[Setting, ScoreCard]]:
        return list(zip(self.settings, self.cards, strict=True))

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.text)}</pre>{self.ranks.to_html(index=False, float_format='{:.3f}'.format)}"


@verb
def design_grid(
    scenario: Scenario, *, n: int | Sequence[int] = (200, 500), studies: int = 200,
    estimators: Sequence[str] = ("ols", "corrected"), seed: int = 1, workers: int | None = None,
    keep: str | Path | None = None, progress: Callable[[int], None] | None = None, response_rate: float | None = None,
    **dials: Sequence[float | str],
) -> DesignGrid:  # fmt: skip
    """Score a survey design at every combination of the settings of some dials.

    Parameters
    ----------
    scenario : Scenario
    n : int or sequence of int
        Respondents of a study; sizes cost next to nothing.
    studies : int
        Simulated studies in each setting.
    estimators, seed, workers, keep, progress, response_rate
        As for `score_card`; `keep` gets a folder for each setting.
    **dials
        Name of a dial (`DIALS`) and its settings, numbers or words, e.g. ``halo=(0, 0.25, 0.5),
        asked=("all", "buyers"), omitted=("none", "fulfilment")``.

    Returns
    -------
    DesignGrid
        Frozen; ``.table``, ``.ranks``, ``.text``, ``.plot()``, ``.smallest_n(power)``.

    Raises
    ------
    BadInput
        Dials that are not there or have no settings, more than 500 settings, settings that break a law of the
        questionnaire, and whatever `score_card` refuses.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> grid = design_grid(load_scenario("corner_shop"), n=100, studies=2, workers=1, halo=(0.0, 0.5))
    >>> grid.ranks[["halo", "estimator"]].values.tolist()
    [[0.0, 'ols'], [0.0, 'corrected'], [0.5, 'ols'], [0.5, 'corrected']]
    """
    sizes, wrong = whole_sizes(n)
    methods, unknown = named_ones("estimators", estimators, SCORED)
    settings = _settings({name: values if isinstance(values, str) else several(values)
                          for name, values in dials.items()}, [*wrong, *unknown])  # fmt: skip
    worlds = [turned(scenario, setting) for setting in settings]  # every law before any work
    many = {finding: None for world in worlds for finding in few_points(world, methods)}
    if many:
        raise BadInput(many)
    cards = []
    for place, world in enumerate(worlds):
        folder = None if keep is None else Path(keep) / f"setting-{place:03d}"
        cards.append(score_card(world, n=sizes, studies=studies, estimators=methods, seed=seed, workers=workers,
                                drivers=drivers_of(settings[place]), keep=folder, progress=progress,
                                response_rate=response_rate))  # fmt: skip
    names = list(settings[0])
    table, ranks = (pd.concat([frame.assign(**setting)[[*names, *frame.columns]]
                               for setting, frame in zip(settings, frames, strict=True)], ignore_index=True)
                    for frames in ([card.table for card in cards], [card.ranks for card in cards]))  # fmt: skip
    return DesignGrid(table, ranks, tuple(cards), settings)


def turned(scenario: Scenario, setting: Mapping[str, float | str]) -> Scenario:
    """Return the scenario with the questionnaire that a setting asks for.

    Raises
    ------
    BadInput
        For a setting that breaks a law of the questionnaire.

    Examples
    --------
    >>> from touchsim.world.scenario import load_scenario
    >>> turned(load_scenario("corner_shop"), {"halo": 0.5, "asked": "all"}).survey.asked
    'all'
    """
    changes: dict[str, Any] = {}
    for name, value in setting.items():
        if not DIALS[name]:
            continue
        *sections, last = DIALS[name]
        here = changes
        for section in sections:
            here = here.setdefault(section, {})
        here[last] = value if isinstance(value, str) else int(value) if name in WHOLE and float(value).is_integer() \
            else float(value)  # fmt: skip
    return scenario.with_(survey=changes) if changes else scenario


def drivers_of(setting: Mapping[str, float | str]) -> tuple[str, ...]:
    """Facets in the regression of a setting: all but the one that is omitted.

    Examples
    --------
    >>> "returns" in drivers_of({"omitted": "returns"}), len(drivers_of({"omitted": "none"}))
    (False, 9)
    """
    return tuple(facet for facet in keys(FACETS) if facet != setting.get(OMITTED, NONE))


def named(setting: Mapping[Any, float | str]) -> str:
    """Write a setting as a key of tables, ``halo 0.5, asked repeat buyers``; English in all languages."""
    said = [(name, value.replace("_", " ") if isinstance(value, str) else _number(value))
            for name, value in setting.items()]  # fmt: skip
    return ", ".join(f"{str(name).replace('_', ' ')} {value}" for name, value in said)


def worded(setting: Mapping[Any, float | str]) -> str:
    """Say a setting to people, in the language spoken.

    Examples
    --------
    >>> from touchsim.languages import language
    >>> worded({"halo": 0.5, "omitted": "returns"})
    'halo 0.5, omitted: ease of return'
    >>> with language("nl"):
    ...     worded({"halo": 0.5, "asked": "repeat_buyers"})
    'stemming 0,5, gevraagd: herhaalkopers'
    """
    return ", ".join(tell(SAID[str(name)], value=_value(str(name), value)) for name, value in setting.items())


def _value(dial: str, value: float | str) -> str:
    if not isinstance(value, str):
        return marked(_number(value)).replace("-", "\N{MINUS SIGN}")
    return label(value) if dial == OMITTED and value != NONE else tell(VALUES[value], about="dial")


def _number(value: float) -> str:
    """Digits enough that no two settings read alike."""
    return f"{value:.12g}"


def _settings(dials: Mapping[str, Sequence[float | str]], others: Sequence[Finding] = ()) -> tuple[Setting, ...]:
    """Every combination, the last dial turning fastest; `others` is what else is wrong."""
    known = ", ".join(DIALS)
    findings = [*others]
    findings += [Finding(name, "no such dial", hint=nearest(name, DIALS) or f"known: {known}")
                for name in dials if name not in DIALS]  # fmt: skip
    if not dials:
        findings.append(Finding("dials", "names nothing to turn", hint=f"e.g. halo=(0, 0.5); known: {known}"))
    for name, values in dials.items():
        if isinstance(values, str) or not len(values) or list(values) == [None]:
            findings.append(Finding(name, "must be one or more settings", got=str(values), hint=f"{name}=(0, 0.5)"))
        elif all(map(_hashable, values)) and len(set(values)) < len(values):
            findings.append(Finding(name, "each setting is named once", got=str(list(values))))
        elif name in DIALS:
            findings += [finding for value in values for finding in _kind(name, value)]
    many = 1
    for values in [] if findings else dials.values():
        many *= len(values)
    if many > MOST_SETTINGS:
        findings.append(Finding("dials", f"must have at most {MOST_SETTINGS} settings together", got=str(many)))
    if findings:
        raise BadInput(findings)
    return tuple(dict(zip(dials, values, strict=True)) for values in product(*dials.values()))


def _hashable(value: Any) -> bool:
    return isinstance(value, (str, int, float, np.number))


def _kind(name: str, value: Any) -> Iterator[Finding]:
    """Refuse a word where a number is asked for, and a number or an unknown facet where it is a word."""
    if name in WORDS and not isinstance(value, str):
        yield Finding(name, "must be a word", got=str(value))
    elif name not in WORDS and (isinstance(value, (str, bool)) or not isinstance(value, (int, float, np.number))):
        yield Finding(name, "must be a number", got=str(value))
    elif name == OMITTED and value not in (NONE, *keys(FACETS)):
        hint = nearest(value, keys(FACETS)) or f"known: none, {', '.join(keys(FACETS))}"
        yield Finding(name, "no such facet", got=value, hint=hint)
