"""A twin survey: answers whose sample moments are those of a published table, exactly.

With Z an n x k matrix of normal draws, its columns centred,

    Z = Q T  (QR, Q orthonormal),    answers = mean + sqrt(n - 1) Q L' diag(sd),    L L' = R  (Cholesky)

so that the columns of Q sum to 0, Q'Q = I, and the sample covariances are diag(sd) R diag(sd) whatever was drawn; the
draws decide only what moments do not say.  (The classical construction; e.g. mvrnorm(empirical = TRUE) of Venables &
Ripley 2002 does it with an eigendecomposition.)  Called by `moments`, the command line and the reader.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd

from touchsim.errors import BadInput, Finding, verb
from touchsim.study.catalogue import Fact
from touchsim.study.published import Moments, moments_of
from touchsim.study.refusals import chance_findings

__all__ = ["twin"]


@verb
def twin(moments: Moments | Fact | pd.DataFrame | str | Path, *, n: int | None = None, seed: int = 1) -> pd.DataFrame:
    """Make a survey whose sample means, SDs and correlations are the published ones.

    The answers are normal, not the ones that were given: they have decimals and may lie beyond the ends of the scale.
    Whatever follows from means and covariances is that of the published study; nothing else is.  Where the table states
    no means they are 0, and where it states no SDs these are 1: standardised answers.

    Parameters
    ----------
    moments : Moments, Fact, DataFrame, path, or a name of the catalogue
    n : int, optional
        Answers; by default as many as were published.
    seed : int
        Another seed gives other answers with the same moments.

    Returns
    -------
    DataFrame, shape (n, k)

    Raises
    ------
    BadInput
        Findings of the table, an `n` not above the number of variables, a seed below 0.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [2, 1, 50, 1, 0.5], "b": [3, 2, 50, 0.5, 1]}, index=["mean", "sd", "n", "a", "b"])
    >>> answers = twin(frame)
    >>> len(answers), answers.mean().round(10).tolist(), float(answers["a"].corr(answers["b"]).round(10))
    (50, [2.0, 3.0], 0.5)
    """
    table = moments_of(moments)
    rows, k = table.n if n is None else n, len(table.names)
    wrong = chance_findings(seed)
    if rows <= k:
        wrong.append(Finding("n", f"must be above the number of variables ({k})", got=str(rows)))
    if wrong:
        raise BadInput(wrong)
    z = np.random.default_rng([seed, rows, k]).normal(size=(rows, k))
    q, _ = np.linalg.qr(z - z.mean(axis=0))
    q, _ = np.linalg.qr(q - q.mean(axis=0))  # once more: the last digits
    answers = q * math.sqrt(rows - 1) @ np.linalg.cholesky(table.correlations).T * table.sds
    answers += np.nan_to_num(table.means) - answers.mean(axis=0)
    return pd.DataFrame(answers, columns=list(table.names))
