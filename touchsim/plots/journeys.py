"""Journeys as an alluvial picture: where customers first turned in each step, and where they ended.

One column for each step of buying and one for the end.  A block is the share of customers whose first contact in that
step was in this channel (online channels above, offline ones below), who had no contact in it, or who had left by
then; the bands between two columns are the customers who went from one block to the other.  Customers who leave stay
visible as a grey stream, so that every column adds up to all customers, those present at
the start among them.

The frame of flows comes from ``measure.journeys``; only the layout is done here: blocks and bands are stacked, and the
words of a column are pushed apart by as little as keeps them from running over each other, each tied by a hairline to
the block that it had to leave.  Called by reports and notebooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.colors import to_rgba
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.patheffects import withStroke

from touchsim.languages import tell, told
from touchsim.plots.canvas import INK, SOFT, headline, nothing, plain, records, replications_of, sheet, strip
from touchsim.plots.numerals import interval, percent
from touchsim.vocabulary import CHANNELS, GREEN, GREY, SKY, STEPS, VERMILION, colour, keys, label

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

__all__ = ["plot_journeys"]

GROUPS = ("online", "offline", "none", "end")
ENDS = ("active", "churned", "under_way", "lost")
FIXED = {"none": ("#c9ced3", told("no contact")), "lost": (GREY, told("lost")), "under_way": (SKY, told("under way")),
         "active": (GREEN, told("active customer")), "churned": (VERMILION, told("bought, then churned")),
         "other_online": (colour("online"), told("other online")),
         "other_offline": (colour("offline"), told("other offline"))}  # fmt: skip
GAP, WIDTH, THINNEST = 0.02, 0.1, 0.008
"""Space between blocks, width of a block, and the share below which a block stays without words."""
SIZE, LINE = 7.2, 1.15
"""Words beside the blocks: points, and their spacing."""


def plot_journeys(frame: pd.DataFrame, *, ax: Axes | None = None) -> Axes:
    """Draw flows of customers from step to step as an alluvial picture.

    Parameters
    ----------
    frame : DataFrame
        One row for each flow: ``position`` (0 = from the first step to the second, ...), ``source``, ``target`` (a
        channel, ``online``, ``offline``, ``none``, or a status), ``customers`` (per replication).  Where it has them,
        ``source_group`` and ``target_group`` say which channels are online; ``source_share``, ``source_low``,
        ``source_high`` (and the same for target) are written beside the blocks; ``replications``.
    ax : Axes, optional
        Where to draw; a new figure if None.

    Returns
    -------
    Axes

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame({"position": [0, 0], "source": ["online", "online"], "target": ["offline", "lost"],
    ...                       "customers": [30.0, 70.0], "replications": 1})
    >>> ax = plot_journeys(flows)
    """
    ax = sheet(ax, 11.0, 6.2)
    if frame.empty or not frame["customers"].sum() > 0:
        return nothing(ax, tell("nobody set out on a journey"))
    flows = frame[frame["customers"] > 0]
    blocks = _blocks(flows)
    total = max(sum(block["size"] for block in column.values()) for column in blocks)
    for column in blocks:
        top = 0.0
        for block in column.values():
            block["top"], block["out"], block["in"] = top, top, top
            top += block["size"] / total + GAP
    for flow in _sorted_flows(flows, blocks):
        source, target = blocks[flow["position"]][flow["source"]], blocks[flow["position"] + 1][flow["target"]]
        thick = flow["customers"] / total
        _draw_band(ax, flow["position"], source["out"], target["in"], thick, source["colour"])
        source["out"] += thick
        target["in"] += thick
    _set_axes(ax, blocks)
    for place, column in enumerate(blocks):
        for block in column.values():
            _draw_block(ax, place, block, total)
        _draw_words(ax, place, list(column.values()), total)
    headline(ax, tell("Where customers first turned in each step, and where they ended"),
             replications=replications_of(flows),
             note=tell("share of all customers; bands take the colour of where they come from"))  # fmt: skip
    return ax


def _rank(key: str, group: str) -> tuple[int, int, str]:
    """Order of a block in its column: online, offline, no contact, then the ways it can end."""
    if key in ENDS:
        return (3, ENDS.index(key), key)
    if key == "none":
        return (2, 0, key)
    order = keys(CHANNELS)
    return (GROUPS.index(group) if group in GROUPS else 1, order.index(key) if key in order else len(order), key)


def _blocks(flows: pd.DataFrame) -> list[dict[str, dict[str, Any]]]:
    """Blocks of each column in drawing order, with size, colour, label and interval."""
    columns: list[dict[str, dict[str, Any]]] = [{} for _ in range(int(flows["position"].max()) + 2)]
    for row in records(flows):
        for side, place in (("source", int(row["position"])), ("target", int(row["position"]) + 1)):
            key = str(row[side])
            group = str(row.get(f"{side}_group", key if key in GROUPS else "online"))
            block = columns[place].setdefault(key, {"source": 0.0, "target": 0.0, "group": group, "key": key})
            block[side] += float(row["customers"])
            if f"{side}_share" in row:
                block["interval"] = tuple(row[f"{side}_{part}"] for part in ("share", "low", "high"))
    ordered = []
    for column in columns:
        chosen = dict(sorted(column.items(), key=lambda item: _rank(item[0], item[1]["group"])))
        for key, block in chosen.items():
            block["size"] = max(block["source"], block["target"])
            own, word = FIXED.get(key, (colour(key), ""))
            block["colour"] = own if key in FIXED or key in GROUPS else colour(block["group"])
            block["label"] = tell(word) if word else label(key)
        ordered.append(chosen)
    return ordered


def _sorted_flows(flows: pd.DataFrame, blocks: list[dict[str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Flows in the order in which bands leave and enter their blocks without needless crossings."""
    places = [{key: place for place, key in enumerate(column)} for column in blocks]
    rows = [{**row, "position": int(row["position"])} for row in records(flows)]
    return sorted(rows, key=lambda row: (row["position"], places[row["position"]][row["source"]],
                                         places[row["position"] + 1][row["target"]]))  # fmt: skip


def _draw_band(ax: Axes, place: int, start: float, stop: float, thick: float, shade: str) -> None:
    """Band of equal thickness that swings from one column to the next."""
    left, right = place + WIDTH / 2, place + 1 - WIDTH / 2
    middle = (left + right) / 2
    corners = [(left, start), (middle, start), (middle, stop), (right, stop), (right, stop + thick),
               (middle, stop + thick), (middle, start + thick), (left, start + thick), (left, start)]  # fmt: skip
    codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY]
    ax.add_patch(PathPatch(Path(corners, [int(code) for code in codes]), facecolor=to_rgba(shade, 0.32),
                           edgecolor="none", zorder=1, gid="band"))  # fmt: skip


def _draw_block(ax: Axes, place: int, block: dict[str, Any], total: float) -> None:
    ax.add_patch(Rectangle((place - WIDTH / 2, block["top"]), WIDTH, block["size"] / total, facecolor=block["colour"],
                           edgecolor="white", linewidth=0.6, zorder=2, gid="block"))  # fmt: skip


def _draw_words(ax: Axes, place: int, column: list[dict[str, Any]], total: float) -> None:
    """Label and share beside each block of a column, pushed apart; very thin blocks stay without words."""
    said = [(block["top"] + block["size"] / total / 2, _words(block, block["size"] / total))
            for block in column if block["size"] / total >= THINNEST]  # fmt: skip
    bottom, top = ax.get_ylim()
    inches = ax.get_position().height * float(ax.figure.get_size_inches()[1])  # type: ignore[union-attr]
    line = SIZE * 1.02 * LINE / 72.0 * (bottom - top) / inches
    heights = [line * (words.count("\n") + 1.35) for _, words in said]
    left = place + WIDTH / 2
    for (centre, words), height, spot in zip(said, heights, _apart([centre for centre, _ in said], heights, top,
                                                                   bottom), strict=True):  # fmt: skip
        ax.text(left + 0.04, spot, words, ha="left", va="center", fontsize=SIZE, color=INK, zorder=4, linespacing=LINE,
                path_effects=[withStroke(linewidth=2.2, foreground="white")], gid="words")  # fmt: skip
        if abs(spot - centre) > height / 4:
            ax.plot([left, left + 0.035], [centre, spot], color=SOFT, linewidth=0.6, zorder=3, gid="hairline")


def _words(block: dict[str, Any], height: float) -> str:
    share, low, high = block.get("interval", (height, None, None))
    return f"{plain(block['label'], 22)}\n{interval(share, low, high, percent, single='')}"


def _apart(centres: list[float], heights: list[float], top: float, bottom: float) -> list[float]:
    """Places nearest to `centres` (ascending) at which boxes of these heights do not overlap, between top and bottom.

    Least squares under an order (Ayer et al. 1955, pool adjacent violators): boxes that touch move as one, to where
    their mean shift is nought.  Boxes higher together than the room there is shrink into it.
    """
    squeeze = min(1.0, (bottom - top) / sum(heights)) if heights else 1.0
    heights = [height * squeeze for height in heights]
    rows: list[list[int]] = []
    starts: list[float] = []
    for place in range(len(centres)):
        rows.append([place])
        starts.append(0.0)
        while True:
            offset, wished = 0.0, 0.0
            for member in rows[-1]:
                wished += centres[member] - offset - heights[member] / 2
                offset += heights[member]
            starts[-1] = min(max(wished / len(rows[-1]), top), bottom - offset)
            above = sum(heights[member] for member in rows[-2]) if len(rows) > 1 else 0.0
            if len(rows) == 1 or starts[-2] + above <= starts[-1]:
                break
            rows[-2].extend(rows.pop())
            starts.pop()
    spots = []
    for start, members in zip(starts, rows, strict=True):
        for member in members:
            spots.append(start + heights[member] / 2)
            start += heights[member]
    return spots


def _set_axes(ax: Axes, blocks: list[dict[str, dict[str, Any]]]) -> None:
    steps = [label(step) for step in keys(STEPS)]
    end = tell("at the end")
    names = [steps[place] if place < len(steps) else end for place in range(len(blocks) - 1)] + [end]
    lowest = 1.0 + GAP * max(len(column) for column in blocks)
    ax.set_ylim(lowest, -0.02)
    ax.set_xlim(-0.15, len(blocks) - 0.2)
    ax.set_xticks(range(len(blocks)), [plain(name, 16) for name in names])
    ax.set_yticks([])
    ax.set_xlabel(tell("step of buying"), color=SOFT)
    strip(ax, keep=())
