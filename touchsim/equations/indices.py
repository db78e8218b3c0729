"""How well a model fits as a whole, in the figures that papers report.

    chi2      N F, on df = moments - free parameters
    cfi       1 - max(chi2 - df, 0) / max(chi2 - df, chi2_0 - df_0, 0)                          Bentler (1990)
    tli       1 - (chi2 - df)/df * df_0/(chi2_0 - df_0)                                   Tucker & Lewis (1973)
    rmsea     sqrt(G max(chi2/(N df) - 1/N, 0)), 90 % interval from the noncentral chi2   Steiger (1990, 1998)
    srmr      root mean square of residuals over the SDs of the sample, mean over groups         Bentler (1995)
    aic, bic  -2 logL + 2 k, + k ln N                                           Akaike (1974), Schwarz (1978)

Chi2_0 is that of independence: every variable has its variance and nothing covaries, but for observed variables that
drive and are not driven.  With robust errors c and c_0
are the scalings of the two chi2 (see `robust`): `scaled` indices are of chi2/c, `robust` ones estimate what the index
is in the population (Brosseau-Liard, Savalei & Li 2012; Savalei 2018).  Of ordinal items chi2 is n - 1 times the
distance of correlations, its `scaled` one is shifted, too (see `ordinal`), and there is no likelihood.  Called by
`fitting` and `ordinal`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from touchsim.equations.distance import Distance
from touchsim.equations.likelihood import Likelihood

__all__ = ["CLOSE", "distance_indices", "fit_indices", "rmsea_interval"]

Array = NDArray[np.float64]
CLOSE = 0.05
"""Population RMSEA of a close fit (Browne & Cudeck 1993)."""


def fit_indices(
    likelihood: Likelihood, free: Array, scaling: tuple[float, float] | None = None
) -> dict[str, float]:
    """All indices at the maximum.

    Parameters
    ----------
    likelihood : Likelihood
    free : array, shape (k,)
        The maximum.
    scaling : (c, c_0), optional
        Of a robust fit: scalings of the model and of independence.

    Returns
    -------
    dict
        ``n, n_free, chi2, df, p_value, cfi, tli, rmsea, rmsea_low, rmsea_high, rmsea_close_p, srmr, log_likelihood,
        aic, bic, baseline_chi2, baseline_df``; of a robust fit also ``chi2_scaled, p_scaled, scaling, cfi_scaled,
        tli_scaled, rmsea_scaled, rmsea_scaled_low, rmsea_scaled_high`` and ``cfi_robust`` to ``rmsea_robust_high``.
    """
    sample, layout = likelihood.sample, likelihood.layout
    n, groups, k = sample.n, len(sample.groups), layout.n_free
    df, chi2 = layout.n_moments - k, n * max(likelihood.misfit(free), 0.0)
    df_0, chi2_0 = independence(likelihood)
    log_likelihood = likelihood.log_likelihood(free)
    low, high = rmsea_interval(chi2, df, n, groups)
    found = {
        "n": float(n), "n_free": float(k), "chi2": chi2, "df": float(df), "p_value": _p(chi2, df),
        "cfi": _cfi(chi2, df, chi2_0, df_0), "tli": _tli(chi2, df, chi2_0, df_0), "rmsea": _rmsea(chi2, df, n, groups),
        "rmsea_low": low, "rmsea_high": high, "rmsea_close_p": _close(chi2, df, n, groups),
        "srmr": _srmr(likelihood, free), "log_likelihood": log_likelihood, "aic": 2 * k - 2 * log_likelihood,
        "bic": float(k * np.log(n)) - 2 * log_likelihood, "baseline_chi2": chi2_0, "baseline_df": float(df_0),
    }  # fmt: skip
    if scaling is None:
        return found
    c, c_0 = scaling
    scaled, scaled_0 = chi2 / c, chi2_0 / c_0
    low, high = rmsea_interval(scaled, df, n, groups)
    below, above = rmsea_interval(chi2, c * df, n, groups)
    return found | {
        "chi2_scaled": scaled, "p_scaled": _p(scaled, df), "scaling": c, "baseline_scaling": c_0,
        "cfi_scaled": _cfi(scaled, df, scaled_0, df_0), "tli_scaled": _tli(scaled, df, scaled_0, df_0),
        "rmsea_scaled": _rmsea(scaled, df, n, groups), "rmsea_scaled_low": below, "rmsea_scaled_high": above,
        "cfi_robust": _cfi(chi2, c * df, chi2_0, c_0 * df_0), "tli_robust": _tli(chi2, df, chi2_0, df_0, c, c_0),
        "rmsea_robust": _rmsea(chi2, df, n, groups, c), "rmsea_robust_low": low * float(np.sqrt(c)),
        "rmsea_robust_high": high * float(np.sqrt(c)),
    }  # fmt: skip


def distance_indices(
    distance: Distance, free: Array, gamma: Array, traces: tuple[float, float], n_thresholds: int
) -> dict[str, float]:
    """All indices of ordinal items.

    Parameters
    ----------
    distance : Distance
    free : array, shape (t,)
        The minimum.
    gamma : array, shape (q, q)
        n times the covariance of the correlations.
    traces : (tr U gamma, tr (U gamma)^2)
    n_thresholds : int
        Free values that fit by themselves.

    Returns
    -------
    dict
        ``n, n_free, chi2, df, p_value, cfi ... rmsea_close_p, srmr, baseline_chi2, baseline_df`` of (n - 1) F, which
        has no chi2 distribution and is given for completeness; ``chi2_scaled, p_scaled, scaling, shift, cfi_scaled,
        tli_scaled, rmsea_scaled, rmsea_scaled_low, rmsea_scaled_high``, to be read; null ``log_likelihood, aic, bic``.
    """
    n, layout = distance.sample.n - 1, distance.layout
    df, chi2 = layout.n_moments - layout.n_free, n * distance.misfit(free)
    first, second = np.tril_indices(len(layout.observed), -1)
    alone = np.array([name not in layout.covariates for name in layout.observed])
    kept = alone[first] | alone[second]
    r = distance.sample.groups[0].covariance[first, second]
    df_0, chi2_0 = int(kept.sum()), n * float(distance.weights[kept] @ r[kept] ** 2)
    left = distance.weights[kept, None] * gamma[np.ix_(kept, kept)]
    scaled, scaling, shift = _shifted(chi2, df, traces)
    scaled_0, scaling_0, _ = _shifted(chi2_0, df_0, (float(np.trace(left)), float((left * left.T).sum())))
    low, high = rmsea_interval(chi2, df, n)
    below, above = rmsea_interval(scaled, df, n)
    nothing = float("nan")
    return {
        "n": float(n + 1), "n_free": float(len(free) + n_thresholds), "chi2": chi2, "df": float(df),
        "p_value": _p(chi2, df), "cfi": _cfi(chi2, df, chi2_0, df_0), "tli": _tli(chi2, df, chi2_0, df_0),
        "rmsea": _rmsea(chi2, df, n, 1), "rmsea_low": low, "rmsea_high": high, "rmsea_close_p": _close(chi2, df, n, 1),
        "srmr": float(np.sqrt((distance.gaps(free) ** 2).sum() / layout.n_moments)), "log_likelihood": nothing,
        "aic": nothing, "bic": nothing, "baseline_chi2": chi2_0, "baseline_df": float(df_0), "chi2_scaled": scaled,
        "p_scaled": _p(scaled, df), "scaling": scaling, "shift": shift, "baseline_chi2_scaled": scaled_0,
        "baseline_scaling": scaling_0, "cfi_scaled": _cfi(scaled, df, scaled_0, df_0),
        "tli_scaled": _tli(scaled, df, scaled_0, df_0), "rmsea_scaled": _rmsea(scaled, df, n, 1),
        "rmsea_scaled_low": below, "rmsea_scaled_high": above,
    }  # fmt: skip


def _shifted(chi2: float, df: int, traces: tuple[float, float]) -> tuple[float, float, float]:
    """Chi2 with the mean and the variance of its distribution, the number it is divided by, and what is added."""
    if df <= 0:
        return chi2, float("nan"), 0.0
    a = float(np.sqrt(df / traces[1]))
    shift = df - a * traces[0]
    return a * chi2 + shift, 1 / a, shift


def independence(likelihood: Likelihood) -> tuple[int, float]:
    """Degrees of freedom and chi2 of independence."""
    p, q = len(likelihood.sample.columns), len(likelihood.layout.covariates)
    place = [likelihood.sample.columns.index(name) for name in likelihood.layout.covariates]
    chi2 = 0.0
    for group in likelihood.sample.groups:
        free = np.diag(group.covariance).copy()
        free[place] = 1.0
        apart = np.log(free).sum() + np.linalg.slogdet(group.covariance[np.ix_(place, place)])[1]
        chi2 += group.n * float(apart - np.linalg.slogdet(group.covariance)[1])
    return len(likelihood.sample.groups) * (p * (p - 1) - q * (q - 1)) // 2, chi2


def rmsea_interval(chi2: float, df: float, n: int, groups: int = 1, level: float = 0.90) -> tuple[float, float]:
    """Interval of the RMSEA: noncentralities under which chi2 is just not too large, and just not too small.

    Examples
    --------
    >>> [round(end, 4) for end in rmsea_interval(85.3055, 24, 301)]
    [0.0714, 0.1137]
    """
    if not (np.isfinite(chi2) and np.isfinite(df)):
        return float("nan"), float("nan")
    if df <= 0:
        return 0.0, 0.0
    ends = []
    for chance in ((1 + level) / 2, (1 - level) / 2):
        if stats.chi2.cdf(chi2, df) < chance:
            ends.append(0.0)
            continue
        top = max(2 * chi2, 10.0)
        while _noncentral(chi2, df, top) > chance:
            top *= 2
        root = optimize.brentq(lambda extra, p=chance: _noncentral(chi2, df, extra) - p, 0.0, top, xtol=1e-10)
        ends.append(float(np.sqrt(groups * root / (n * df))))
    return ends[0], ends[1]


def _noncentral(chi2: float, df: float, extra: float) -> float:
    return float(stats.ncx2.cdf(chi2, df, extra)) if extra > 0 else float(stats.chi2.cdf(chi2, df))


def _p(chi2: float, df: int) -> float:
    return float(stats.chi2.sf(chi2, df)) if df > 0 else float("nan")


def _close(chi2: float, df: int, n: int, groups: int) -> float:
    """Chance of so large a chi2 if the RMSEA is .05."""
    return float(stats.ncx2.sf(chi2, df, n * df * CLOSE**2 / groups)) if df > 0 else float("nan")


def _cfi(chi2: float, df: float, chi2_0: float, df_0: float) -> float:
    left, right = max(chi2 - df, 0.0), max(chi2 - df, chi2_0 - df_0, 0.0)
    return 1.0 if right == 0 else 1 - left / right


def _tli(chi2: float, df: float, chi2_0: float, df_0: float, c: float = 1.0, c_0: float = 1.0) -> float:
    worst = (chi2_0 - c_0 * df_0) * df
    return 1 - (chi2 - c * df) * df_0 / worst if worst else 1.0


def _rmsea(chi2: float, df: int, n: int, groups: int, c: float = 1.0) -> float:
    return float(np.sqrt(groups * max(chi2 / (n * df) - c / n, 0.0))) if df > 0 else 0.0


def _srmr(likelihood: Likelihood, free: Array) -> float:
    """Standardised root mean square residual: covariances, and means where they are modelled."""
    total = 0.0
    for part, group in zip(likelihood.parts(free) or [], likelihood.sample.groups, strict=True):
        spread = np.sqrt(np.diag(group.covariance))
        lower = np.tril_indices(len(spread))
        residuals = ((group.covariance - part.at.sigma) / np.outer(spread, spread))[lower]
        if likelihood.layout.means:
            residuals = np.concatenate([residuals, part.gap / spread])
        total += part.share * float(np.sqrt((residuals**2).mean()))
    return total
