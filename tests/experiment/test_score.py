"""What a score card promises: measures as defined, truth by name, one seed one card, and going on where it stopped."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import touchsim as ts
from touchsim.cli import main
from touchsim.errors import BadInput
from touchsim.experiment.score import ScoreCard
from touchsim.experiment.studies import CORRELATED, first_names
from touchsim.experiment.success import Truth, performance, rank_recovery, truth_of
from touchsim.languages import language as speak
from touchsim.show.score import _answer, write_score_report
from touchsim.survey.respondents import survey_model
from touchsim.vocabulary import label

SHOP = ts.load_scenario("corner_shop")
CLEAN = {"points": 101, "method": 0.0, "response": {"skip": 0.0},
         "style": {"shift_mean": 0.0, "shift_sd": 0.0, "stretch_sd": 0.0, "careless": 0.0}}  # fmt: skip


@pytest.fixture(scope="module")
def card() -> ScoreCard:
    return ts.score_card(ts.load_scenario("webshop").with_(survey=CLEAN), n=[150, 400], studies=60, workers=1, seed=3)


def test_a_card_speaks_also_where_an_estimator_found_nothing(card: ScoreCard) -> None:
    lost = card.table["estimator"] == "corrected"
    nothing = card.table.copy()
    nothing.loc[lost, ["bias", "bias_mcse", "coverage", "mean"]] = np.nan
    nothing.loc[lost, "failed"] = 60
    text = dataclasses.replace(card, table=nothing).text
    assert "Least squares corrected for unreliability: 60 of 60 studies had no estimate" in text
    assert text.count("largest bias") == 1


def rows_of(betas: dict[str, list[float]], error: float = 0.1) -> pd.DataFrame:
    """Studies with these estimates; a share is the size of an estimate."""
    return pd.DataFrame([
        {"study": study, "respondents": 100, "n": 90, "estimator": "ols", "term": term, "std_beta": beta,
         "std_error": error, "std_low": beta - 2 * error, "std_high": beta + 2 * error,
         "p_value": 0.01 if abs(beta) > 2 * error else 0.3, "share": abs(beta)}
        for term, several in betas.items() for study, beta in enumerate(several)])  # fmt: skip


def truth(values: dict[str, float], crowds: int = 4) -> Truth:
    own = np.tile(list(values.values()), (crowds, 1))
    return Truth({"projection": values}, {"projection": own}, {"a": 0.6, "b": 0.4}, 1000)


def test_measures_are_those_of_morris_white_and_crowther() -> None:
    b = np.array([0.5, 0.3, 0.1, 0.4])
    row = performance(rows_of({"a": list(b), "b": [0.0, 0.1, 0.0, np.nan]}), truth({"a": 0.45, "b": 0.0})).iloc[0]
    assert row["bias"] == pytest.approx(b.mean() - 0.45)
    assert row["bias_mcse"] == pytest.approx(b.std(ddof=1) / 2)
    assert row["emp_se"] == pytest.approx(b.std(ddof=1))
    assert row["emp_se_mcse"] == pytest.approx(b.std(ddof=1) / np.sqrt(6))
    square = (b - 0.45) ** 2
    assert row["rmse"] == pytest.approx(np.sqrt(square.mean()))
    assert row["rmse_mcse"] == pytest.approx(square.std(ddof=1) / 2 / (2 * np.sqrt(square.mean())))
    assert row["coverage"] == 0.75 and row["coverage_mcse"] == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    assert row["power"] == 0.75 and row["model_se"] == pytest.approx(0.1)


def test_ordinal_items_are_scored_where_points_are_few_and_refused_where_they_are_many() -> None:
    with pytest.raises(BadInput, match=r"sem_wlsmv is for answers on 15 points or fewer \(got 101 points\)"):
        ts.score_card(SHOP.with_(survey=CLEAN), n=200, studies=2, estimators=("ols", "sem_wlsmv"))
    five = SHOP.with_(survey={"points": 5})
    card = ts.score_card(five, n=300, studies=3, estimators=("sem_wlsmv",), workers=1)
    assert card.table["failed"].eq(0).all() and "ordinal items" in card.text


def test_a_study_without_an_estimate_is_counted_and_left_out() -> None:
    table = performance(rows_of({"a": [0.5, np.nan, 0.1, 0.4], "b": [0.0] * 4}), truth({"a": 0.4, "b": 0.0}))
    assert table.iloc[0][["studies", "failed"]].tolist() == [3, 1]
    assert table.iloc[0]["mean"] == pytest.approx(1 / 3)
    assert table.iloc[0]["power"] == 0.5, "two found it, one did not, one has no estimate: two of four"
    assert table.iloc[0]["power_mcse"] == 0.25
    none = performance(rows_of({"a": [np.nan] * 4, "b": [0.0] * 4}), truth({"a": 0.4, "b": 0.0})).iloc[0]
    assert none["power"] == 0 and np.isnan(none["mean"]), "what has no estimate is not found"


def test_a_study_with_too_few_complete_answers_is_a_failed_study_with_its_reason() -> None:
    skipped = SHOP.with_(survey={"response": {"skip": 0.055}})
    card = ts.score_card(skipped, n=80, studies=12, workers=1, estimators=("ols",))
    lost = card.studies.groupby("study")[["n", "reason", "std_beta"]].first()
    few = lost["n"] < 9 + 2
    assert few.any() and not few.all()
    assert (lost.loc[few, "reason"] == "too few complete answers").all() and lost.loc[few, "std_beta"].isna().all()
    assert (lost.loc[~few, "reason"] == "").all() and lost.loc[~few, "std_beta"].notna().all()
    assert (card.table["failed"] == few.sum()).all() and (card.table["studies"] == 12 - few.sum()).all()


def test_a_card_says_how_many_answers_are_complete_and_warns_where_they_are_few(card: ScoreCard) -> None:
    def text(whole: float) -> str:
        return dataclasses.replace(card, table=card.table.assign(n=whole)).text

    assert "completely on average" not in text(400)
    assert "400 answered in each study, 322 of them completely on average" in text(321.6)
    assert "Less than 80 %" not in text(321.6) and "Less than 80 % of the answers are complete" in text(319)


def test_figures_of_some_studies_are_told_as_those_of_some(card: ScoreCard) -> None:
    assert "% of the studies." in card.text and "that gave one" not in card.text
    corrected = card.table["estimator"] == "corrected"
    table = card.table.assign(studies=card.table["studies"].mask(corrected, 2), failed=58 * corrected)
    text = dataclasses.replace(card, table=table).text
    assert text.count("% of the 2 of 60 studies that gave one.") == 1
    assert "58 of 60 studies had no estimate; in power and rank they count as not found" in text


def test_power_is_called_false_alarms_where_the_truth_is_exactly_0(card: ScoreCard, tmp_path: Path) -> None:
    rows = card.table.query("respondents == 400 and estimand == 'structural' and truth == 0 and estimator == 'ols'")
    (share,), (error,) = rows["power"], rows["power_mcse"]
    assert rows["term"].item() == "appearance"
    assert f"Least squares, HC3: false alarms in {100 * share:.1f} % of the studies (Monte Carlo error " \
        f"{100 * error:.1f}), where the truth is exactly 0 (structural weight: website appearance)." in card.text
    nothing = card.table.assign(studies=card.table["studies"].mask(card.table["estimator"] == "corrected", 0))
    assert card.text.count("false alarms") == 2
    assert dataclasses.replace(card, table=nothing).text.count("false alarms") == 1, "who says nothing alarms nobody"
    write_score_report(tmp_path / "card.html", card, ts.load_scenario("webshop"))
    page = (tmp_path / "card.html").read_text()
    assert page.count("; false alarms") == 2, "once for each estimator, against the structural weight alone"
    assert "false alarms where the truth is exactly 0" in page


def test_luck_that_estimate_and_truth_share_goes_out_of_the_error_of_the_bias() -> None:
    b = np.array([0.5, 0.3, 0.1, 0.4])
    known = Truth({"projection": {"a": 0.3}}, {"projection": (b - 0.05)[:, None]}, {"a": 0.6, "b": 0.4}, 1000)
    assert performance(rows_of({"a": list(b)}), known).iloc[0]["bias_mcse"] == pytest.approx(0, abs=1e-12)


def test_the_top_driver_is_found_where_its_share_is_largest() -> None:
    rows = rows_of({"a": [0.5, 0.3, 0.1, np.nan], "b": [0.2, 0.4, 0.05, np.nan]})
    found = rank_recovery(rows, truth({"a": 0.4, "b": 0.2})).iloc[0]
    assert found["top"] == "a" and found["found"] == 0.5 and found["found_mcse"] == 0.25


def test_the_projection_of_one_crowd_is_the_truth_of_its_survey() -> None:
    log = ts.simulate(SHOP, customers=1500, seed=4)
    known = survey_model(log, ts.ask(log))["truth"]["coefficients"]["all"]["satisfaction"]
    from touchsim.survey.respondents import asked_views

    views, drivers = asked_views(log), tuple(known)
    values = views[[*drivers, "satisfaction"]].to_numpy()
    products = (values.T @ values)[np.triu_indices(len(drivers) + 1)]
    experience = (views["goods"].astype(str) == "experience").mean()
    crowd = pd.DataFrame([[0, len(views), experience, *values.sum(axis=0), *products]], columns=first_names(drivers))
    weights = {kind: getattr(SHOP.satisfaction, kind).model_dump() for kind in ("search", "experience")}
    found = truth_of(crowd.astype({"study": int, "asked": int}), drivers, weights)
    for driver, value in known.items():
        assert found.values["projection"][driver] == pytest.approx(value, abs=1e-9)
    mean = (1 - experience) * weights["search"]["returns"] + experience * weights["experience"]["returns"]
    spread = views["returns"].std() / views["satisfaction"].std()
    assert found.values["structural"]["returns"] == pytest.approx(mean * spread, rel=1e-9)
    assert found.asked == len(views) and CORRELATED in crowd.columns[-1]


def test_corrected_regression_finds_the_truth_that_least_squares_misses(card: ScoreCard) -> None:
    largest = card.table[(card.table["respondents"] == 400) & (card.table["estimand"] == "projection")]
    strong = largest[largest["truth"] > 0.3].set_index(["estimator", "term"])
    assert (strong.loc["ols", "bias"] < -8 * strong.loc["ols", "bias_mcse"]).all()
    assert (strong.loc["ols", "coverage"] < 0.8).all()
    corrected = largest[largest["estimator"] == "corrected"]
    assert (corrected["bias"].abs() < 3.5 * corrected["bias_mcse"]).all()
    assert corrected["coverage"].mean() > 0.91


def test_smaller_studies_scatter_more_and_more_power_takes_more_answers(card: ScoreCard) -> None:
    spread = card.table.groupby(["estimator", "respondents"])["emp_se"].mean().unstack()
    assert (spread[150] / spread[400]).between(1.3, 2.3).all()
    needed = card.sizes_needed(0.8).set_index(["estimator", "term"])
    assert needed.query("doubt != ''").index.get_level_values("term").unique().tolist() == ["appearance"]
    more, needed = card.sizes_needed(0.9)["needed"].to_numpy(), needed["needed"].to_numpy()
    assert (more[np.isfinite(needed)] > needed[np.isfinite(needed)]).all() and np.isfinite(needed).sum() >= 6


def test_a_truth_stands_off_as_surely_as_if_one_driver_alone_were_looked_at() -> None:
    own = np.zeros((31, 2))
    known = Truth({"projection": {"a": 0.2, "b": 0.2}}, {"projection": own}, {}, 9,
                  {"projection": {"a": (0.03, 0.37), "b": (0.01, 0.39)}})  # fmt: skip
    assert [known.stands_off("projection", name) for name in "ab"] == [True, False], "2.36 of 2.04, one and a half"
    assert known.stands_off("projection", "b", -0.1)


def test_in_a_world_of_mood_alone_no_driver_is_called_the_true_top_one(tmp_path: Path) -> None:
    mood = ts.load_scenario("halo_only")
    card = ts.score_card(mood, n=100, studies=12, workers=1, estimators=("ols",))
    assert "No driver stands out" in card.text and "true top driver" not in card.text
    assert (card.sizes_needed()["doubt"] == "truth not told from zero").sum() >= 7
    write_score_report(tmp_path / "card.html", card, mood)
    page = (tmp_path / "card.html").read_text()
    assert "truth not told from zero" in page and "∞, ∞" not in page


def test_an_estimator_that_found_nothing_is_not_said_to_miss_the_top_driver(card: ScoreCard) -> None:
    lost = card.table["estimator"] == "corrected"
    table = card.table.assign(studies=card.table["studies"].where(~lost, 0))
    assert dataclasses.replace(card, table=table).text.count("true top driver") == 1
    assert card.text.count("true top driver") == 2


def test_shares_that_are_equal_are_said_once(card: ScoreCard) -> None:
    text = dataclasses.replace(card, table=card.table.assign(coverage=1.0)).text
    assert "hold the truth in 100.0 % of" in text and "100.0 to 100.0" not in text
    assert "-" not in text.replace("Monte-Carlo", "").split("largest bias ")[1][:6]


def test_the_card_says_what_it_found_and_draws_it(card: ScoreCard) -> None:
    assert "60 simulated studies" in card.text
    assert "Least squares corrected for unreliability: largest bias" in card.text
    ax = card.plot()
    assert len(ax.get_yticklabels()) == 9
    assert sum(line.get_gid() == "estimate" for line in ax.lines) == 18
    assert card._repr_html_().startswith("<p>60 simulated studies")


def test_what_a_card_does_not_have_cannot_be_drawn(card: ScoreCard) -> None:
    with pytest.raises(ts.BadInput) as caught:
        card.plot(respondents="many", estimand="projektion")
    assert [finding.where for finding in caught.value.findings] == ["respondents", "estimand"]
    assert "did you mean 'projection'?" in str(caught.value) and "known: " in str(caught.value)
    for odd in ([500], True, 0.5, np.array([1, 2])):
        with pytest.raises(ts.BadInput, match="no such size"):
            card.plot(respondents=odd)


def test_the_same_seed_gives_the_same_card_with_any_number_of_workers_and_after_an_interruption(tmp_path: Path) -> None:
    how = {"n": 80, "studies": 24, "seed": 5}
    one = ts.score_card(SHOP, **how, workers=2)
    kept = ts.score_card(SHOP, **how, workers=1, keep=tmp_path)
    pd.testing.assert_frame_equal(one.studies, kept.studies)
    (tmp_path / "crowds-000001.parquet").unlink()
    again = ts.score_card(SHOP, **how, workers=1, keep=tmp_path)
    pd.testing.assert_frame_equal(one.table, again.table)
    more = ts.score_card(SHOP, **how | {"studies": 30}, workers=1, keep=tmp_path)
    pd.testing.assert_frame_equal(one.studies, more.studies[more.studies["study"] < 24])
    done: list[int] = []
    fewer = ts.score_card(SHOP, **how | {"studies": 12}, workers=1, keep=tmp_path, progress=done.append)
    assert done == [12] and fewer.studies["study"].nunique() == 12
    with pytest.raises(ts.BadInput, match="another design"):
        ts.score_card(SHOP, **how | {"seed": 6}, workers=1, keep=tmp_path)


def test_drivers_that_are_left_out_are_left_out_of_the_truth() -> None:
    card = ts.score_card(SHOP, n=80, studies=4, drivers=["fulfilment", "returns"], workers=1)
    assert set(card.table["term"]) == {"fulfilment", "returns"}


def test_arguments_that_make_no_sense_are_found_together() -> None:
    with pytest.raises(ts.BadInput) as caught:
        ts.score_card(SHOP, n=0, studies=1, estimators=["olz"], drivers=["return"], response_rate=2.0, workers=0)
    wrong = [finding.where for finding in caught.value.findings]
    assert wrong == ["n", "studies", "workers", "response_rate", "estimators", "drivers", "drivers"]
    assert "'ols'" in str(caught.value)


@pytest.mark.parametrize(("where", "said"), [
    ("n", "abc"), ("n", "500"), ("n", 500.5), ("n", None), ("n", [float("nan")]), ("n", True),
    ("response_rate", "a"),
    ("estimands", None), ("estimands", [["total"]]), ("estimators", "olz"), ("seed", None)])
def test_what_is_of_the_wrong_kind_is_a_finding(where: str, said: object) -> None:
    with pytest.raises(BadInput) as caught:
        ts.score_card(SHOP, **{"n": 80, "studies": 2, where: said})
    assert [finding.where for finding in caught.value.findings] == [where]


def test_a_bare_word_is_one_name() -> None:
    card = ts.score_card(SHOP, n=80, studies=2, estimators="ols", workers=1)
    assert card.table["estimator"].unique().tolist() == ["ols"]
    with pytest.raises(BadInput, match="power: must be above"):
        card.sizes_needed("a")
    with pytest.raises(BadInput, match=r"respondents: this score card has no such size \(got 77\); known: 80"):
        card.plot(respondents=77)


def test_a_nearly_singular_correction_is_no_estimate() -> None:
    card = ts.score_card(SHOP, n=150, studies=60, estimators="corrected", workers=1)
    assert card.studies["std_beta"].abs().max() < 1.5 and 0 < card.table["failed"].max() < 10
    assert "studies had no estimate" in card.text


def test_the_command_writes_card_ranks_and_report_and_does_it_again(tmp_path: Path) -> None:
    out = tmp_path / "card"
    with pytest.raises(SystemExit) as left:
        main(["score", "corner_shop", "--n", "80", "--studies", "4", "--workers", "1", "--out", str(out)])
    assert left.value.code == 0
    names = {path.name for path in out.iterdir()}
    assert {"score_card.csv", "ranks.csv", "estimates.parquet", "text.md", "report.html", "manifest.json"} <= names
    assert not list(tmp_path.glob(".card*")), "kept studies are gone when all are there"
    assert "**Estimands**" in (out / "text.md").read_text()
    with pytest.raises(SystemExit) as left:
        main(["reproduce", str(out)])
    assert left.value.code == 0


def test_the_command_refuses_what_makes_no_sense(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["score", "corner_shop", "--n", "0", "--estimator", "olz", "--studies", "1", "--out", str(tmp_path / "x")])
    assert left.value.code == 2
    said = capsys.readouterr().err
    assert "--n" in said and "--studies" in said and "'ols'" in said and not (tmp_path / "x").exists()


def test_the_report_answers_how_many_drivers_are_found_and_shows_power_at_every_size(card, tmp_path: Path) -> None:
    world = ts.load_scenario("webshop").with_(survey=CLEAN)
    write_score_report(tmp_path / "card.html", card, world)
    page = re.sub(r"<[^>]+>", " ", (tmp_path / "card.html").read_text(encoding="utf-8"))
    page = re.sub(r"\s+", " ", page)
    needed = card.sizes_needed(0.8).query("estimator == 'ols' and doubt != 'truth not told from zero'")
    found = needed[(needed["power"] >= 0.8) & (needed["doubt"] == "")].sort_values("truth", ascending=False)
    assert 0 < len(found) < len(needed)
    names = ", ".join(map(label, found["term"]))
    words = f"With 400 answers, at least 80 % of the studies find {len(found)} of {len(needed)} drivers (least squares)"
    assert f"{words}: {names}. Of the others" in page
    powers = page.split("Power by number of respondents")[-1]
    for n in (150, 400):
        row = card.table.query(f"respondents == {n} and estimand == 'projection' and estimator == 'ols'").iloc[0]
        assert f"{n} respondents" in powers and f"{100 * row['power']:.1f} %" in powers
    takes = page.split("Respondents that give each driver")[-1].split("Power by number")[0]
    order = sorted(needed["term"], key=lambda term: -card.truth.values["projection"][term])
    assert [takes.index(label(term)) for term in order] == sorted(takes.index(label(term)) for term in order)
    assert "± is one Monte Carlo standard error" in page and "Every number carries" not in page


def test_a_share_of_all_studies_is_told_with_the_rule_of_three(card: ScoreCard, tmp_path: Path) -> None:
    whole = dataclasses.replace(card, table=card.table.assign(coverage=1.0, coverage_mcse=0.0, power=0.0))
    write_score_report(tmp_path / "card.html", whole, ts.load_scenario("webshop"))
    page = (tmp_path / "card.html").read_text(encoding="utf-8")
    assert "at least 95.0 % (rule of three)" in page and "at most 5.0 % (rule of three)" in page, "3 of 60 studies"
    assert "± 0.0<" not in page


def test_no_share_of_none_or_of_all_is_told_without_an_error(card: ScoreCard) -> None:
    zero = card.table["truth"] == 0
    for share, bound in ((0.0, "at most 5.0 % (rule of three)"), (1.0, "at least 95.0 % (rule of three)")):
        table = card.table.assign(power=card.table["power"].mask(zero, share),
                                  power_mcse=card.table["power_mcse"].mask(zero, 0.0))  # fmt: skip
        text = dataclasses.replace(card, table=table, ranks=card.ranks.assign(found=share, found_mcse=0.0)).text
        alarms = [line for line in text.split("\n") if "false alarms" in line]
        first = [line for line in text.split("\n") if "true top driver" in line]
        assert len(alarms) == len(first) == 2 and all(bound in line for line in (*alarms, *first))
        assert f"false alarms in {100 * share:.1f} % of the studies, {bound}, where the truth is exactly 0" in text
        assert "Monte Carlo error 0.0)" not in text


def test_all_drivers_that_take_more_than_is_extrapolated_are_named_and_not_the_strongest_alone() -> None:
    few = ts.score_card(SHOP, n=100, studies=12, workers=1)
    needed = few.sizes_needed(0.8).query("estimator == 'ols' and basis == 'more than'")
    names = ", ".join(map(label, needed.sort_values("truth", ascending=False, kind="stable")["term"]))
    (said,) = _answer(few)
    assert len(needed) == 5 and said == (
        "With 100 answers, none of 8 drivers is found in at least 80 % of the studies (least squares). 5 of them take "
        f"more than 1,000 answers each (extrapolated): {names}.")  # fmt: skip
    for language, words in (("nl", "5 daarvan vragen elk meer dan 1.000"), ("de", "5 davon brauchen je mehr als 1.000"),
                            ("sv", "5 av dem kräver fler än 1")):  # fmt: skip
        with speak(language):
            assert words in _answer(few)[0]
    kept = needed["term"].tolist()[:4] + ["appearance"]
    finite = dataclasses.replace(few, table=few.table[~few.table["term"].isin(kept)])
    assert _answer(finite)[0].endswith(f"Most answers are needed for {label('security')}: more than 1,000 "
                                       "(extrapolated).")  # fmt: skip
    finite = dataclasses.replace(few, table=few.table[few.table["term"].isin(["returns", "fulfilment"])])
    row = finite.sizes_needed(0.8).query("estimator == 'ols' and term == 'returns'").iloc[0]
    assert _answer(finite)[0].endswith(f"Most answers are needed for {label('returns')}: {row['needed']:.0f} (95 % "
        f"Monte Carlo interval {row['needed_low']:.0f} to {row['needed_high']:.0f}; extrapolated).")  # fmt: skip
