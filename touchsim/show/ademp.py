"""ADEMP: the reporting sheet of a simulation study of statistical methods, filled from a score card.

Aims, data-generating mechanisms, estimands, methods and performance measures after Morris, White & Crowther (2019),
Statistics in Medicine 38:2074-2102, with the number of studies that its Monte Carlo errors justify.  The errors of
table 6 there; the number of studies for an error e of a share c is c (1 - c) / e^2.  Called by `sheets`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from touchsim.errors import BadInput, Finding
from touchsim.plots.canvas import records
from touchsim.plots.score import NAMES
from touchsim.show import inventory, portrait
from touchsim.show.forms import Block, Bullets, Item, Rows, plain
from touchsim.show.runs import code_access, sampling, software
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.experiment.score import ScoreCard
    from touchsim.show.conduct import Conduct
    from touchsim.world.scenario import Scenario

__all__ = ["SOURCE", "items_of_ademp"]

SOURCE = ("Items of ADEMP: Morris, T. P., White, I. R. & Crowther, M. J. (2019). Using simulation studies to evaluate "
          "statistical methods. Statistics in Medicine 38(11), 2074-2102. doi:10.1002/sim.8086.")  # fmt: skip
ESTIMANDS = {
    "projection": "regression projection among those asked: the standardised coefficients of least squares of true "
                  "satisfaction on the true views of the drivers, over everyone asked in all crowds together; all that "
                  "a survey can find",
    "structural": "structural weight: what the world itself gives a view, averaged over kinds of goods, in SD per SD; "
                  "what acting on it changes, other views being equal",
    "total": "total effect: what raising a facet wherever it is met does to satisfaction among those asked, lines, "
             "choices, emotion and selection included, in SD per SD; none where no touchpoint tells of the facet",
}  # fmt: skip
MEASURES = (
    ("bias", "mean of the estimates less the truth", "of the difference, the truth being estimated from the same "
                                                     "crowds"),
    ("empirical standard error", "SD of the estimates", "emp_se / sqrt(2 (R - 1))"),
    ("root mean squared error", "sqrt(mean((b - T)^2))", "sd((b - T)^2) / sqrt(R) / (2 rmse)"),
    ("coverage", "share of 95 % intervals that hold the truth", "sqrt(c (1 - c) / R)"),
    ("power", "share of studies with p < 0.05", "sqrt(p (1 - p) / R)"),
    ("rank recovery", "share of studies in which LMG puts the true top driver first", "sqrt(s (1 - s) / R)"),
)
WISHED = (0.02, 0.01, 0.005)
NOMINAL = 0.95


def items_of_ademp(scenario: Scenario, conduct: Conduct) -> Iterator[Item]:
    """Fill every item of ADEMP, in its order; `BadInput` without a score card."""
    card = conduct.card
    if card is None:
        hint = "score it first: ts.reporting_sheet(scenario, 'ademp', result=ts.score_card(scenario))"
        raise BadInput(Finding("result", "must be a score card, for ADEMP", hint=hint))
    sizes = ", ".join(f"{int(size):,}" for size in sorted(card.table["respondents"].unique()))
    yield Item("Aims", "", "Aims", (
        "To find out whether a survey of this design finds what drives satisfaction: how far its estimates lie from "
        "the truth, whether its intervals are honest, which drivers it can find, and whether it ranks them right.",),
        ("why your study asks this",))  # fmt: skip
    yield Item("Data-generating mechanisms", "", "Data-generating mechanisms", tuple(_data(scenario, card)),
               ("why this world, and not another one, stands for the market that you study",))  # fmt: skip
    yield Item("Estimands", "", "Estimands", (Bullets(tuple(f"`{key}`: {ESTIMANDS[key]}" for key in _held(card))),
                                              _truth(card),
                                              "The truth is the same for every estimator and every size."))  # fmt: skip
    estimators = list(dict.fromkeys(card.table["estimator"]))
    yield Item("Methods", "", "Methods", (
        Bullets(tuple(f"`{one}`: {NAMES[one]}" for one in estimators)),
        f"Each is fitted to the answers of {sizes} respondents (smaller sizes are parts of the same studies), with 95 "
        "% intervals; answers with gaps are left out. Relative importance: LMG shares of R2 (Lindeman, Merenda & Gold "
        "1980)."), ("why these estimators",))  # fmt: skip
    yield Item("Performance measures", "", "Performance measures", (Rows(
        "With R studies, estimates b and truth T.", ("measure", "definition", "Monte Carlo standard error"), MEASURES),
        *_found(card)))  # fmt: skip
    yield Item("Number of studies", "", "Number of studies", tuple(_number(card)),
               ("whether these errors are small enough for your conclusions",))  # fmt: skip
    said, left = software(conduct)
    yield Item("Coding and execution", "", "Coding and execution", (*said, *sampling(conduct)), left)
    yield Item("Code access", "", "Code access", *code_access(scenario))


def _data(scenario: Scenario, card: ScoreCard) -> Iterator[Block]:
    design, survey = card.design, scenario.survey
    items = ", ".join(f"{label(name)} {many}" for name, many in design["items"].items())
    changed = ", ".join(f"`{plain(name)}`" for name in design["interventions"]) or "none"
    yield (f"Scenario `{scenario.name}` ({plain(scenario.title or scenario.name)}), interventions: {changed}. Each "
           f"study has a crowd of its own, {design['customers']:,} customers who live through the scenario; the full "
           "model stands in `stress_des.md` and `odd.md`.")  # fmt: skip
    yield Bullets((
        f"respondents: {', '.join(f'{int(n):,}' for n in sorted(card.table['respondents'].unique()))} of those asked "
        f"({design['asked']:,} people in all studies), response rate {inventory.percent(design['response_rate'])}"
        + ("" if design["response_rate"] == survey.response.rate else
           f" (of the scenario: {inventory.percent(survey.response.rate)})"),
        f"asked: {portrait.asked(scenario)}",
        f"from view to answer: {portrait.recollection(scenario)}",
        f"items: {items}; {survey.points} answer points over {survey.span:g} SDs",
        f"loading {survey.loading:g}, error of an item {survey.noise:g}, mood common to a person's answers "
        f"{survey.method:g} (correlation with disposition {survey.halo:g})",
        f"use of the scale: shift {survey.style.shift_mean:g} (SD {survey.style.shift_sd:g}), stretch SD "
        f"{survey.style.stretch_sd:g}; careless {inventory.percent(survey.style.careless)}, single answers skipped "
        f"{inventory.percent(survey.response.skip)}",
    ))  # fmt: skip
    yield inventory.numbers(scenario, ("satisfaction", "views", "survey"),
                           caption="What makes satisfaction, views and answers, in full")  # fmt: skip


def _held(card: ScoreCard) -> list[str]:
    """Estimands that the estimates are held against."""
    known = set(card.table["estimand"])
    return [kind for kind in ESTIMANDS if kind in known]


def _truth(card: ScoreCard) -> Rows:
    kinds = _held(card)
    found = card.table.drop_duplicates(["term", "estimand"]).set_index(["term", "estimand"])
    cells = {(row["term"], row["estimand"]): _between(row) for row in records(found.reset_index())}
    rows = tuple((label(name), *(cells[name, kind] for kind in kinds)) for name in dict.fromkeys(card.table["term"]))
    return Rows(f"The truth, SD of satisfaction per SD of the driver, with its 95 % Monte Carlo interval over crowds "
                f"(from {card.truth.asked:,} people).", ("driver", *kinds), rows)  # fmt: skip


def _between(row: Mapping[str, Any]) -> str:
    """A truth with its interval."""
    if row["truth"] is None:
        return "none"
    ends = row["truth_low"], row["truth_high"]
    inside = "no interval" if None in ends else "; ".join(f"{end:z.2f}" for end in ends)
    return f"{row['truth']:z.3f} [{inside}]"


def _found(card: ScoreCard) -> Iterator[Block]:
    size = card.table["respondents"].max()
    head = ("estimator", "driver", "bias", "empirical SE", "RMSE", "coverage", "power")
    for kind in _held(card):
        rows = card.table[(card.table["respondents"] == size) & (card.table["estimand"] == kind)]
        body = tuple(
            (f"`{row['estimator']}`", label(row["term"]),
             *(f"{row[name]:.3f} ({row[f'{name}_mcse']:.3f})" if row[name] is not None else "no estimate"
               for name in ("bias", "emp_se", "rmse", "coverage")),
             f"{row['power']:.3f} ({row['power_mcse']:.3f})" + (" false alarms" if row["truth"] == 0 else ""))
            for row in records(rows) if row["truth"] is not None)  # fmt: skip
        yield Rows(f"Against the estimand {kind}, {int(size):,} respondents (Monte Carlo standard errors in brackets)",
                   head, body, folded=True)  # fmt: skip
    lost = int(card.table["failed"].max())
    yield (f"Up to {lost:,} of {card.design['studies']:,} studies had no estimate for a driver: they count as not "
           "found in its power, and are left out of its other figures." if lost else
           "Every study gave every estimate.")  # fmt: skip


def _number(card: ScoreCard) -> Iterator[Block]:
    many = int(card.design["studies"])
    error = (NOMINAL * (1 - NOMINAL) / many) ** 0.5
    yield (f"{many:,} independent studies. If an interval covers at its nominal 95 %, the Monte Carlo standard error "
           f"of its coverage is sqrt(0.95 * 0.05 / {many:,}) = {100 * error:.2f} percentage points; a share of one "
           f"half has at most {100 * 0.5 / many**0.5:.2f}.")  # fmt: skip
    worst = {name: card.table[f"{name}_mcse"].max() for name in ("bias", "emp_se", "rmse", "coverage", "power")}
    yield "The largest Monte Carlo standard errors found: " + ", ".join(
        f"{name} {value:.4f}" for name, value in worst.items()) + "."  # fmt: skip
    yield (f"Where a share is 0 or 1 the formula gives an error of 0: with {many:,} studies the true share may still "
           f"lie {100 * min(3 / many, 1):.3g} percentage points away (rule of three, Hanley & Lippman-Hand "
           "1983).")  # fmt: skip
    needs = "; ".join(f"{ceil(NOMINAL * (1 - NOMINAL) / one**2 - 1e-9):,} studies for {100 * one:g}" for one in WISHED)
    yield f"For a standard error of coverage, in percentage points, it takes: {needs}."
