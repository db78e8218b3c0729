"""Write the figures of R that regressions of drivers are held against: `python -m tests.study.write`.

Needs R with MASS, sandwich, quantreg, lme4, lavaan, psych, GPArotation and jsonlite; the tests read `drivers.json`,
`moments.json`, `reliabilities.json`, `factors.json` and `items.json` only.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
SURVEY = HERE.parent / "equations" / "survey.csv"
FIGURES = HERE / "drivers.json"


def main() -> None:
    """Everything that R says of regressions (drivers.R), of tables, factors and items."""
    for name in ("drivers", "moments", "reliabilities", "factors", "items"):
        subprocess.run(["Rscript", str(HERE / f"{name}.R"), str(SURVEY), str(HERE / f"{name}.json")], check=True)


if __name__ == "__main__":
    main()
