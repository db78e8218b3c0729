"""Tables of a paper about its instrument: scales, items, loadings, discriminant validity, factors, common method.

Each builder takes a study and gives the sheets it has figures for.  Called by `paper`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from touchsim.plots.canvas import records
from touchsim.show.spelled import bare, span, two, whole
from touchsim.show.typeset import Sheet
from touchsim.vocabulary import label

if TYPE_CHECKING:
    from touchsim.show.drivers import Studied

__all__ = ["sheet_of_constructs", "sheets_of_instrument"]


def sheets_of_instrument(study: Studied) -> list[Sheet]:
    """Reliability, items, loadings, discriminant validity, exploratory factors and common method, where there are."""
    return [*_scales(study), *_items(study), *_measured(study), *_factors(study), *_method(study)]


def sheet_of_constructs(study: Studied) -> list[Sheet]:
    """Mean, SD, reliability and correlations of the constructs: the first table of a paper; none for a single one."""
    fit = study.regressions
    scores = fit.answers.scores
    names = [name for name in fit.model.names if name in scores and {*fit.model.items_of(name)} <= {*fit.answers.items}]
    if len(names) < 2:  # noqa: PLR2004
        return []
    alphas = {row["construct"]: row["alpha"] for row in records(study.scales)}
    r = scores[names].corr().to_numpy()
    rows = tuple(
        (f"{i + 1} {label(name)}", two(scores[name].mean()), two(scores[name].std()), bare(alphas.get(name)),
         *(bare(r[i, j]) if j < i else "–" if j == i else "" for j in range(len(names) - 1)))
        for i, name in enumerate(names)
    )  # fmt: skip
    first = f", of the first of {len(fit.imputed)} imputations" if fit.imputed else ""
    note = (f"N = {len(scores)}; means of items{first}; values of this sample, without interval. α = Cronbach's alpha, "  # noqa: RUF001
            "of scales with several items; to its right: correlations.")  # fmt: skip
    head = ("Construct", "M", "SD", "α", *(str(number) for number in range(1, len(names))))  # noqa: RUF001
    return [Sheet("constructs", "Means, standard deviations, reliabilities and correlations", head, rows, note)]


def _scales(study: Studied) -> list[Sheet]:
    columns = {"items": "items", "n": "n", "alpha": "α", "alpha_std": "α (std)", "omega": "ω", "cr": "CR", "ave": "AVE"}  # noqa: RUF001
    rows = tuple(
        (label(str(row["construct"])), *(whole(row[key]) if key in ("items", "n") else bare(row.get(key))
                                         for key in columns))
        for row in records(study.scales)
    )  # fmt: skip
    note = ("Values of this sample, without interval. α = Cronbach's alpha of raw items, α (std) of standardised ones; "  # noqa: RUF001
            "ω = McDonald's omega; CR = composite reliability; AVE = average variance extracted.")  # fmt: skip
    if len(study.items) and study.items["sd"].isna().all():
        note += " The table states no standard deviations: raw items are standardised ones here."
    return [Sheet("scales", "Reliability of the scales", ("Scale", *columns.values()), rows, note)]


def _items(study: Studied) -> list[Sheet]:
    """Each question alone, and beside the others of its scale."""
    figures = {"mean": "M", "sd": "SD", "skewness": "skewness", "kurtosis": "kurtosis", "item_rest": "item–rest r",
               "alpha_without": "α without", "loading": "loading"}  # fmt: skip  # noqa: RUF001
    figures = {key: head for key, head in figures.items() if len(study.items) and study.items[key].notna().any()}
    if not figures:
        return []
    rows = tuple((str(row["item"]), *(two(row[key]) if key in ("mean", "sd", "skewness", "kurtosis") else bare(row[key])
                                      for key in figures)) for row in records(study.items))  # fmt: skip
    note = ("Values of this sample, without interval. Item–rest r = correlation with the sum of the other items of the "
            "scale; α without = Cronbach's alpha of the scale without the item; loading = standardised, of the "  # noqa: RUF001
            "one-factor model of the scale.")  # fmt: skip
    return [Sheet("items", "Items", ("Item", *figures.values()), rows, note)]


def _measured(study: Studied) -> list[Sheet]:
    """Loadings, and the matrix of Fornell and Larcker with HTMT above its diagonal."""
    cfa = study.measurement
    if cfa is None:
        return []
    worth = {row["construct"]: row for row in records(cfa.reliability)}
    rows, last = [], ""
    for row in records(cfa.loadings):
        new = row["construct"] != last
        last = str(row["construct"])
        scale = (label(last), bare(worth[last]["cr"]), bare(worth[last]["ave"])) if new else ("", "", "")
        rows.append((scale[0], str(row["item"]), bare(row["std"]), span(row, "std_low", "std_high", bare),
                     bare(row["r2"]), *scale[1:]))  # fmt: skip
    behind = (" Loadings, correlations, CR and AVE are of the normal variables behind the answers."
              if cfa.fit.estimator == "wlsmv" else "")  # fmt: skip
    doubts = " ".join(f"{doubt[0].upper()}{doubt[1:].removesuffix('.')}." for doubt in cfa.doubts)
    note = (f"Confirmatory factor analysis of all scales at once: {cfa.fit.words} CI = confidence interval; CR = "
            "composite reliability; AVE = average variance extracted, both without "
            f"interval.{behind} {doubts}")  # fmt: skip
    head = ("Scale", "Item", "Loading (standardised)", "95 % CI", "R²", "CR", "AVE")
    found = [Sheet("loadings", "Loadings of the items", head, tuple(rows), note.strip())]
    matrix = cfa.fornell_larcker
    names = [str(name) for name in matrix.columns]
    ratio = {frozenset((row["a"], row["b"])): row["htmt"] for row in records(cfa.discriminant)}
    body = tuple(
        (f"{i + 1} {label(a)}", *(bare(matrix.loc[a, b]) if j <= i else bare(ratio.get(frozenset((a, b))))
                                  for j, b in enumerate(names)))
        for i, a in enumerate(names)
    )  # fmt: skip
    note = ("Below the diagonal: correlations of the constructs, without the errors of their items; on it: square "
            "roots of AVE, which should exceed the correlations beside and below them (Fornell and Larcker 1981); "
            "above it: HTMT of the answers, which should stay below .85 (Henseler, Ringle and Sarstedt 2015). "
            f"Values of this sample, without interval.{behind}")  # fmt: skip
    numbered = ("Scale", *(str(number) for number in range(1, len(names) + 1)))
    return [*found, Sheet("discriminant", "How far the constructs are told apart", numbered,
                          body if len(names) > 1 else (), note)]  # fmt: skip


def _factors(study: Studied) -> list[Sheet]:
    """Loadings of an exploratory factor analysis, small ones and all."""
    found = study.exploratory
    if found is None:
        return []
    uniqueness = found.table.drop_duplicates("item").set_index("item")["uniqueness"]
    rows = tuple((str(item), *map(bare, loadings), bare(uniqueness[item]))
                 for item, loadings in zip(found.loadings.index, found.loadings.to_numpy(), strict=True))  # fmt: skip
    title = f"Exploratory factor analysis of the items ({found.rotation})"
    note = f"Loadings (pattern); maximum likelihood. {found.words}"
    return [Sheet("exploratory", title, ("Item", *found.correlations, "uniqueness"), rows, note)]


def _method(study: Studied) -> list[Sheet]:
    """Coefficients as answered and without what a marker shares with all constructs; only where there is a marker."""
    found = study.method
    if found is None or found.marker is None:
        return []
    figures = ("plain", "adjusted", "change")
    rows = tuple(
        (f"{label(str(row['term']))} on {label(str(row['outcome']))}",
         *(part for name in figures for part in (bare(row[name]), span(row, f"{name}_low", f"{name}_high", bare))))
        for row in records(found.table) if row["what"] == "coefficient"
    )  # fmt: skip
    head = ("Driver", "β", "95 % CI", "β, adjusted", "95 % CI", "change", "95 % CI")
    note = f"Standardised coefficients of least squares; CI = confidence interval (delta method). {found.words}"
    return [Sheet("method", "Coefficients adjusted by a marker variable", head, rows, note)]
