r"""The frozen base of every document that a person writes: scenarios, interventions and study models.

`reading` turns YAML text into frozen documents and says every broken law with its line; `marks` knows the lines,
`quantities` the kinds of values (durations with units, probabilities, facts and assumptions), `sentences` the plain
words, `writing` the way back to YAML, JSON Schema and tables of defaults.  Everyone else imports from here; pydantic
and yaml are known only here and in the documents built on it.

>>> class Line(Document):
...     capacity: Count = Assumption(2, "two people at a time")
...     patience: Days
>>> line = parse_document(Line, "patience: 60 min")
>>> line.capacity, line.patience * 24, dump_yaml(line)
(2, 1.0, 'patience: 1 h\n')
>>> defaults_of(Line)
[('capacity', 2, 'assumption', 'two people at a time')]
"""

from touchsim.documents.marks import missing, text_of
from touchsim.documents.quantities import (
    Assumption,
    Count,
    Days,
    Fact,
    Key,
    NonNegative,
    Positive,
    Probability,
    broken,
    days_of,
    duration_of,
)
from touchsim.documents.reading import Document, Laws, parse_document, read_document, validate_document
from touchsim.documents.writing import defaults_of, dump_yaml, json_schema
from touchsim.errors import BadInput, Finding, nearest

__all__ = [
    "Assumption",
    "BadInput",
    "Count",
    "Days",
    "Document",
    "Fact",
    "Finding",
    "Key",
    "Laws",
    "NonNegative",
    "Positive",
    "Probability",
    "broken",
    "days_of",
    "defaults_of",
    "dump_yaml",
    "duration_of",
    "json_schema",
    "missing",
    "nearest",
    "parse_document",
    "read_document",
    "text_of",
    "validate_document",
]
