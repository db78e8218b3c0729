"""One sentence of warning: what it is about, told when it is read, in the language spoken.

Built by whatever finds a fault (`cautions`, `codes`, `drivers`, `latent`, `moments`, `verdicts`), shown by `Fit`,
tables and reports.  A sentence is made of parts that are told as late as it is: names of constructs, numbers, lists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from touchsim.languages import marked, tell
from touchsim.vocabulary import label

__all__ = ["EVERYONE", "Caution", "anded", "general", "joined", "named", "said", "two"]

EVERYONE = "all"
"""The group that everyone is in."""

WITHOUT_GROUP = ("collinearity", "rows", "backward", "scale", "htmt")
"""What sentences are about that do not name their group themselves."""


@dataclass(frozen=True)
class Caution:
    """One sentence of warning; `outcome` and `group` say what it is about, None = the whole study.

    `telling` is called when the sentence is read: in English for a table, in the language spoken for people; `short`
    where a long sentence has to be one of three.
    """

    telling: Callable[[], str] | str
    outcome: str | None = None
    group: str | None = None
    about: str = ""
    short: Callable[[], str] | None = None

    @property
    def brief(self) -> str:
        """The sentence, or what is left of a long one, with its group, without the full stop."""
        return _placed(self, self.sentence if self.short is None else self.short()).rstrip(".")

    @property
    def sentence(self) -> str:
        """The sentence, in the language spoken."""
        return self.telling if isinstance(self.telling, str) else self.telling()


def said(caution: Caution) -> str:
    """Write a caution as a sentence, in the language spoken."""
    sentence = _placed(caution, caution.sentence)
    ending = "" if sentence.endswith("?") else "."
    return sentence[0].upper() + sentence[1:].rstrip(".") + ending


def _placed(caution: Caution, sentence: str) -> str:
    """Sentence with the group that it is about, where it does not name the group itself."""
    if caution.about not in WITHOUT_GROUP or caution.group in (None, EVERYONE):
        return sentence
    return tell("in group '{group}', {sentence}", group=caution.group, sentence=sentence)


def named(key: str) -> Callable[[], str]:
    """Tell the label of a construct."""
    return partial(label, key)


def two(value: float) -> Callable[[], str]:
    """Tell a number with two decimals."""
    return partial(marked, f"{value:.2f}")


def general(value: float) -> Callable[[], str]:
    """Tell a number as short as it is."""
    return partial(marked, f"{value + 0.0:g}")  # no -0


def anded(names: tuple[str, ...]) -> str:
    """Tell names with "and" between them."""
    *more, last = names
    return tell("{first} and {last}", first=", ".join(more), last=last) if more else last


def joined(parts: tuple[Callable[[], str], ...], between: str) -> str:
    """Tell parts with a mark between them."""
    return between.join(part() for part in parts)
