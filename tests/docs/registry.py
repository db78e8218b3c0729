"""The registry of data files, data/registry.csv, and the writer of its checksums.

    python -m tests.docs.registry        writes sha256 anew after a file has changed; source and licence are by hand
"""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"
REGISTRY = DATA / "registry.csv"
COLUMNS = ["file", "sha256", "source", "licence"]


def registered() -> list[dict[str, str]]:
    """Rows of the registry."""
    with REGISTRY.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def checksum(name: str) -> str:
    """SHA-256 of a file of ``data``."""
    return hashlib.sha256((DATA / name).read_bytes()).hexdigest()


def main() -> None:
    """Write the checksums of the files that are registered."""
    rows = [row | {"sha256": checksum(row["file"])} for row in registered()]
    with REGISTRY.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()
