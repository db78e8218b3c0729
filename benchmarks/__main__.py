"""Measure the speed of touchsim against the frozen reference program; what `make bench` calls.

    python -m benchmarks [--customers 100000] [--rounds 5] [--quick] [--out benchmarks/results.md]

Machines slow down and speed up, so programs that are compared alternate in one process, round after round, and a ratio
is the median of the ratios of single rounds, with the smallest and the largest.  Seconds are those of the clock, for
which a user waits; those of the processor stand beside them, for the compiled engine uses a second core where there is
one, and a SimPy program cannot.  A round runs the compiled engine several times, so that each program is measured for
seconds.  Compiling is done before.  The reference keeps a tuple for each contact, touchsim the whole typed log; each is
what its user would have in hand.

Linearity is measured in processes of their own, because peak memory only ever grows: each streams one run to disk.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks import reference_funnel
from touchsim.engine.simulation import simulate
from touchsim.world.scenario import Scenario, load_scenario

HERE = Path(__file__).resolve().parent
FUNNEL = HERE / "reference_funnel.yaml"
RUNS = 5  # of the compiled engine, in a round
COMPILED = "touchsim, compiled"
FLOORS = {
    "SimPy engine, times the reference": (2.0, "at most"),
    "compiled, times faster than the reference": (35.0, "at least"),
    "compiled, times faster than SimPy engine on webshop": (40.0, "at least"),
    "time per contact, largest run against smallest": (1.5, "at most"),
    "contacts per second with everything on, against webshop": (0.33, "at least"),
}


@dataclass(frozen=True)
class Timed:
    """One run: how many contacts, how many seconds of the processor."""

    contacts: int
    seconds: float
    processor: float

    @property
    def microseconds(self) -> float:
        """Time per contact by the clock."""
        return 1e6 * self.seconds / self.contacts

    @property
    def work(self) -> float:
        """Microseconds of processor time per contact, over all cores."""
        return 1e6 * self.processor / self.contacts


def timed(run: Callable[[], int], runs: int = 1) -> Timed:
    """Time a run that returns its number of contacts, on average over some runs, beginning with memory cleared."""
    gc.collect()
    begin, begin_processor = time.perf_counter(), time.process_time()
    for _ in range(runs):
        contacts = run()
    return Timed(contacts, (time.perf_counter() - begin) / runs, (time.process_time() - begin_processor) / runs)


def ours(scenario: Scenario, engine: str, customers: int, seed: int) -> Callable[[], int]:
    """A run of touchsim, log and all."""
    return lambda: simulate(scenario, customers=customers, seed=seed, engine=engine).n_visits  # type: ignore[arg-type]


def alternating(rounds: int, programs: Callable[[int], dict[str, Callable[[], int]]]) -> list[dict[str, Timed]]:
    """Run programs one after the other, round after round; each round has a seed of its own, the same for all."""
    return [
        {name: timed(run, 1 if "SimPy" in name else RUNS) for name, run in programs(seed).items()}
        for seed in range(1, rounds + 1)
    ]


def ratio(rounds: list[dict[str, Timed]], slow: str, fast: str, what: str = "microseconds") -> tuple[float, ...]:
    """Median, smallest and largest of the ratios of times per contact within rounds."""
    ratios = [getattr(row[slow], what) / getattr(row[fast], what) for row in rounds]
    return statistics.median(ratios), min(ratios), max(ratios)


def streamed(customers: int) -> dict[str, float]:
    """Stream one run to disk, in this process; memory is that of the run alone (megabytes beyond a small run)."""
    scenario = load_scenario(FUNNEL)
    with tempfile.TemporaryDirectory() as folder:
        simulate(scenario, customers=100, seed=1, out=Path(folder) / "small")
        before = peak_memory()
        run = timed(lambda: simulate(scenario, customers=customers, seed=1, out=Path(folder) / "large").n_visits)
        return {"contacts": run.contacts, "seconds": run.seconds, "before": before, "peak": peak_memory()}


def peak_memory() -> float:
    """Largest memory of this process so far, in megabytes.

    Linux hands the maximum of `getrusage` down to children, as if they had been as large as their parent.
    """
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024.0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def streams(sizes: list[int], rounds: int) -> dict[int, list[dict[str, float]]]:
    """Stream runs of several sizes, each in a process of its own, round after round."""
    found: dict[int, list[dict[str, float]]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            words = [sys.executable, "-m", "benchmarks", "--stream", str(size)]
            said = subprocess.run(words, cwd=HERE.parent, capture_output=True, text=True, check=True).stdout
            found[size].append(json.loads(said))
    return found


def engines_table(rounds: list[dict[str, Timed]]) -> list[str]:
    """Lines of a table: median microseconds per contact of each program, with the range."""
    lines = ["| program | contacts | microseconds per contact (median) | smallest | largest | of the processors |",
             "|---|---|---|---|---|---|"]  # fmt: skip
    for name in rounds[0]:
        times, work = ([getattr(row[name], what) for row in rounds] for what in ("microseconds", "work"))
        values = statistics.median(times), min(times), max(times), statistics.median(work)
        shown = " | ".join(f"{value:.3f}" for value in values)
        lines.append(f"| {name} | {rounds[0][name].contacts:,} | {shown} |")
    return lines


def streams_table(found: dict[int, list[dict[str, float]]]) -> list[str]:
    """Lines of a table: time per contact and memory by number of customers."""
    lines = ["| customers | contacts | microseconds per contact (median) | peak memory | of it the run |",
             "|---|---|---|---|---|"]  # fmt: skip
    for size, runs in found.items():
        micro = statistics.median(1e6 * run["seconds"] / run["contacts"] for run in runs)
        peak, before = max(run["peak"] for run in runs), min(run["before"] for run in runs)
        contacts = int(runs[0]["contacts"])
        lines.append(f"| {size:,} | {contacts:,} | {micro:.3f} | {peak:.0f} MB | {peak - before:.0f} MB |")
    return lines


def linearity(found: dict[int, list[dict[str, float]]]) -> tuple[float, ...]:
    """Time per contact of the largest run over that of the smallest: median, smallest, largest over rounds."""
    small, large = found[min(found)], found[max(found)]
    ratios = [b["seconds"] / b["contacts"] * a["contacts"] / a["seconds"] for a, b in zip(small, large, strict=True)]
    return statistics.median(ratios), min(ratios), max(ratios)


def floors_table(ratios: list[tuple[float, ...]]) -> list[str]:
    """Lines of a table: each ratio beside its floor."""
    lines = ["| ratio | median | smallest | largest | floor | holds |", "|---|---|---|---|---|---|"]
    for (name, (floor, kind)), (middle, low, high) in zip(FLOORS.items(), ratios, strict=True):
        holds = "yes" if (middle <= floor if kind == "at most" else middle >= floor) else "NO"
        lines.append(f"| {name} | {middle:.2f} | {low:.2f} | {high:.2f} | {kind} {floor:g} | {holds} |")
    return lines


def measured(customers: int, webshop_customers: int, rounds: int, sizes: list[int]) -> str:
    """Measure everything and return the page."""
    funnel, webshop, full = load_scenario(FUNNEL), load_scenario("webshop"), load_scenario("omnichannel_retailer")
    for scenario in (funnel, webshop, full):  # compile, import, touch memory
        for engine in ("compiled", "simpy"):
            ours(scenario, engine, 50, 1)()
    on_funnel = alternating(rounds, lambda seed: {
        "reference (SimPy, idiomatic)": lambda: len(reference_funnel.simulate(customers, seed)),
        "touchsim, SimPy engine": ours(funnel, "simpy", customers, seed),
        COMPILED: ours(funnel, "compiled", customers, seed),
    })  # fmt: skip
    on_webshop = alternating(rounds, lambda seed: {
        "touchsim, SimPy engine": ours(webshop, "simpy", webshop_customers, seed),
        COMPILED: ours(webshop, "compiled", webshop_customers, seed),
    })  # fmt: skip
    on_full = alternating(rounds, lambda seed: {
        "webshop, compiled": ours(webshop, "compiled", webshop_customers, seed),
        "omnichannel_retailer, compiled": ours(full, "compiled", webshop_customers, seed),
    })  # fmt: skip
    found = streams(sizes, min(rounds, 3))
    reference, simpy, compiled = on_funnel[0]
    ratios = [ratio(on_funnel, simpy, reference), ratio(on_funnel, reference, compiled),
              ratio(on_webshop, simpy, compiled), linearity(found), ratio(on_full, *on_full[0])]  # fmt: skip
    alone = [ratio(on_funnel, reference, compiled, "work"), ratio(on_webshop, simpy, compiled, "work")]
    packages = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "simpy"))
    return "\n".join([
        "# Results of `make bench`", "",
        f"{os.cpu_count()} cores, Python {platform.python_version()}, {packages}; {rounds} alternating rounds, "
        "seconds of the clock. Compare only numbers of one such page: machines differ, ratios less so.", "",
        "## Floors", *floors_table(ratios), "",
        "Per second of processor time, however many cores: compiled "
        f"{alone[0][0]:.1f} [{alone[0][1]:.1f}; {alone[0][2]:.1f}] times faster than the reference, "
        f"{alone[1][0]:.1f} [{alone[1][1]:.1f}; {alone[1][2]:.1f}] times faster than the SimPy engine on webshop.", "",
        f"## The reference funnel, {customers:,} customers", *engines_table(on_funnel), "",
        f"## webshop, {webshop_customers:,} customers", *engines_table(on_webshop), "",
        "## Everything on: the omnichannel retailer against the web shop", *engines_table(on_full), "",
        "## The reference funnel, compiled, streamed to disk", *streams_table(found), "",
    ])  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    """Measure, print the page and write it down."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--customers", type=int, default=100_000, help="of the reference funnel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="try the program out, far too short to measure")
    parser.add_argument("--out", type=Path, help="page to write (benchmarks/results.md, or none when quick)")
    parser.add_argument("--stream", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args(argv)
    if asked.stream:
        print(json.dumps(streamed(asked.stream)))
        return
    if asked.quick:
        page = measured(200, 100, 2, [200, 400])
    else:
        page = measured(asked.customers, asked.customers, asked.rounds, [10_000, 100_000, 1_000_000])
    print(page)
    out = asked.out or (None if asked.quick else HERE / "results.md")
    if out is not None:
        out.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
