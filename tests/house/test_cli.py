"""The command line: every mistake is a clean finding with exit code 2, every run can be made again."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
import yaml

from touchsim.cli import main

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every command runs in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def touchsim(capsys: pytest.CaptureFixture[str]) -> Iterator[object]:
    """The command; returns exit code, stdout and stderr."""

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main(words)
        said = capsys.readouterr()
        code = left.value.code
        return (0 if code is None else int(code)), said.out, said.err

    return run


def spawn(*words: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    words = (sys.executable, "-m", "touchsim", *words)
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(words, capture_output=True, text=True, env=environment, cwd=cwd, check=False)


def test_help_is_there_at_once_and_names_every_command() -> None:
    times = []
    for _ in range(3):
        start = time.perf_counter()
        shown = spawn("--help")
        times.append(time.perf_counter() - start)
    assert shown.returncode == 0
    for command in ("new", "check", "touchpoints", "run", "study", "compare", "score", "map", "reproduce"):
        assert f"\n  {command} " in shown.stdout
    assert min(times) < 0.5, times


def test_version_is_said(touchsim) -> None:
    assert touchsim("--version")[:2] == (0, "touchsim 0.1.0\n")


@pytest.mark.parametrize(
    ("words", "findings"),
    [
        (
            "check cornershop",
            ["scenario: there is no built-in scenario of this name (got cornershop); did you mean 'corner_shop'?"],
        ),
        ("check my/nowhere.yaml", ["my/nowhere.yaml: no such file"]),
        ("check", ["SCENARIO: is required; or --schema"]),
        (
            "run corner_shop --customers 0 --seed -1 --replications 0 --engine simpi",
            [
                "--customers: must be at least 1 (got 0)",
                "--seed: must be at least 0 (got -1)",
                "--replications: must be at least 1 (got 0)",
                "--engine: must be one of compiled, simpy (got simpi); did you mean 'simpy'?",
            ],
        ),
        ("run corner_shop --days nan", ["--days: must be a number above 0 (got nan)"]),
        ("run corner_shop --days 0", ["--days: must be a number above 0 (got 0)"]),
        ("run corner_shop --days 3 --customers 5", ["--days: cannot go with --customers; give one of them"]),
        ("run corner_shop --seed 99999999999999999999", ["--seed: must be below 2**63 (got 99999999999999999999)"]),
        ("run corner_shop --out /proc/no/run", ["/proc/no/run: cannot be written: no such file or directory"]),
        ("run corner_shop --out /dev/null", ["/dev/null: is a file, must be a folder"]),
        ("run nowhere.yaml --seed -1", ["--seed: must be at least 0 (got -1)", "nowhere.yaml: no such file"]),
        ("study", ["SCENARIO: is required, or --survey with --model; give one of the two"]),
        (
            "study corner_shop --survey a.csv --model m.yaml",
            ["SCENARIO: cannot go with --survey (got corner_shop); give one of the two"],
        ),
        (
            "study corner_shop --model m.yaml",
            ["--model: belongs to --survey; the model of a simulated survey is written beside it (got m.yaml); "
             "leave it out"],
        ),
        (
            "study answers.csv",
            ["SCENARIO: must be a scenario, and this is the name of a survey (got answers.csv); "
             "study --survey answers.csv --model MODEL.yaml"],
        ),
        ("study --survey a.csv", ["--model: is required: the two go together"]),
        ("study --survey a.csv --model m.yaml", ["a.csv: no such file", "m.yaml: no such file"]),
        (
            "study --survey a.csv --model m.yaml --seed 3",
            ["--seed: belongs to a simulated survey, not to --survey"],
        ),
        ("study corner_shop --respondents 0", ["--respondents: must be at least 1 (got 0)"]),
        (
            "compare corner_shop --with nothing second_asistant",
            [
                "with: 'corner_shop' has no such intervention (got nothing); known: second_assistant; "
                "a file is given with its ending",
                "with: 'corner_shop' has no such intervention (got second_asistant); did you mean 'second_assistant'?",
            ],
        ),
        (
            "compare corner_shop --with x.yaml --replications 1",
            ["--replications: must be at least 2, for an interval (got 1)"],
        ),
        ("map cornershop --seed -1", ["--seed: must be at least 0 (got -1)",
                                      "scenario: there is no built-in scenario of this name (got cornershop); "
                                      "did you mean 'corner_shop'?"]),
        ("map corner_shop --with second_asistant", ["with: 'corner_shop' has no such intervention (got second_asistant)"
                                                    "; did you mean 'second_assistant'?"]),
        ("map corner_shop --with x.yaml", ["x.yaml: no such file"]),
        ("reproduce nowhere", ["nowhere: no such folder"]),
        ("reproduce .", [".: holds no manifest.json, so it is no run"]),
    ],
)  # fmt: skip
def test_every_mistake_is_a_clean_finding_and_nothing_is_written(
    touchsim, elsewhere: Path, words: str, findings: list[str]
) -> None:
    code, out, err = touchsim(*words.split())
    assert (code, out, err.splitlines()) == (2, "", findings)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    "words", ["run", "runn webshop", "run corner_shop --customers many", "run corner_shop --custmers 3"]
)
def test_a_word_that_is_no_option_is_refused_with_2(touchsim, elsewhere: Path, words: str) -> None:
    code, _, err = touchsim(*words.split())
    assert code == 2 and err.startswith("Usage:") and "Error: " in err
    assert list(elsewhere.iterdir()) == []


def test_a_broken_scenario_is_refused_with_file_and_line_by_every_command(touchsim, elsewhere: Path) -> None:
    assert touchsim("new", "mine")[0] == 0
    path = elsewhere / "mine" / "corner_shop.yaml"
    path.write_text(path.read_text() + "segmnts: {}\n")
    line = len(path.read_text().splitlines())
    for words in ("check mine/corner_shop.yaml", "run mine/corner_shop.yaml", "study mine/corner_shop.yaml",
                  "compare mine/corner_shop.yaml --with second_assistant"):  # fmt: skip
        code, out, err = touchsim(*words.split())
        assert (code, out) == (2, "")
        assert err == f"mine/corner_shop.yaml:{line}: segmnts: unknown key; did you mean 'segments'?\n"
    assert [path.name for path in elsewhere.iterdir()] == ["mine"]


def test_a_new_scenario_works_at_once_and_never_overwrites_another(touchsim, elsewhere: Path) -> None:
    assert touchsim("new", "mine", "--from", "corner_shop")[0] == 0
    assert {path.name for path in (elsewhere / "mine").iterdir()} == {"corner_shop.yaml", "scenario.schema.json"}
    code, out, _ = touchsim("check", "mine/corner_shop.yaml")
    assert code == 0 and out.startswith("mine/corner_shop.yaml: valid; 6 touchpoints")
    code, _, err = touchsim("new", "mine")
    assert code == 2 and "never overwritten" in err


def test_the_schema_is_json_and_knows_touchpoints(touchsim) -> None:
    code, out, _ = touchsim("check", "--schema")
    assert code == 0 and "touchpoints" in json.loads(out)["properties"]


def test_a_fault_of_ours_is_one_line_and_a_traceback_with_debug(touchsim, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> str:
        raise ZeroDivisionError("ouch\nouch")

    monkeypatch.setattr("touchsim.cli.jobs.description", broken)
    code, _, err = touchsim("check", "corner_shop")
    assert code == 1
    assert err == "touchsim failed: ZeroDivisionError: ouch ouch; run again with --debug for the traceback\n"
    with pytest.raises(ZeroDivisionError):
        main(["check", "corner_shop", "--debug"])


def test_a_run_writes_its_tables_and_can_be_made_again(touchsim, elsewhere: Path) -> None:
    code, out, err = touchsim("run", "corner_shop", "--customers", "60", "--replications", "2")
    assert code == 0, err
    run = elsewhere / "runs" / "corner_shop-1"
    assert "runs/corner_shop-1/report.html" in out and "2 replications" in out
    measured = ("kpis", "cohorts", "promise", "lifetime")
    tables = {"visits.parquet", "customers.parquet",
              *(f"{name}.{kind}" for name in measured for kind in ("csv", "parquet"))}  # fmt: skip
    assert {path.name for path in run.iterdir()} == tables | {"report.html", "pictures", "sheets", "manifest.json"}
    kpis = pd.read_csv(run / "kpis.csv")
    assert list(kpis.columns[:7]) == ["kpi", "group", "value", "unit", "low", "high", "replications"]
    born = pd.read_csv(run / "cohorts.csv").query("kpi == 'customers'")
    assert born["cohort"].iloc[0] == "2026-01" and born["value"].sum() == pytest.approx(60.0)
    assert len(pd.read_parquet(run / "customers.parquet")) == 120
    manifest = json.loads((run / "manifest.json").read_text())
    assert yaml.safe_load(manifest["scenario"])["name"] == "corner_shop"
    assert manifest["arguments"]["seed"] == 1 and manifest["arguments"]["engine"] == "compiled"

    assert touchsim("reproduce", "runs/corner_shop-1")[:2] == (0, "runs/corner_shop-1: identical (12 files)\n")
    code, _, err = touchsim("run", "corner_shop", "--customers", "61", "--replications", "2")
    assert code == 2 and "holds another run, which is never overwritten" in err
    assert touchsim("run", "corner_shop", "--customers", "60", "--replications", "2")[0] == 0, "the same run may"

    (run / "kpis.csv").write_text((run / "kpis.csv").read_text().replace("0", "1"))
    code, out, _ = touchsim("reproduce", "runs/corner_shop-1")
    assert code == 1 and "kpis.csv differs since the run: changed by hand?" in out


def test_a_run_of_one_replication_says_so(touchsim) -> None:
    code, out, err = touchsim("run", "corner_shop", "--customers", "30")
    assert code == 0, err
    assert "single run" in out


def test_a_simulated_study_equals_the_study_of_the_files_it_wrote(touchsim, elsewhere: Path) -> None:
    code, out, err = touchsim("study", "corner_shop", "--respondents", "150", "--out", "simulated")
    assert code == 0, err
    written = {path.name for path in (elsewhere / "simulated").iterdir()}
    tables = {"coefficients", "importance", "orders", "fit", "scales", "htmt", "blocks", "performance"}
    assert {f"{name}.csv" for name in tables} | {"answers.parquet", "model.yaml", "report.html"} <= written
    again = "study --survey simulated/answers.parquet --model simulated/model.yaml --out real"
    code, _, err = touchsim(*again.split())
    assert code == 0, err
    for name in tables:
        one, other = elsewhere / "simulated" / f"{name}.csv", elsewhere / "real" / f"{name}.csv"
        assert one.read_bytes() == other.read_bytes(), name
    assert touchsim("reproduce", "simulated")[0] == 0
    assert touchsim("reproduce", "real")[0] == 0
    (elsewhere / "simulated" / "answers.parquet").unlink()
    code, _, err = touchsim("reproduce", "real")
    assert code == 2 and "simulated/answers.parquet: no such file" in err


def test_too_few_respondents_are_refused_with_what_to_change_and_no_file_that_nobody_sees(touchsim, elsewhere) -> None:
    code, out, err = touchsim("study", "corner_shop", "--respondents", "8", "--out", "five")
    assert (code, out) == (2, "")
    assert "the survey of corner_shop: drivers.satisfaction: needs more complete rows" in err
    assert "--respondents above 8" in err and ".part" not in err and "parquet" not in err
    assert list(elsewhere.iterdir()) == []


def test_a_broken_model_is_named_as_it_was_given(touchsim, elsewhere: Path) -> None:
    (elsewhere / "survey.csv").write_text("a,b\n1,2\n")
    (elsewhere / "model.yaml").write_text("scales:\n  image: [a]\ndrvers: {}\n")
    code, out, err = touchsim("study", "--survey", "survey.csv", "--model", "model.yaml")
    assert (code, out) == (2, "")
    assert "model.yaml:3: drvers: unknown key; did you mean 'drivers'?" in err.splitlines()
    assert {path.name for path in elsewhere.iterdir()} == {"survey.csv", "model.yaml"}


def test_a_comparison_of_names_and_files_can_be_made_again(touchsim, elsewhere: Path) -> None:
    (elsewhere / "cheap.yaml").write_text("changes: {orders: {promised: 1 day}}\n")
    words = ["compare", "corner_shop", "--with", "second_assistant", "cheap.yaml", "--customers", "60",
             "--replications", "3", "--out", "compared"]  # fmt: skip
    code, _, err = touchsim(*words)
    assert code == 0, err
    comparison = pd.read_csv(elsewhere / "compared" / "comparison.csv")
    assert set(comparison["variant"]) == {"second_assistant", "cheap"}
    (elsewhere / "cheap.yaml").unlink()
    assert touchsim("reproduce", "compared")[0] == 0, "the manifest holds the text of the file"


def test_a_map_of_a_scenario_can_be_made_again_with_all_its_tables(touchsim, elsewhere: Path) -> None:
    words = "map corner_shop --customers 60 --replications 2 --with second_assistant"
    code, out, err = touchsim(*words.split())
    assert code == 0, err
    folder = elsewhere / "runs" / "map-corner_shop-1"
    assert "The weakest touchpoint is" in out and "With second_assistant" in out and "report.html" in out
    tables = {"touchpoint_map", "touchpoint_map_to_be", "map_features", "map_difference", "weakest"}
    files = {f"{name}.{ending}" for name in tables for ending in ("csv", "parquet")}
    assert {path.name for path in folder.iterdir()} == files | {"manifest.json", "report.html", "pictures"}
    assert (folder / "pictures" / "touchpoint_map.png").exists()
    change = pd.read_csv(folder / "map_difference.csv")
    assert list(change.columns[:3]) == ["step", "channel", "figure"] and (change["replications"] <= 2).all()
    assert touchsim("reproduce", str(folder))[:2] == (0, f"{folder}: identical (10 files)\n")


def test_a_map_says_what_fixing_the_weakest_would_bring_and_can_be_made_again(touchsim, elsewhere: Path) -> None:
    words = "map corner_shop --customers 80 --replications 3 --fix 2 --out worth"
    code, out, err = touchsim(*words.split())
    assert code == 0, err
    assert "Each touchpoint was fixed alone, over 3 paired replications" in out
    fixes = pd.read_csv(elsewhere / "worth" / "fixes.csv")
    assert len(fixes) == 2 and (fixes["gain_low"] <= fixes["gain_high"]).all()
    page = (elsewhere / "worth" / "report.html").read_text(encoding="utf-8")
    assert "Which of them are worth fixing" in page and "one of symptoms, not of what" not in page
    assert touchsim("reproduce", "worth")[0] == 0
    code, _, err = touchsim("map", "corner_shop", "--fix", "0", "--replications", "1")
    assert (code, err.splitlines()[0]) == (2, "--fix: must be at least 1 (got 0)")
    assert "--replications: must be at least 2 with --fix" in err


def test_a_map_has_intervals_unless_one_replication_is_asked_for(touchsim, elsewhere: Path) -> None:
    assert touchsim("map", "corner_shop", "--customers", "20", "--out", "several")[0] == 0
    assert (pd.read_csv(elsewhere / "several" / "touchpoint_map.csv")["replications"] == 10).all()
    assert touchsim("map", "corner_shop", "--customers", "20", "--replications", "1", "--out", "one")[0] == 0
    assert pd.read_csv(elsewhere / "one" / "touchpoint_map.csv")["emotion_low"].isna().all()


def test_a_map_of_a_run_is_that_of_its_log_and_its_variant_plays_the_same_customers(touchsim, elsewhere: Path) -> None:
    asked = ["--customers", "60", "--replications", "2", "--seed", "4"]
    assert touchsim("run", "corner_shop", *asked, "--out", "run")[0] == 0
    assert touchsim("map", "corner_shop", *asked, "--with", "second_assistant", "--out", "anew")[0] == 0
    code, _, err = touchsim("map", "run", "--with", "second_assistant", "--out", "of_run")
    assert code == 0, err
    for name in ("touchpoint_map", "weakest", "map_difference"):
        one, other = (elsewhere / folder / f"{name}.csv" for folder in ("anew", "of_run"))
        assert one.read_bytes() == other.read_bytes(), name
    assert touchsim("reproduce", "of_run")[:2] == (0, "of_run: identical (10 files)\n")
    assert touchsim("map", "run")[0] == 0 and (elsewhere / "runs" / "map-run" / "report.html").exists()

    code, out, err = touchsim("map", "run", "--seed", "3", "--customers", "9")
    assert (code, out) == (2, "")
    assert err.splitlines() == ["--customers: belongs to a scenario: a run is measured as it is",
                                "--seed: belongs to a scenario: a run is measured as it is"]  # fmt: skip
    (elsewhere / "run" / "manifest.json").unlink()
    assert touchsim("map", "run", "--out", "without_manifest")[0] == 0, "a log is enough for a map"
    code, _, err = touchsim("map", "run", "--with", "second_assistant", "--out", "never")
    assert code == 2 and "--with: needs a run that has its manifest.json" in err
    assert not (elsewhere / "never").exists()


def test_a_folder_without_a_log_is_no_run(touchsim, elsewhere: Path) -> None:
    (elsewhere / "empty").mkdir()
    code, out, err = touchsim("map", "empty")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        f"empty/{name}.parquet: a run folder must hold this file; see touchsim run --out" for name in
        ("visits", "customers")
    ]  # fmt: skip
    assert [path.name for path in elsewhere.iterdir()] == ["empty"]


def test_an_interruption_leaves_130_and_nothing_half_written(elsewhere: Path) -> None:
    # What a shell starts in the background is deaf to SIGINT; here it must hear.
    hearing = "import runpy, signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = hearing + "runpy.run_module('touchsim', run_name='__main__')"
    words = [sys.executable, "-c", start, "run", "corner_shop", "--customers", "400000", "--engine", "simpy"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(words, cwd=elsewhere, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE)
    for _ in range(600):
        time.sleep(0.1)
        if list(elsewhere.glob("runs/.*.part")):
            break
    time.sleep(0.5)
    for _ in range(5):  # as a person would: once more after a while, for the compiler hears nothing
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=12)
            break
    assert process.returncode == 130
    assert list(elsewhere.iterdir()) == []


def test_touchpoints_lists_the_library_and_says_all_of_one(touchsim) -> None:
    code, told, _ = touchsim("touchpoints")
    assert code == 0 and "click_and_collect" in told and "weighing alternatives" in told
    assert touchsim("touchpoints", "--channel", "sms")[1].splitlines()[1].startswith("sms ")
    code, told, _ = touchsim("touchpoints", "phone")
    assert code == 0 and told.startswith("phone: ") and "\ncapacity " in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("touchpoints phoen", "touchpoint: is not in the library (got phoen); did you mean 'phone'?"),
        ("touchpoints --channel shp --step helf", "step: there is no such step (got helf); did you mean 'help'?"),
        ("touchpoints phone --step help", "--step: cannot go with a key; give one of them"),
    ],
)
def test_a_touchpoint_that_is_not_there_is_a_finding(touchsim, words: str, said: str) -> None:
    code, told, complained = touchsim(*words.split())
    assert code == 2 and told == ""
    assert said in complained.splitlines()
