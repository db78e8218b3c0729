"""MODEL.yaml: forgiving where no harm is done, strict everywhere else."""

from __future__ import annotations

import pytest

from touchsim.documents import BadInput, dump_yaml, parse_document
from touchsim.study.model import StudyModel, model_of, read_model

ARCHITECTURE = """
scales:
  satisfaction: [SA1, SA2, SA3]
  fulfilment: [OF1, OF2, OF3]
drivers: {satisfaction: [fulfilment, returns], repurchase: [satisfaction]}
blocks: {offline: [fulfilment, returns]}
groups: goods_type
missing: {codes: {returns: [0], age: [-99]}, how: listwise}
estimator: ols
weights: n
truth:
  estimand: structural weight
  units: standardised
  coefficients: {all: {satisfaction: {fulfilment: 0.41}}}
"""


def test_the_model_of_the_design_reads_and_names_every_item_once():
    model = parse_document(StudyModel, ARCHITECTURE)
    assert model.names == ("satisfaction", "fulfilment", "returns", "repurchase")
    assert model.items == ("SA1", "SA2", "SA3", "OF1", "OF2", "OF3", "returns", "repurchase")


@pytest.mark.parametrize("full", [True, False])
def test_a_model_written_out_reads_back_equal(full):
    model = parse_document(StudyModel, ARCHITECTURE)
    assert parse_document(StudyModel, dump_yaml(model, full=full)) == model


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("scales: {a: A1}", "scales: {a: [A1]}"),
        ("scales: {a: [1, 2]}", 'scales: {a: ["1", "2"]}'),
        ("missing: {codes: -99}", 'missing: {codes: {"*": [-99]}}'),
        ("missing: {codes: [-99, 8]}", 'missing: {codes: {"*": [-99, 8]}}'),
        ("missing: {codes: {a: 0}}", "missing: {codes: {a: [0]}}"),
        ("groups: 7", 'groups: "7"'),
        ("{}", "estimator: ols"),
    ],
)
def test_what_a_hand_writes_shortly_means_the_same(written, meant):
    drivers = "\ndrivers: {y: a}\n"
    both = [parse_document(StudyModel, (text if text != "{}" else "") + drivers) for text in (written, meant)]
    assert both[0] == both[1] and both[0].drivers == {"y": ("a",)}


@pytest.mark.parametrize(
    ("text", "where", "law", "hint"),
    [
        ("drivers: {}", "drivers", "at least 1", None),
        ("scales: {a: [A1]}", "drivers", "is required", None),
        ("drivers: {y: [a, b, a]}", "drivers.y", "stands once", None),
        ("drivers: {y: [a, y]}", "drivers.y", "cannot be its own driver", None),
        ("drivers: {y: [z], z: [w], w: [y]}", "drivers.y", "circle", None),
        ("drivers: {y: []}", "drivers.y", "at least 1", None),
        ("drivers: {y: {a: 1}}", "drivers.y", "must be a list", None),
        ("driver: {y: [a]}\ndrivers: {y: [a]}", "driver", "unknown key", "did you mean 'drivers'?"),
        ("drivers: {y: [speed]}\nblocks: {on: [sped]}", "blocks.on", "'sped' drives no outcome",
         "did you mean 'speed'?"),
        ("drivers: {y: [a]}\nblocks: {on: [a], off: [a]}", "blocks.off", "already in block 'on'", None),
        ("drivers: {y: [a]}\nscales: {a: [A1, A2, A1]}", "scales.a", "stands once", None),
        ("drivers: {y: [a]}\nscales: {a: []}", "scales.a", "at least 1", None),
        ("drivers: {y: [a]}\nscales: {a: [A1], y: [Y1, A1]}", "drivers.y", "share the item 'A1'", "one of them"),
        ("drivers: {y: [a]}\nestimator: order_logit", "estimator", "must be one of", "did you mean 'ordered_logit'?"),
        ("drivers: {y: [a]}\nmissing: {how: pairwise}", "missing.how", "must be listwise", "left out, and counted"),
        ("drivers: {y: [a]}\nmissing: {how: drop}", "missing.how", "must be one of listwise, impute", None),
        ("drivers: {y: [a]}\nmissing: {codes: {a: [true]}}", "missing.codes.a[0]", "must be", None),
        ("drivers: {y: [a]}\nmissing: {codes: {a: []}}", "missing.codes.a", "at least 1", None),
        ("drivers: {y: [a]}\ngroups: a", "groups", "no item, outcome or driver", None),
        ("drivers: {y: [a]}\nweights: y", "weights", "no item, outcome or driver", None),
        ("drivers: {y: [a]}\ntruth: {estimand: x, units: raw, coefficients: {all: {z: {a: 1}}}}",
         "truth.coefficients.all.z", "is no outcome", None),
        ("drivers: {y: [aa]}\ntruth: {estimand: x, units: raw, coefficients: {all: {y: {ab: 1}}}}",
         "truth.coefficients.all.y.ab", "does not drive 'y'", None),
        ("drivers: {y: [a]}\ntruth: {estimand: x, units: feet, coefficients: {}}", "truth.units", "must be one of",
         None),
    ],
)  # fmt: skip
def test_a_broken_law_is_one_finding_with_its_place_and_line(text, where, law, hint):
    with pytest.raises(BadInput) as bad:
        parse_document(StudyModel, text, file="model.yaml")
    (finding,) = bad.value.findings
    assert finding.where == where and law in finding.law
    assert finding.file == "model.yaml" and finding.line is not None
    assert hint is None or hint in str(finding.hint)


def test_all_broken_laws_are_said_together():
    with pytest.raises(BadInput) as bad:
        model_of({"drivers": {"y": ["a", "a", "y"]}, "groups": "a", "blocks": {"b": ["c"]}})
    assert len(bad.value.findings) == 4


def test_a_model_comes_as_document_data_or_file(tmp_path):
    (tmp_path / "model.yaml").write_text(ARCHITECTURE)
    model = read_model(tmp_path / "model.yaml")
    assert model_of(model) is model and model_of(tmp_path / "model.yaml") == model
    with pytest.raises(BadInput, match="no such file"):
        model_of(tmp_path / "modle.yaml")


def test_a_driver_that_reads_as_a_block_is_refused():
    with pytest.raises(BadInput, match="'block:x' reads as a block"):
        model_of({"drivers": {"y": ["block:x", "z"]}})
    assert model_of({"scales": {"x": "block:x"}, "drivers": {"y": ["x", "z"]}}).items_of("x") == ("block:x",)
