"""A page: sentences, pictures and tables in reading order, made into one self-contained HTML file.

A report is a `Page` of `Section`s; a section holds sentences, `Plate`s (pictures with caption and a text for those who
cannot see them) and `Table`s.  The page fetches nothing: pictures stand inside it, letters come from the reader's
system, and a content policy forbids everything else.  Every text is escaped by the template, so that a scenario may be
called ``<b>"A & B"</b>``.  No clock and no machine is named: the same content gives the same bytes.

Called by ``show.report`` and the files that make its sections.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

import jinja2

from touchsim.languages import spoken, tell
from touchsim.plots.picture import Picture

__all__ = ["Cell", "Grid", "Page", "Plate", "Section", "Table", "Tile", "save_page"]

LARGEST_SVG = 260_000
"""Characters above which a picture is embedded as PNG instead, to keep a report small."""


@dataclass(frozen=True)
class Cell:
    """One cell of a table: what counts, and below it, smaller, what it rests on or means."""

    main: str
    small: str = ""


@dataclass(frozen=True)
class Table:
    """A table with a caption; the first column names the rows, the columns in `numeric` are set to the right."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()
    folded: bool = False


@dataclass(frozen=True)
class Plate:
    """A picture: `name` of its file, caption, and `alt`, which says in words what it shows."""

    name: str
    picture: Picture
    caption: str
    alt: str

    @property
    def source(self) -> str:
        """Data address of the picture: SVG, or PNG where the SVG is large."""
        kind, content = "svg+xml", self.picture.svg.encode()
        if len(content) > LARGEST_SVG:
            kind, content = "png", self.picture.png
        return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"

    @property
    def width(self) -> int:
        """Width on screen in CSS pixels."""
        return round(96 * self.picture.width)


@dataclass(frozen=True)
class Tile:
    """One cell of a grid on its ground: a line in bold, then lines of (what it is, its colour, what it says)."""

    head: str
    lines: tuple[tuple[str, str, str], ...]
    ground: str = "#ffffff"
    sparse: bool = False


@dataclass(frozen=True)
class Grid:
    """A plane to pin to the wall: columns under groups of (name, colour, columns), rows of (name, tiles), a legend."""

    caption: str
    groups: tuple[tuple[str, str, int], ...]
    head: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Tile | None, ...]], ...]
    legend: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading; links are (words, address beside the page)."""

    key: str
    title: str
    sentences: tuple[str, ...] = ()
    plates: tuple[Plate, ...] = ()
    tables: tuple[Table, ...] = ()
    grids: tuple[Grid, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Page:
    """A report: title, the answer with its warnings, then sections; `figures` says what its numbers carry."""

    title: str
    subtitle: str
    answer: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    sections: tuple[Section, ...] = ()
    answer_title: str = field(default_factory=lambda: tell("The answer"))
    figures: str = ""

    @property
    def html(self) -> str:
        """The page as one HTML document, in the language spoken."""
        return _template().render(page=self, language=spoken(), tell=tell)

    @property
    def plates(self) -> tuple[Plate, ...]:
        """All pictures, in reading order."""
        return tuple(plate for section in self.sections for plate in section.plates)


def save_page(path: str | Path, page: Page, beside: tuple[Plate, ...] = ()) -> list[Path]:
    """Write a page and, into a folder ``pictures`` beside it, its pictures as PNG; return what was written.

    Pictures in `beside` are written only: the page shows the same in another way.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> [path.name for path in save_page(f"{folder}/report.html", Page("A <report>", "", ("Nothing.",)))]
    ['report.html']
    >>> "A &lt;report&gt;" in Path(folder, "report.html").read_text()
    True
    """
    path = Path(path)
    path.write_bytes(page.html.encode())
    written = [path]
    folder = path.parent / "pictures"
    for plate in (*beside, *page.plates):
        folder.mkdir(exist_ok=True)
        written.append(folder / f"{plate.name}.png")
        written[-1].write_bytes(plate.picture.png)
    return written


@cache
def _template() -> jinja2.Template:
    text = resources.files("touchsim.show").joinpath("page.html.jinja").read_text(encoding="utf-8")
    engine = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return engine.from_string(text)
