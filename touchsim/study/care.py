"""What stands against a result travels with it: into its text, its table on a page, and its picture.

    cautions --doubted--> the gravest first --> .text    ends with "Read it with care: ..." of the two gravest
                                            --> html     lists them all
                                            --> .plot()  has a line under the axes, where one of them is grave

A result is `Careful`: it has `cautions`, and `words`, which say what was found; `text` adds what to doubt.  Sound data
add nothing.  How a survey was read ("yes counts as 1") is no doubt.  Called by every result of `study`.
"""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from touchsim.equations.doubts import gist, read_with_care
from touchsim.languages import tell
from touchsim.study.caution import EVERYONE, Caution, said
from touchsim.vocabulary import in_its_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Careful", "concerning", "doubted", "of_items", "with_care"]

GRAVITY = ("truth", "code", "backward", "mood", "repeats", "fit", "system", "interval", "one answer", "loss", "scale",
           "htmt")  # fmt: skip
"""What cautions are about, the gravest first; all else comes after, and is not grave."""
ABOUT_ITEMS = ("code", "backward", "repeats", "one answer", "loss", "scale", "htmt", "mood", "ceiling")
READING = "reading"


class Careful:
    """A result that carries what stands against it."""

    if TYPE_CHECKING:

        @property
        def cautions(self) -> tuple[Caution, ...]:
            """What stands against the result."""

        @property
        def words(self) -> str:
            """What was found."""

    @property
    @in_its_names
    def warnings(self) -> tuple[str, ...]:
        """Sentences of warning, each once."""
        return tuple(dict.fromkeys(said(caution) for caution in self.cautions))

    @property
    @in_its_names
    def text(self) -> str:
        """What was found, and the two gravest warnings."""
        return self._with_care(self.words)

    def _with_care(self, words: str, besides: tuple[str, ...] = ()) -> str:
        """Words, and what to doubt that they do not say already; nothing of what is told `besides`."""
        return with_care(words, self.cautions, besides)

    @in_its_names
    def _listed(self) -> str:
        """All warnings as a list of a page."""
        items = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in self.warnings)
        return f"<ul>{items}</ul>" if items else ""

    @in_its_names
    def _noted(self, ax: Axes, outcome: str | None = None, group: str | None = None) -> Axes:
        """Axes with the gravest warning about an outcome and a group under them."""
        here = doubted(concerning(self.cautions, outcome, group), group or EVERYONE)
        grave = [item for item in here if item.about in GRAVITY]
        if grave:
            from touchsim.plots.canvas import footnote

            footnote(ax, tell("read with care: {warning}; see .warnings", warning=gist(grave[0].brief)))
        return ax


def concerning(
    cautions: Iterable[Caution], outcome: str | None = None, group: str | None = None
) -> tuple[Caution, ...]:
    """Cautions that say something of an outcome (None: any) and a group (None: any), reading notes left out."""
    return tuple(
        item for item in cautions if item.about != READING
        and (outcome is None or item.outcome in (None, outcome))
        and (group is None or item.group in (None, group) or (item.group == EVERYONE and item.about == "collinearity"))
    )  # fmt: skip


def doubted(cautions: Iterable[Caution], group: str = EVERYONE) -> list[Caution]:
    """Cautions in the order of their gravity, those of a group first among equals; how a survey was read is none.

    Examples
    --------
    >>> found = [Caution("many top answers", about="ceiling"), Caution("-99 in 5 rows", about="code")]
    >>> [item.sentence for item in doubted([*found, Caution("yes counts as 1", about="reading")])]
    ['-99 in 5 rows', 'many top answers']
    """
    weight = {about: place for place, about in enumerate(GRAVITY)}

    def rank(item: Caution) -> tuple[int, bool]:
        return weight.get(item.about, len(GRAVITY)), (item.group or EVERYONE) != group

    return sorted((item for item in cautions if item.about != READING), key=rank)


def with_care(words: str, cautions: Iterable[Caution], besides: tuple[str, ...] = ()) -> str:
    """Words, and the two gravest of the cautions that they do not say already; nothing of what is told `besides`.

    Examples
    --------
    >>> found = [Caution("-99 in 5 rows", about="code"), Caution("top answers", about="ceiling")]
    >>> with_care("Speed leads. -99 in 5 rows.", found)
    'Speed leads. -99 in 5 rows. Read it with care: top answers.'
    """
    new = [item for item in doubted(cautions) if item.about not in besides and said(item) not in words]
    care = read_with_care([item.brief for item in new])
    return f"{words}\n{care}" if care and "\n" in words else f"{words} {care}".rstrip()


def of_items(cautions: Iterable[Caution]) -> tuple[Caution, ...]:
    """Cautions about the answers themselves, whatever is made of them."""
    return tuple(item for item in cautions if item.about in ABOUT_ITEMS)
