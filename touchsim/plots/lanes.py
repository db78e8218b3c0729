"""The touchpoint map in full: every cell of the plane with its volume, cost and four lanes, to pin to the wall.

Steps of buying run across under the phases before, during and after the purchase, channels down.  A cell says how many
contacts happened there and what they cost, and in four lanes: which product features were shown and how good they are,
what customers did, what the brand said, and what was felt.  Its ground is coloured by emotion (vermilion bad, blue
good); a sparse cell is hatched.  Numbers are means with the half-width of their 95 % interval (``259 ±7``).

`lines_of_cell` writes a cell; the page (``show.wall``) sets the same lines in HTML.  Called by the map frame that draws
itself (``frame.plot(value="lanes")``) and by the command line.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from touchsim.languages import tell, told
from touchsim.plots.canvas import FAINT, INK, PAPER, SOFT, headline, nothing, plain, records, replications_of, sheet
from touchsim.plots.numerals import fixed, minutes, money, number, percent, signed
from touchsim.plots.touchpoint_map import emotion_scale, in_order
from touchsim.vocabulary import CHANNELS, LANES, PHASES, STEPS, colour, keys, label, phase_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["WORDS", "ground_of", "lines_of_cell", "plot_lanes"]

WORDS = {
    "contacts": told("{n} contacts"), "asked": told("{n} by customers"), "sent": told("{n} by the brand"),
    "wait": told("wait {time}"), "noticed": told("{share} noticed"), "seconds": told("{time} each"),
    "negative": told("{share} negative"), "quality": told("{facets} (quality {z})"), "felt": told("felt {emotion}"),
    "title": told("The touchpoint map: what was shown, done, said and felt, step by step"),
    "key": told("ground = emotion, from bad (−) to good (+); ± = half-width of the 95 % interval (without: equal in "
                "all runs); hatched = fewer than 30 contacts in all: do not read much into it; contacts, cost: per "
                "replication"),
    "single": told("ground = emotion, from bad (−) to good (+); single run: no intervals; hatched = fewer than 30 "
                   "contacts: do not read much into it"),
}  # fmt: skip
"""Texts of the picture and of the page that shows the same cells."""

NAMES, COLUMN, LINE, LETTERS = 1.35, 2.75, 0.125, 48
"""Inches of the names, of a step and of a line; characters on a line."""
_NOTHING = 1e-12
"""Relative width of an interval that is only rounding."""


def lines_of_cell(row: Mapping[str, Any], currency: str = "") -> tuple[str, dict[str, str]]:
    r"""Write one cell: its volume and cost, and a line for each lane; an empty lane is an empty line.

    Parameters
    ----------
    row : mapping
        A row of the touchpoint map, None where a value is missing.
    currency : str

    Examples
    --------
    >>> row = {"contacts": 40.0, "contacts_low": 36.0, "contacts_high": 44.0, "cost": 0.0, "cost_low": 0.0,
    ...        "cost_high": 0.0, "facets": "fulfilment", "quality": 0.3, "quality_low": None, "quality_high": None,
    ...        "sent": 40.0, "sent_low": 36.0, "sent_high": 44.0, "noticed": 1.0, "seconds": 180.0, "emotion": 0.25}
    >>> head, lanes = lines_of_cell(row)
    >>> head, lanes["features"], lanes["interactions"]
    ('40 ±4 contacts', 'order fulfilment (quality +0.30)', '')
    >>> lanes["communication"].replace("\xa0", " ")
    '40 ±4 by the brand · 100 % noticed · 3 min each'
    """

    def about(name: str, spell: Callable[[float | None], str], half: Callable[[float], str] | None = None) -> str:
        value, ends = row.get(name), name.removesuffix("_minutes")
        low, high = row.get(f"{ends}_low"), row.get(f"{ends}_high")
        if value is None or low is None or high is None or high - low <= _NOTHING * abs(value):
            return spell(value)
        wide = max(high - value, value - low)
        middle, _, unit = spell(value).partition(" ")
        width, _, other = (half(wide) if half else f"{number(wide, 2)} {unit}").partition(" ")
        return f"{middle} ±{width} {unit}".rstrip() if unit == other else f"{middle} {unit} ±{width} {other}"

    def share(name: str) -> str:
        return about(name, percent, lambda x: f"{number(100 * x, 2)} %")

    def points(name: str) -> str:
        return about(name, signed, lambda x: fixed(x, 2))

    head = [tell(WORDS["contacts"], n=about("contacts", number))]
    if row.get("cost"):
        cents = (lambda x: money(x, currency)) if row["cost"] < 100 else None
        head.append(about("cost", lambda x: money(x, currency), cents))
    facets = ", ".join(label(key) for key in str(row.get("facets") or "").split(", ") if key)
    said: dict[str, list[str]] = {lane: [] for lane in keys(LANES)}
    if facets:
        said["features"] = [tell(WORDS["quality"], facets=facets, z=points("quality"))]
    if row.get("asked"):
        said["interactions"] = [tell(WORDS["asked"], n=about("asked", number)), f"{share('served')} {label('served')}"]
        vain = [name for name in ("abandoned", "turned_away") if row.get(name)]
        said["interactions"] += [f"{share(name)} {label(name)}" for name in vain]
    if row.get("sent"):
        said["communication"] = [tell(WORDS["sent"], n=about("sent", number)),
                                 tell(WORDS["noticed"], share=share("noticed"))]  # fmt: skip
        if row.get("seconds"):
            time = about("seconds", lambda x: minutes(None if x is None else x / 60), lambda x: minutes(x / 60))
            said["communication"].append(tell(WORDS["seconds"], time=time))
    if row.get("wait_minutes") is not None:
        lane = "interactions" if row.get("asked") else "communication"
        said[lane].append(tell(WORDS["wait"], time=about("wait_minutes", minutes, minutes)))
    if row.get("emotion") is not None:
        said["emotions"] = [points("emotion")]
        if row.get("negative") is not None:
            said["emotions"].append(tell(WORDS["negative"], share=share("negative")))
    return " · ".join(head), {lane: "\xa0· ".join(map(_whole, parts)) for lane, parts in said.items()}


def _whole(part: str) -> str:
    """Keep a number and its unit on one line; a list of facets may be broken."""
    return part if part.endswith(")") else part.replace(" ", "\xa0")


def ground_of(emotion: float | None, colours: ScalarMappable) -> str:
    """Colour of a cell's ground, pale enough to read on; white where nothing was felt."""
    if emotion is None or math.isnan(emotion):
        return PAPER
    rgba: Any = colours.to_rgba(np.array([emotion]))[0]
    red, green, blue = (0.45 + 0.55 * float(part) for part in rgba[:3])
    return str(to_hex((red, green, blue)))


def plot_lanes(frame: pd.DataFrame, *, currency: str | None = None, ax: Axes | None = None) -> Axes:
    """Draw the touchpoint map with its four lanes.

    Parameters
    ----------
    frame : DataFrame
        The touchpoint map with all its columns (`touchsim.touchpoint_map`).
    currency : str, optional
        Unit of cost; default: what the frame carries in ``frame.attrs["currency"]``.
    ax : Axes, optional
        Where to draw; a new figure, as large as the map needs, if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import touchsim as ts
    >>> ax = plot_lanes(ts.touchpoint_map(ts.simulate(ts.load_scenario("corner_shop"), customers=50)))
    >>> any("single run" in text.get_text() for text in ax.texts)
    True
    """
    currency = currency if currency is not None else str(frame.attrs.get("currency", ""))
    seen = frame[frame["contacts"] > 0] if not frame.empty else frame
    if seen.empty:
        return nothing(sheet(ax, 9.6, 4.0), tell("nobody had a contact at any touchpoint"))
    channels, steps = in_order(seen, "channel", keys(CHANNELS)), list(keys(STEPS))
    cells = {(str(row["channel"]), str(row["step"])): row for row in records(seen)}
    written = {place: _wrapped(*lines_of_cell(row, currency)) for place, row in cells.items()}
    heights = [max(len(lines) for (row, _), lines in written.items() if row == channel) * LINE + 0.14
               for channel in channels]  # fmt: skip
    top = 0.62
    width, height = NAMES + COLUMN * len(steps), top + sum(heights) + 0.62
    ax = sheet(ax, width, height + 0.55)
    ax.set_axis_off()
    ax.set_xlim(0, width)
    ax.set_ylim(height, 0)
    colours = emotion_scale(seen["emotion"])
    _write_heads(ax, steps)
    y = top
    for channel, tall in zip(channels, heights, strict=True):
        ax.text(NAMES - 0.1, y + tall / 2, plain(label(channel), 16), ha="right", va="center", fontsize=9, color=INK)
        ax.plot([0, width], [y, y], color=FAINT, linewidth=0.8, zorder=1)
        for column, step in enumerate(steps):
            row = cells.get((channel, step))
            if row is not None:
                box = (NAMES + COLUMN * column + 0.03, y + 0.03, COLUMN - 0.06, tall - 0.06)
                _draw_cell(ax, box, written[channel, step], ground_of(row["emotion"], colours), bool(row["sparse"]))
        y += tall
    _write_key(ax, y + 0.22, replications_of(seen))
    headline(ax, tell(WORDS["title"]), replications=replications_of(seen))
    return ax


def _wrapped(head: str, lanes: Mapping[str, str]) -> list[tuple[str, str]]:
    """Lines of a cell with the lane that each begins; a line that goes on, or the head, begins none."""
    lines = [("", head)]
    for lane, text in lanes.items():
        for place, part in enumerate(textwrap.wrap(text, LETTERS)):
            lines.append((lane if place == 0 else "", part))
    return lines


def _write_heads(ax: Axes, steps: list[str]) -> None:
    """Phases above, steps below them."""
    for phase in PHASES:
        inside = [place for place, step in enumerate(steps) if phase_of(step) == phase.key]
        if inside:
            left, right = NAMES + COLUMN * min(inside) + 0.03, NAMES + COLUMN * (max(inside) + 1) - 0.03
            ax.plot([left, right], [0.25, 0.25], color=phase.colour, linewidth=2.5, solid_capstyle="butt")
            ax.text((left + right) / 2, 0.19, label(phase.key), ha="center", va="bottom", fontsize=9, color=SOFT,
                    fontstyle="italic")  # fmt: skip
    for place, step in enumerate(steps):
        ax.text(NAMES + COLUMN * (place + 0.5), 0.54, label(step), ha="center", va="bottom", fontsize=10.5,
                fontweight="bold", color=INK)  # fmt: skip


def _draw_cell(
    ax: Axes, box: tuple[float, float, float, float], lines: list[tuple[str, str]], ground: str, sparse: bool
) -> None:
    x, y, wide, tall = box
    ax.add_patch(Rectangle((x, y), wide, tall, facecolor=ground, edgecolor="#c9ced3", linewidth=0.6, zorder=2,
                           gid="cell"))  # fmt: skip
    if sparse:
        ax.add_patch(Rectangle((x, y), wide, tall, facecolor="none", edgecolor="#b4bac0", linewidth=0, hatch="////",
                               zorder=2.5, gid="sparse"))  # fmt: skip
    for place, (lane, text) in enumerate(lines):
        at = y + 0.1 + LINE * place
        if lane:
            ax.add_patch(Rectangle((x + 0.06, at - 0.035), 0.06, 0.07, facecolor=colour(lane), edgecolor="none",
                                   zorder=3))  # fmt: skip
        ax.text(x + (0.06 if place == 0 else 0.16), at, text.replace("$", r"\$"), ha="left", va="center",
                fontsize=7 if place == 0 else 6.5, fontweight="bold" if place == 0 else "normal", color=INK,
                zorder=4)  # fmt: skip


def _write_key(ax: Axes, y: float, replications: int | None) -> None:
    """Meaning of the lanes' marks, of the ground and of the hatching."""
    x = NAMES
    for word in LANES:
        ax.add_patch(Rectangle((x, y - 0.05), 0.1, 0.1, facecolor=word.colour, edgecolor="none"))
        ax.text(x + 0.16, y, label(word.key), ha="left", va="center", fontsize=8.5, color=INK)
        x += COLUMN * 0.9
    words = tell(WORDS["single" if replications == 1 else "key"])
    ax.text(NAMES, y + 0.25, words, ha="left", va="center", fontsize=8.5, color=SOFT)  # fmt: skip
