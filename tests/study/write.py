"""Write the figures of R that regressions of drivers are held against: `python -m tests.study.write`.

Needs R with MASS, sandwich, quantreg, lme4, lavaan and jsonlite; the tests read `drivers.json` and `moments.json` only.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

HERE = Path(__file__).parent
SURVEY = HERE.parent / "equations" / "survey.csv"
FIGURES = HERE / "drivers.json"


def main() -> None:
    """Everything that R says of the regressions in drivers.R, and of the tables in moments.R."""
    subprocess.run(["Rscript", str(HERE / "drivers.R"), str(SURVEY), str(FIGURES)], check=True)
    subprocess.run(["Rscript", str(HERE / "moments.R"), str(SURVEY), str(HERE / "moments.json")], check=True)


if __name__ == "__main__":
    main()
