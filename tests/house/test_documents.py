"""Documents: every broken law of a file is said at once, with its line, and nothing becomes another type in silence."""

from __future__ import annotations

import os
import time
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import jsonschema
import pytest
from hypothesis import given, settings, strategies as st
from pydantic import Field, model_validator

from touchsim.documents import (
    Assumption,
    BadInput,
    Count,
    Days,
    Document,
    Fact,
    Finding,
    Key,
    Laws,
    NonNegative,
    Positive,
    Probability,
    days_of,
    defaults_of,
    dump_yaml,
    duration_of,
    json_schema,
    parse_document,
    read_document,
    validate_document,
)  # fmt: skip


class Fixed(Document):
    law: Literal["fixed"] = "fixed"
    of: Days


class Lognormal(Document):
    law: Literal["lognormal"]
    mean: Days
    sd: Days = Assumption("5 min", "as long as half a call")


class Line(Document):
    capacity: Count | None = Assumption(2, "two people at a time")
    reach: Probability = Fact(0.5, "Author (2000)", description="share of customers")
    service: Annotated[Fixed | Lognormal, Field(discriminator="law")] | None = None
    needs: tuple[Literal["help", "return", "delivery"], ...] = ()
    open: bool = True
    label: str = ""
    cost: NonNegative = 0.0
    speed: Positive = 1.0


class Shop(Document):
    start: date = date(2026, 1, 1)
    seed: Count = 1
    shares: dict[str, float] = {}
    lines: dict[Key, Line] = {}
    either: int | Fixed | None = None

    @model_validator(mode="after")
    def _shares_sum_to_one(self) -> Shop:
        findings = []
        if self.shares and abs(sum(self.shares.values()) - 1) > 1e-9:
            findings.append(Finding("shares", f"sum to {sum(self.shares.values()):g}, must sum to 1"))
        findings += [
            Finding(f"lines.{key}.needs[{index}]", "is served twice", got=need)
            for key, line in self.lines.items()
            for index, need in enumerate(line.needs)
            if need in line.needs[:index]
        ]
        if findings:
            raise Laws(findings)
        return self


def said(text: str, cls: type[Document] = Shop) -> list[str]:
    """Findings of a text, one string each."""
    with pytest.raises(BadInput) as caught:
        parse_document(cls, text, file="shop.yaml")
    return [str(finding) for finding in caught.value.findings]


def test_all_findings_come_at_once_with_line_place_law_value_and_hint() -> None:
    text = """\
start: 2026-02-30
seed: no
lines:
  phone:
    capcity: 3
    reach: 1.2
    open: on
    label: 2024
    needs: [help, retrun]
    service: {law: lognormal, mean: 15 mins, sdd: 3 min}
  Bad Key:
    capacity: 1:30
"""
    assert said(text) == [
        "shop.yaml:1: start: must be a date such as 2026-01-31 (got 2026-02-30)",
        "shop.yaml:2: seed: must be a whole number (got no)",
        "shop.yaml:5: lines.phone.capcity: unknown key; did you mean 'capacity'?",
        "shop.yaml:6: lines.phone.reach: must be between 0 and 1 (got 1.2)",
        "shop.yaml:7: lines.phone.open: must be true or false (got on); did you mean true?",
        'shop.yaml:8: lines.phone.label: must be text (got 2024); write it in quotes: "2024"',
        "shop.yaml:9: lines.phone.needs[1]: must be one of help, return, delivery (got retrun); did you mean 'return'?",
        "shop.yaml:10: lines.phone.service.mean: must be in s, min, h, days or weeks, not in 'mins' (got 15 mins); "
        "did you mean 'min'?",
        "shop.yaml:10: lines.phone.service.sdd: unknown key; did you mean 'sd'?",
        "shop.yaml:11: lines.Bad Key: must be a key of small letters, digits and _, starting with a letter; "
        "did you mean 'bad_key'?",
        "shop.yaml:12: lines.Bad Key.capacity: must be a whole number (got 1:30)",
    ]


def test_several_laws_between_fields_are_said_together_each_with_its_line() -> None:
    text = "lines:\n  phone:\n    needs:\n      - help\n      - help\nshares:\n  young: 0.7\n  old: 0.6\n"
    assert said(text) == [
        "shop.yaml:5: lines.phone.needs[1]: is served twice (got help)",
        "shop.yaml:6: shares: sum to 1.3, must sum to 1",
    ]


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("", "is empty"),
        ("# only a comment\n", "is empty"),
        ("[1, 2]", "must be a mapping of keys at the top (got a list)"),
        ("only text", "must be a mapping of keys at the top (got only text)"),
        ("a: b: c", "shop.yaml:1: is not YAML"),
        ("seed: 1\nlines:\n\tphone: {}\n", "shop.yaml:3: is not YAML"),
        ("seed: 1\nlines: {phone: {}\n", "is not YAML"),
        ("seed: 1\nseed: 2\n", "shop.yaml:2: seed: key stands twice, first on line 1"),
        ("seed: !!python/object:os.system x", "tags are not read"),
        ("seed: !!int 3", "tags are not read"),
        ("lines: &all {}\nshares: *all\n", "anchors and aliases are not read"),
        ("? [a]\n: 1\n", "a key must be a plain word"),
        ("seed: 1\n---\nseed: 2\n", "must hold one document"),
        ("[" * 100_000, "is nested too deep"),
        ("a: " + "{a: " * 5_000, "is nested too deep"),
        ("<<: {seed: 1}", "unknown key"),
        ("lines:\n", "lines: must be a mapping of keys (got nothing)"),
        ("lines: {phone: {cost: .inf}}", "must be a finite number (got .inf)"),
        ("lines: {phone: {cost: .nan}}", "must be a finite number (got .nan)"),
        ("lines: {phone: {cost: -1}}", "must be at least 0 (got -1)"),
        ("lines: {phone: {speed: 0}}", "must be above 0 (got 0)"),
        ("lines: {phone: {capacity: 2.5}}", "must be a whole number (got 2.5)"),
        ("lines: {phone: {capacity: true}}", "must be a whole number (got true)"),
        ("lines: {phone: {needs: help}}", "must be a list (got help); write [help]"),
        ("lines: {phone: {service: {of: 2 min}}}", "must say its kind under 'law'"),
        ("lines: {phone: {service: {law: fxed, of: 2 min}}}", "(got fxed); did you mean 'fixed'?"),
        ("lines: {phone: {service: {law: fixed}}}", "lines.phone.service.of: is required"),
        ("lines: {phone: {service: {law: fixed, of: 15}}}", 'write a unit, e.g. "15 min"'),
        ("lines: {phone: {service: {law: fixed, of: '15'}}}", 'write a unit, e.g. "15 min"'),
        ("lines: {phone: {service: {law: fixed, of: -2 min}}}", "must be a duration with its unit (got -2 min)"),
        ("lines: {phone: {service: {law: fixed, of: 1e99 days}}}", "must be shorter than a million days"),
        ("either: six", "must be a whole number or a mapping of keys (got six)"),
        ("either: {off: 3 min}", "either.off: unknown key; did you mean 'of'?"),
        ("seed: 99999999999999999999999999", "must be at most 2000000000"),
        ("seed: " + "9" * 5000, "must be a whole number"),
    ],
)
def test_every_trap_of_a_file_is_one_clean_finding(text: str, law: str) -> None:
    assert any(law in finding for finding in said(text)), said(text)


@pytest.mark.parametrize("word", ["no", "yes", "on", "off", "012", "0x1f", "0o17", "1:30", "1_000", "2026-01-31"])
def test_words_that_yaml_1_1_would_change_stay_as_they_are_written(word: str) -> None:
    assert said(f"seed: {word}") == [f"shop.yaml:1: seed: must be a whole number (got {word})"]
    assert parse_document(Shop, f"lines: {{phone: {{label: {word}}}}}").lines[
        "phone"
    ].label == word  # fmt: skip
    assert parse_document(Shop, f"shares: {{{word}: 1.0}}").shares == {word: 1.0}


def test_a_file_that_cannot_be_a_document_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "webshop.yaml").write_text("seed: 1")
    (tmp_path / "empty.yaml").write_text("")
    (tmp_path / "zeros.yaml").write_bytes(b"\0" * 100)
    (tmp_path / "picture.yaml").write_bytes(b"seed: 1\n\xff\xd8\xff\xe0")
    (tmp_path / "huge.yaml").write_bytes(b"# \n" * 17_000_000)
    (tmp_path / "folder.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    laws = {
        "webshp.yaml": "no such file; did you mean 'webshop.yaml'?",
        "nowhere/shop.yaml": "no such file",
        "empty.yaml": "is empty",
        "zeros.yaml": "is a binary file",
        "picture.yaml": "2: is not a text file in UTF-8",
        "huge.yaml": "is 51 MB, must be under 2 MB",
        "folder.yaml": "is a folder",
        "pipe.yaml": "is not a regular file",
        "x" * 5000: "cannot be read",
    }
    for name, law in laws.items():
        with pytest.raises(BadInput) as caught:
            read_document(Shop, tmp_path / name)
        assert len(caught.value.findings) == 1
        assert law in str(caught.value), (name, str(caught.value))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_one_finding(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("seed: 1")
    (tmp_path / "shop.yaml").chmod(0)
    with pytest.raises(BadInput, match="cannot be read"):
        read_document(Shop, tmp_path / "shop.yaml")


def test_a_document_never_changes_and_reads_back_from_what_it_writes() -> None:
    text = """\
lines:
  phone: {service: {law: fixed, of: 36 h}, label: "1e3", needs: [return], cost: 1}
  desk: {service: {law: lognormal, mean: 10 min}, label: "no", open: false}
start: 2026-03-01
shares: {young: 0.25, old: 0.75}
"""
    shop = parse_document(Shop, text)
    assert shop.lines["phone"].service == Fixed(of="36 h")
    assert shop.start == date(2026, 3, 1)
    for full in (False, True):
        assert parse_document(Shop, dump_yaml(shop, full=full)) == shop
    assert "reach" not in dump_yaml(shop) and "reach: 0.5" in dump_yaml(shop, full=True)
    assert validate_document(Shop, {**shop.model_dump(), "lines": shop.lines}) == shop
    with pytest.raises(ValueError, match="frozen"):
        shop.seed = 2  # type: ignore[misc]


@given(st.floats(0, 999_999) | st.integers(0, 10**6).map(lambda n: n * 60 / 86400) | st.integers(0, 10**5).map(float))
def test_a_duration_reads_back_to_the_very_same_number(days: float) -> None:
    assert days_of(duration_of(days)) == days


@pytest.mark.parametrize(("text", "days"), [("15 min", 15 / 1440), ("2days", 2), (" 4 h ", 1 / 6), ("0.5 week", 3.5),
                                            ("1 week", 7), ("86400 s", 1), ("1 day", 1), ("1e1 d", 10)])  # fmt: skip
def test_durations_are_days_whatever_their_unit(text: str, days: float) -> None:
    assert days_of(text) == days


def test_defaults_say_whether_they_are_facts_or_assumptions() -> None:
    rows = {path: (default, status, text) for path, default, status, text in defaults_of(Shop)}
    assert rows["lines.*.capacity"] == (2, "assumption", "two people at a time")
    assert rows["lines.*.reach"] == (0.5, "fact", "Author (2000)")
    assert rows["lines.*.service.sd"] == ("5 min", "assumption", "as long as half a call")
    assert rows["seed"] == (1, "unmarked", "")
    assert "shares" not in rows and "lines.*.service.law" not in rows


def test_the_json_schema_agrees_with_the_reader() -> None:
    schema = json_schema(Shop)
    jsonschema.Draft202012Validator.check_schema(schema)
    good = {"lines": {"phone": {"service": {"law": "fixed", "of": "15 min"}, "reach": 0.5}}, "start": "2026-01-01"}
    jsonschema.validate(good, schema)
    validate_document(Shop, good)
    for bad in ({"lnes": {}}, {"lines": {"phone": {"reach": 2}}}, {"lines": {"phone": {"service": {"of": 15}}}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)
        with pytest.raises(BadInput):
            validate_document(Shop, bad)
    assert "fact: Author (2000)" in schema["$defs"]["Line"]["properties"]["reach"]["description"]


def test_plain_data_that_yaml_could_not_say_is_a_finding() -> None:
    loop: dict[str, Any] = {}
    loop["lines"] = loop
    for data in (loop, {"seed": object()}, {1: 2}, {"seed": float("nan")}, {"label": "\ud800"}, {"seed": 10**5000}):
        with pytest.raises(BadInput):
            validate_document(Shop, data)


anything: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.binary(max_size=3)
    | st.sampled_from(["fixed", "lognormal", "15 min", "help", "1:30", 10**40]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["seed", "start", "lines", "either", "shares", "phone", "service", "law", "of", "needs"])
        | st.text(max_size=4) | st.integers(), inner, max_size=5,
    ),
    max_leaves=15,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(st.sampled_from(["seed", "start", "lines", "either", "shares"]) | st.text(), anything))
def test_any_data_is_a_document_or_bad_input_and_nothing_else(data: dict[str, Any]) -> None:
    try:
        shop = validate_document(Shop, data)
    except BadInput as bad:
        assert bad.findings and all(finding.law for finding in bad.findings)
    else:
        assert parse_document(Shop, dump_yaml(shop, full=True)) == shop


@settings(max_examples=300, deadline=None)
@given(st.text() | st.text(alphabet="ab:-{}[]&*!?|>'\"#%@, \n\t0129.~", max_size=60))
def test_any_text_is_a_document_or_bad_input_and_nothing_else(text: str) -> None:
    try:
        parse_document(Shop, text)
    except BadInput as bad:
        assert all(finding.file == "<text>" for finding in bad.findings)


def test_a_large_file_is_read_in_a_blink() -> None:
    text = "shares:\n" + "".join(f"  k{number}: 1e-5\n" for number in range(100_000))
    start = time.perf_counter()
    parse_document(Shop, text)
    assert time.perf_counter() - start < 15
