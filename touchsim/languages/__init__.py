"""The languages in which touchsim speaks to people; keys, tables and files stay as they are in all of them.

Every text that a person reads is written once, in English, in the file that says it:

    tell("of {n} customers", n=number(300))     ->  "of 300 customers", and under ``language("nl")`` "van 300 klanten"

A language is one file beside this one, such as ``nl.toml``: tables of English text = the text in that language, with
the same fields in braces.  A text that a file does not have is told in English; `tests/languages` finds it.  Whole
sentences are translated, never their parts, so that each language has its own order of words.  A soft hyphen
(U+00AD) marks where a long word may be broken in a picture; it is seen nowhere else.

The language spoken is a context variable: it ends with its ``with``, and no thread hears another.  Called by
`vocabulary` (labels), and by whatever writes a picture, a table or a sentence for people.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from touchsim.errors import BadInput, Finding

__all__ = [
    "ENGLISH", "codes", "hyphenated", "language", "marked", "marks", "parts_of", "spoken", "tell", "texts_of", "told",
]  # fmt: skip

ENGLISH, SOFT_HYPHEN = "en", "\u00ad"
_SPOKEN: ContextVar[str] = ContextVar("touchsim_language", default=ENGLISH)


def codes() -> tuple[str, ...]:
    """Codes of all languages: English, then those that have a file, in alphabetical order.

    Examples
    --------
    >>> codes()
    ('en', 'de', 'nl', 'sv')
    """
    return (ENGLISH, *sorted(path.stem for path in Path(__file__).parent.glob("*.toml")))


def language(code: str) -> AbstractContextManager[None]:
    """Speak a language within a ``with``: labels, pictures, reports and stories; tables keep their keys.

    Parameters
    ----------
    code : str
        One of ``en``, ``de``, ``nl``, ``sv``.

    Raises
    ------
    BadInput
        For any other word, with the nearest one.

    Examples
    --------
    >>> from touchsim.vocabulary import label
    >>> with language("nl"):
    ...     label("satisfaction")
    'tevredenheid'
    >>> label("satisfaction")
    'satisfaction'
    """
    if not isinstance(code, str) or code not in codes():
        got = "nothing" if code is None else str(code)
        raise BadInput(Finding("language", f"must be one of {', '.join(codes())}", got=got, hint=_hint(code)))
    return _speaking(code)


def spoken() -> str:
    """Code of the language spoken here and now."""
    return _SPOKEN.get()


def tell(english: str, /, *, about: str = "", **fields: object) -> str:
    """Say an English text in the language spoken.

    Parameters
    ----------
    english : str
        The text, with fields in braces where there are some.
    about : str
        Tells apart texts that are the same in English only.
    **fields
        What stands in the braces, as it shall be read; something to call is called, so that a sentence that is kept for
        later (``partial(tell, ...)``) is in one language altogether.

    Examples
    --------
    >>> with language("de"):
    ...     tell("{low} to {high}", low="1,5", high="2,5")
    '1,5 bis 2,5'
    """
    text = texts_of(spoken()).get(f"{english}|{about}" if about else english, english)
    if not fields:
        return text
    return text.format(**{name: value() if callable(value) else value for name, value in fields.items()})


def told(english: str, about: str = "") -> str:
    """Mark a text that `tell` says later, so that every language is asked for it; the text itself."""
    return english


def marked(number: str) -> str:
    """Put the marks of the language spoken into a number as Python writes it, such as ``1,234.5``.

    Examples
    --------
    >>> with language("nl"):
    ...     marked("1,234.5")
    '1.234,5'
    """
    point, thousands = marks()
    return number.translate({ord("."): point, ord(","): thousands})


def marks() -> tuple[str, str]:
    """Marks of decimals and of thousands in the language spoken."""
    texts = texts_of(spoken())
    return texts.get("mark of decimals", "."), texts.get("mark of thousands", ",")


def parts_of(word: str) -> list[str]:
    """Parts of a long word between which it may be broken; the word alone where its language does not say.

    Examples
    --------
    >>> with language("de"):
    ...     parts_of("Informationssuche"), parts_of("Haus")
    (['Informations', 'suche'], ['Haus'])
    """
    return _broken(spoken()).get(word, word).split(SOFT_HYPHEN)


def hyphenated(text: str) -> str:
    """Text with soft hyphens where its long words may be broken, for pages that wrap lines themselves.

    Examples
    --------
    >>> with language("de"):
    ...     hyphenated("Informationssuche im Haus").replace(SOFT_HYPHEN, "-")
    'Informations-suche im Haus'
    """
    return " ".join(SOFT_HYPHEN.join(parts_of(word)) for word in text.split(" "))


def texts_of(code: str) -> dict[str, str]:
    """English text to text in a language; empty for English itself."""
    return _book(code)[0]


def _broken(code: str) -> dict[str, str]:
    """Words that may be broken, to the same with soft hyphens."""
    return _book(code)[1]


@cache
def _book(code: str) -> tuple[dict[str, str], dict[str, str]]:
    """What the file of a language holds."""
    if code == ENGLISH:
        return {}, {}
    with (Path(__file__).parent / f"{code}.toml").open("rb") as file:
        book = tomllib.load(file)
    texts = {english: text for section in book.values() for english, text in section.items()}
    words = {word for text in texts.values() if SOFT_HYPHEN in text for word in text.split() if SOFT_HYPHEN in word}
    whole = {english: text.replace(SOFT_HYPHEN, "") for english, text in texts.items()}
    return whole, {word.replace(SOFT_HYPHEN, ""): word for word in words}


@contextmanager
def _speaking(code: str) -> Iterator[None]:
    token = _SPOKEN.set(code)
    try:
        yield
    finally:
        _SPOKEN.reset(token)


def _hint(wrong: object) -> str:
    """Nearest language, by its code or by one of its names."""
    names = {ENGLISH: ENGLISH, "english": ENGLISH}
    for code in codes()[1:]:
        texts = texts_of(code)
        names |= {code: code, texts["name of this language"].lower(): code, texts["name in English"].lower(): code}
    word = wrong.lower() if isinstance(wrong, str) else ""
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{names[close[0]]}'?" if close else f"type ts.language({json.dumps(ENGLISH)})"
