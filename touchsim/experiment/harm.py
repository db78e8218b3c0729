"""The harm that each threat did to a survey, in sentences.

A shift is told only where it stands off zero as surely as all drivers and threats together ask for: by t on the studies
that have an estimate in both designs, one degree of freedom less, with the chance of an alarm shared out (Bonferroni).
What is not told apart is not called harmless, and of what no study knows nothing is said.  Called by `threats`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from touchsim.experiment.grid import worded
from touchsim.experiment.success import Truth
from touchsim.languages import marked, tell
from touchsim.plots.numerals import fixed
from touchsim.plots.score import NAMES
from touchsim.plots.threats import CLEAN, LABELS
from touchsim.vocabulary import label

__all__ = ["sentences"]

SIGNIFICANT = 0.05
"""In so many sets of threats that do nothing, at most, any shift at all is called one."""
REPLIERS = ("cheerful_repliers", "extreme_repliers")


def sentences(table: pd.DataFrame, truth: Truth, design: dict[str, Any]) -> Iterator[str]:
    """Tell what the first estimator found, in the language spoken; see `threats.Threats` for what is given."""
    estimator = str(table["estimator"].iloc[0])
    rows = table[table["estimator"] == estimator]
    yield tell("{studies} simulated studies of {title}: {n} respondents each, every threat alone beside the same clean "
               "design; {estimator}. Settings are assumptions.", studies=marked(f"{design['studies']:,}"),
               title=design["title"], n=design["respondents"], estimator=tell(NAMES[estimator]))  # fmt: skip
    yield tell("Truth is that of everybody whom the clean design asks ({asked}; {people} people in all).",
               asked=worded({"asked": design["among"]}), people=marked(f"{design['asked']:,}"))  # fmt: skip
    known = rows[(rows["threat"] == CLEAN) & rows["bias"].notna()]
    if len(known):
        worst = max(known.to_dict("records"), key=lambda row: abs(row["bias"]))
        yield tell("Clean design: largest bias {bias} (Monte Carlo error {error}; {driver}, truth {truth}).",
                   bias=_signed(worst["bias"]), error=_error(worst["bias_mcse"]), driver=label(worst["term"]),
                   truth=fixed(worst["truth"], 2))  # fmt: skip
    lost = rows.groupby("threat", sort=False)["failed"].max()
    if (lost > 0).any():
        yield tell("Studies without an estimate, left out of the figures: {threats}.",
                   threats=", ".join(f"{tell(LABELS[str(threat)])} {many}" for threat, many in lost[lost > 0].items()))
    if not any(truth.stands_off("projection", driver) for driver in truth.values["projection"]):
        yield tell("No driver stands out: no true coefficient can be told from zero, so that none ought to come first.")
    clean = rows[rows["threat"] == CLEAN].set_index("term")
    quiet: list[str] = []
    unknown: list[str] = []
    for threat, some in rows[rows["threat"] != CLEAN].groupby("threat", sort=False):
        told_apart = some[_moved(some, int((rows["threat"] != CLEAN).sum()))].to_dict("records")
        if not told_apart:
            (quiet if some["shift_mcse"].notna().any() else unknown).append(tell(LABELS[str(threat)]))
            continue
        most = max(told_apart, key=lambda row: abs(row["shift"]))
        before = clean.loc[most["term"]]
        yield tell("{threat} ({setting}): moves {driver} most, by {shift} (Monte Carlo error {error}), from a bias of "
                   "{before} to {bias}; its 95 % interval holds the truth in {coverage} % of the studies, in the clean "
                   "design in {clean} %.",
                   threat=_capital(tell(LABELS[str(threat)])), setting=worded(design["settings"][threat]),
                   driver=label(most["term"]), shift=_signed(most["shift"]), error=_error(most["shift_mcse"]),
                   before=_signed(before["bias"]), bias=_signed(most["bias"]), coverage=_share(most["coverage"]),
                   clean=_share(before["coverage"]))  # fmt: skip
    if quiet:
        yield tell("No coefficient is told apart from the clean design's: {threats}.", threats=", ".join(quiet))
    if unknown:
        yield tell("Nothing is known, for want of two studies with an estimate in both designs: {threats}.",
                   threats=", ".join(unknown))  # fmt: skip
    if set(REPLIERS) & set(rows["threat"]):
        yield tell("Some answer more than others at a response rate of {rate} %, the scenario's; at another they may "
                   "do otherwise.", rate=_share(design["response_rate"]))  # fmt: skip
    if design["left_out"]:
        yield tell("Not tried: {threats}.", threats="; ".join(
            f"{tell(LABELS[name])} ({tell(reason)})" for name, reason in design["left_out"].items()))


def _moved(rows: pd.DataFrame, many: int) -> npt.NDArray[np.bool_]:
    """Which shifts are told from 0: t on one degree of freedom less than pairs, Bonferroni over `many` of them."""
    from scipy import stats

    df = np.maximum(rows["pairs"].to_numpy(float) - 1, 1)
    reach = stats.t.ppf(1 - SIGNIFICANT / (2 * many), df) * rows["shift_mcse"].to_numpy(float)
    return np.asarray(rows["shift"].abs().to_numpy(float) > reach, dtype=np.bool_)


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _signed(value: float) -> str:
    return marked(f"{value:+.3f}").replace("-", "−")


def _error(value: float) -> str:
    return marked(f"{value:.3f}")


def _share(value: float) -> str:
    return marked(f"{100 * value:.0f}")
