"""The one family of errors that a user of touchsim can cause, and how they are said.

A user's mistake is a *finding*: where it stands, which law it breaks, what was found there and what to try
instead.  All findings of one input are collected and raised together in one `BadInput`; the command line prints
them, one a line, and ends with exit code 2.  Everything else that is raised is a fault of touchsim itself.

    file:line: where: law broken (got ...); did you mean ...?
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["BadInput", "Finding", "nearest"]


@dataclass(frozen=True)
class Finding:
    """One broken law in one place of one input.

    Parameters
    ----------
    where : str
        Place inside the document or table, e.g. ``touchpoints.phone.capacity`` or ``column 'age'``.
    law : str
        The law that is broken, as a sentence without a full stop: ``must be between 0 and 1``.
    got : str, optional
        What was found there, as the user wrote it.
    hint : str, optional
        What to try: a nearest valid name, or an example of the right form.
    file : str, optional
        File name as the user gave it.
    line : int, optional
        Line number in that file, counted from 1.

    Examples
    --------
    >>> print(Finding("segments.young.consent", "must be between 0 and 1", got="1.2", file="shop.yaml", line=7))
    shop.yaml:7: segments.young.consent: must be between 0 and 1 (got 1.2)
    """

    where: str
    law: str
    got: str | None = None
    hint: str | None = None
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = ""
        if self.file is not None:
            place = f"{self.file}: " if self.line is None else f"{self.file}:{self.line}: "
        where = f"{self.where}: " if self.where else ""
        got = "" if self.got is None else f" (got {self.got})"
        hint = "" if self.hint is None else f"; {self.hint}"
        return f"{place}{where}{self.law}{got}{hint}"


class BadInput(ValueError):  # noqa: N818  (it names what the user gave, not a fault of the program)
    """Everything that is wrong with one input, in the order in which it stands there.

    Parameters
    ----------
    findings : iterable of Finding or str
        At least one.  A plain string becomes a finding without a place.
    """

    def __init__(self, findings: Iterable[Finding | str] | Finding | str) -> None:
        if isinstance(findings, (Finding, str)):
            findings = [findings]
        self.findings: tuple[Finding, ...] = tuple(
            Finding("", item) if isinstance(item, str) else item for item in findings
        )
        super().__init__("\n".join(str(item) for item in self.findings))


def nearest(word: object, words: Iterable[str]) -> str | None:
    """Say ``did you mean 'phone'?`` for the valid word most like `word`, or None if none is alike.

    Examples
    --------
    >>> nearest("phoen", ["phone", "store"])
    "did you mean 'phone'?"
    """
    close = difflib.get_close_matches(str(word), list(words), n=1, cutoff=0.6)
    return f"did you mean '{close[0]}'?" if close else None
