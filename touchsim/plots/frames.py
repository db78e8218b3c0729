"""Frames that draw themselves: DataFrames in everything, but for ``plot``, which draws the picture they are made for.

    ts.funnel(log).plot()                                   the funnel, not a line over row numbers
    ts.touchpoint_map(log).query("channel == 'phone'").plot(value="wait_minutes")

What pandas makes of such a frame (filtered, sorted, copied) is one again and still draws.  Where columns are gone that
the picture needs, or where pandas' own words are used (``frame.plot(kind="bar")``, ``frame.plot.scatter(...)``), it is
pandas' plot as of any other frame.

Made by ``measure``; matplotlib is imported when something is drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from pandas.plotting import PlotAccessor

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["FunnelFrame", "MapDifferenceFrame", "MapFrame", "PromiseFrame", "ReviewFrame", "WeakestFrame"]


class FunnelFrame(pd.DataFrame):
    """A table of stages, see `touchsim.funnel`.

    Examples
    --------
    >>> frame = FunnelFrame({"stage": ["suspect", "lead"], "reached": [100, 40], "share": [1.0, 0.4],
    ...                      "low": None, "high": None, "replications": 1})
    >>> ax = frame[frame["stage"] == "lead"].plot()
    >>> [float(bar.get_width()) for bar in ax.patches]
    [40.0]
    """

    @property
    def _constructor(self) -> type[FunnelFrame]:
        return FunnelFrame

    @property
    def plot(self) -> PlotOfFunnel:
        """Draw the funnel: ``frame.plot(ax=None)``; see `touchsim.plots.funnel.plot_funnel`."""
        return PlotOfFunnel(self)


class MapFrame(pd.DataFrame):
    """A table of cells of the touchpoint map, see `touchsim.touchpoint_map`."""

    @property
    def _constructor(self) -> type[MapFrame]:
        return MapFrame

    @property
    def plot(self) -> PlotOfMap:
        """Draw the map: ``frame.plot(ax=None, value="emotion")``, or all of it: ``value="lanes"``.

        See `touchsim.plots.touchpoint_map` and `touchsim.plots.lanes`.
        """
        return PlotOfMap(self)


class PlotOfFunnel(PlotAccessor):
    """``frame.plot`` of a funnel: called, it draws the funnel; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the funnel of stages, or whatever pandas makes of further arguments."""
        needs = {"stage", "reached", "share", "low", "high", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        from touchsim.plots.funnel import plot_funnel

        return plot_funnel(self.frame, ax=ax)


class PlotOfMap(PlotAccessor):
    """``frame.plot`` of a touchpoint map: called, it draws the map; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, value: str = "emotion", ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the touchpoint map, coloured by `value`, or whatever pandas makes of further arguments."""
        needs = {"step", "channel", "contacts", "wait_minutes", "cost", "emotion", "sparse", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        if value == "lanes" and "negative" in self.frame:
            from touchsim.plots.lanes import plot_lanes

            return plot_lanes(self.frame, ax=ax)
        from touchsim.plots.touchpoint_map import plot_touchpoint_map

        return plot_touchpoint_map(self.frame, value=value, ax=ax)


class MapDifferenceFrame(pd.DataFrame):
    """A table of differences between two touchpoint maps, see `touchsim.map_difference`."""

    @property
    def _constructor(self) -> type[MapDifferenceFrame]:
        return MapDifferenceFrame

    @property
    def plot(self) -> PlotOfMapDifference:
        """Draw it: ``frame.plot(ax=None, figure="emotion")``; see `touchsim.plots.map_difference`."""
        return PlotOfMapDifference(self)


class WeakestFrame(pd.DataFrame):
    """A table of touchpoints, the weakest first, see `touchsim.weakest_touchpoints`."""

    @property
    def _constructor(self) -> type[WeakestFrame]:
        return WeakestFrame

    @property
    def plot(self) -> PlotOfWeakest:
        """Draw it: ``frame.plot(ax=None, most=12)``; see `touchsim.plots.weakest.plot_weakest`."""
        return PlotOfWeakest(self)


class PlotOfMapDifference(PlotAccessor):
    """``frame.plot`` of a difference of maps: called, it draws the plane; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, figure: str = "emotion", ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the difference of one value, or whatever pandas makes of further arguments."""
        needs = {"step", "channel", "figure", "difference", "low", "high", "sparse", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        from touchsim.plots.map_difference import plot_map_difference

        return plot_map_difference(self.frame, figure=figure, ax=ax)


class PlotOfWeakest(PlotAccessor):
    """``frame.plot`` of the weakest touchpoints: called, it draws bars; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, most: int = 12, ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the touchpoints with what they lose, or whatever pandas makes of further arguments."""
        needs = {"touchpoint", "loss", "loss_low", "loss_high", "cause", "sparse", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        from touchsim.plots.weakest import plot_weakest

        return plot_weakest(self.frame, most=most, ax=ax)


class PromiseFrame(pd.DataFrame):
    """A table of promises and what was delivered, see `touchsim.promise_gap`."""

    @property
    def _constructor(self) -> type[PromiseFrame]:
        return PromiseFrame

    @property
    def plot(self) -> PlotOfPromise:
        """Draw the gaps: ``frame.plot(ax=None)``; see `touchsim.plots.promise.plot_promise_gap`."""
        return PlotOfPromise(self)


class ReviewFrame(pd.DataFrame):
    """A table of stars, see `touchsim.reviews`."""

    @property
    def _constructor(self) -> type[ReviewFrame]:
        return ReviewFrame

    @property
    def plot(self) -> PlotOfReviews:
        """Draw the stars: ``frame.plot(ax=None)``; see `touchsim.plots.reviews.plot_reviews`."""
        return PlotOfReviews(self)


class PlotOfPromise(PlotAccessor):
    """``frame.plot`` of a table of promises: called, it draws the gaps; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the gaps and the broken promises, or whatever pandas makes of further arguments."""
        needs = {"kind", "name", "gap", "low", "high", "disappointed", "disappointed_low", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        from touchsim.plots.promise import plot_promise_gap

        return plot_promise_gap(self.frame, ax=ax)


class PlotOfReviews(PlotAccessor):
    """``frame.plot`` of a table of stars: called, it draws them; its methods are pandas' own."""

    def __init__(self, frame: pd.DataFrame) -> None:
        super().__init__(frame)
        self.frame = frame

    def __call__(self, *args: Any, ax: Axes | None = None, **kwargs: Any) -> Any:
        """Draw the stars posted beside those of all buyers, or whatever pandas makes of further arguments."""
        needs = {"stars", "posted", "posted_low", "everyone", "everyone_low", "replications"}
        if args or kwargs or not needs <= set(self.frame.columns):
            return super().__call__(*args, ax=ax, **kwargs)
        from touchsim.plots.reviews import plot_reviews

        return plot_reviews(self.frame, ax=ax)
