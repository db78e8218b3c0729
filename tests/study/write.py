"""Write the figures of R that regressions of drivers are held against: `python -m tests.study.write`.

Needs R with MASS, sandwich, quantreg, lme4, psych, GPArotation and jsonlite; the tests read
`drivers.json` and `factors.json` only.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
SURVEY = HERE.parent / "equations" / "survey.csv"
FIGURES = HERE / "drivers.json"


def main() -> None:
    """Everything that R says of the regressions in drivers.R and of the factors in factors.R."""
    subprocess.run(["Rscript", str(HERE / "drivers.R"), str(SURVEY), str(FIGURES)], check=True)
    subprocess.run(["Rscript", str(HERE / "factors.R"), str(SURVEY), str(HERE / "factors.json")], check=True)


if __name__ == "__main__":
    main()
