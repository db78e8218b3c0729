"""A reporting sheet as a form: the items of a standard, what is said of each, and what only the author can say.

    Item(part, number, name, said, empty)  --ReportingSheet-->  Markdown (a file beside the tables), HTML (a notebook)

What is said are paragraphs, `Bullets`, `Rows` (a table) and `Listing` (letters of one width).  In all of them a piece
between backticks is code, everything else is plain: whatever a scenario is called, it cannot break the page.  `empty`
names what nobody but the author knows; the sheet counts and lists it at its head, and invents nothing.

Filled by `stress`, `odd` and `ademp`; written by `sheets`.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import TypeAlias

__all__ = ["Block", "Bullets", "Item", "Listing", "ReportingSheet", "Rows", "plain"]

YOURS = "Yours to write"


@dataclass(frozen=True)
class Bullets:
    """Lines of a list."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Rows:
    """A table; a `folded` one is long, and shown on demand where that is possible."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    folded: bool = False


@dataclass(frozen=True)
class Listing:
    """Text in letters of one width, its lines kept: a diagram, an equation."""

    text: str


Block: TypeAlias = str | Bullets | Rows | Listing


@dataclass(frozen=True)
class Item:
    """One item of a standard: the part to which it belongs, its number and name, what is said, what is left empty."""

    part: str
    number: str
    name: str
    said: tuple[Block, ...] = ()
    empty: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """Number and name."""
        return f"{self.number} {self.name}".strip()


@dataclass(frozen=True, repr=False)
class ReportingSheet:
    """A filled form.

    Attributes
    ----------
    standard : str
        ``stress``, ``odd`` or ``ademp``.
    title : str
    source : str
        Who set the standard, year, where.
    about : tuple of str
        What the sheet was made from.
    items : tuple of Item
        Every item of the standard, in its order.
    """

    standard: str
    title: str
    source: str
    about: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def empty(self) -> tuple[str, ...]:
        """What only the author can say: number and name of the item, and what is missing there."""
        return tuple(f"{item.title}: {what}" for item in self.items for what in item.empty)

    @property
    def text(self) -> str:
        """The sheet as Markdown."""
        parts = [f"# {_marked(self.title)}", _marked(self.source), *map(_marked, self.about)]
        parts += [f"## {YOURS}", _marked(self._counted())]
        parts += ["\n".join(f"- {_marked(line)}" for line in self.empty)] if self.empty else []
        part = ""
        for item in self.items:
            if item.part != part:
                part = item.part
                parts.append(f"## {_marked(part)}")
            if item.title != part:
                parts.append(f"### {_marked(item.title)}")
            parts += [_markdown(block) for block in item.said]
            parts += [f"> **{YOURS}:** {_marked(what)}" for what in item.empty]
        return "\n\n".join(parts) + "\n"

    def _counted(self) -> str:
        open_items = sum(bool(item.empty) for item in self.items)
        if not self.empty:
            return f"Nothing: all {len(self.items)} items are filled."
        many = "entry" if len(self.empty) == 1 else "entries"
        return (f"{len(self.empty)} {many} in {open_items} of {len(self.items)} items cannot be read from a scenario "
                "or a run. They are left empty here, and marked where they belong.")  # fmt: skip

    def _repr_html_(self) -> str:
        parts = [f"<h2>{_coded(self.title)}</h2>", *(f"<p>{_coded(line)}</p>" for line in (self.source, *self.about))]
        listed = "".join(f"<li>{_coded(line)}</li>" for line in self.empty)
        parts.append(f"<h3>{YOURS}</h3><p>{_coded(self._counted())}</p><ul>{listed}</ul>")
        part = ""
        for item in self.items:
            if item.part != part:
                part = item.part
                parts.append(f"<h3>{_coded(part)}</h3>")
            if item.title != part:
                parts.append(f"<h4>{_coded(item.title)}</h4>")
            parts += [_hypertext(block) for block in item.said]
            parts += [f"<blockquote><b>{YOURS}:</b> {_coded(what)}</blockquote>" for what in item.empty]
        return "\n".join(parts)

    def __repr__(self) -> str:
        return f"<ReportingSheet {self.standard}: {len(self.items)} items, {len(self.empty)} entries yours to write>"


def plain(text: object) -> str:
    """Text that somebody else wrote, on one line and without marks of code.

    Examples
    --------
    >>> plain("the `best`  shop")
    "the 'best' shop"
    """
    return " ".join(str(text).split()).replace("`", "'")


def _markdown(block: Block) -> str:
    if isinstance(block, str):
        return _marked(block)
    if isinstance(block, Listing):
        return f"```text\n{block.text}\n```"
    if isinstance(block, Bullets):
        return "\n".join(f"- {_marked(line)}" for line in block.lines)
    lines = [f"| {' | '.join(_marked(cell, in_table=True) for cell in row)} |" for row in (block.head, *block.rows)]
    table = "\n".join([lines[0], "|" + "---|" * len(block.head), *lines[1:]])
    if block.folded:
        return f"<details><summary>{html.escape(block.caption)}</summary>\n\n{table}\n\n</details>"
    return f"{_marked(block.caption)}\n\n{table}" if block.caption else table


def _marked(text: str, *, in_table: bool = False) -> str:
    """Plain text with code in Markdown: what else would be a mark there is told literally."""
    pieces = []
    for piece in re.split(r"(`[^`]*`)", text):
        if piece.startswith("`") and len(piece) > 1:
            pieces.append(piece.replace("|", "\\|") if in_table else piece)
        else:
            piece = re.sub(r"([\\*<\[\]|$`~]|(?<!\w)_|_(?!\w))", r"\\\1", piece)  # within a word _ is no mark
            pieces.append(re.sub(r"&(?=#?\w+;)", "&amp;", piece))
    return "".join(pieces)


def _hypertext(block: Block) -> str:
    if isinstance(block, str):
        return f"<p>{_coded(block)}</p>"
    if isinstance(block, Listing):
        return f"<pre>{html.escape(block.text)}</pre>"
    if isinstance(block, Bullets):
        return "<ul>" + "".join(f"<li>{_coded(line)}</li>" for line in block.lines) + "</ul>"
    head = "".join(f"<th>{_coded(cell)}</th>" for cell in block.head)
    rows = "\n".join("<tr>" + "".join(f"<td>{_coded(cell)}</td>" for cell in row) + "</tr>" for row in block.rows)
    caption = f"<caption>{_coded(block.caption)}</caption>" if block.caption and not block.folded else ""
    table = f"<table>{caption}<thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>"
    return f"<details><summary>{html.escape(block.caption)}</summary>{table}</details>" if block.folded else table


def _coded(text: str) -> str:
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", html.escape(text, quote=False))
