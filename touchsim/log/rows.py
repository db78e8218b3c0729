"""What an engine writes down: one row per contact, one row per customer, as plain numbers.

Both engines fill buffers of these two record types and hand them, full, to a sink (`touchsim.log.writer.LogWriter`
is the usual one).  A word is a code: its position in its list of `touchsim.vocabulary`, in the scenario's touchpoints
or in its segments; NaN says "did not happen" and becomes null in the log.  Step and channel are not written down:
they follow from the need and the touchpoint.  Codes of the vocabulary take one byte, codes of touchpoints, segments,
rivals and messages two (`world.blueprint` refuses a scenario with more).

Fields are aligned, so that compiled code reads and writes each of them in one move; times are days since the start,
money is integer cents.
"""

from __future__ import annotations

import numpy as np

from touchsim.vocabulary import FACETS, STAGES

__all__ = ["CUSTOMER_ROW", "GOODS", "VISIT_ROW"]

GOODS = ("search", "experience")
"""Kinds of goods a customer buys (Nelson 1970), in the order of their codes."""

VISIT_ROW = np.dtype([
    ("customer", np.int64), ("visit", np.int32), ("nth", np.int32), ("journey", np.int32),
    ("segment", np.int16), ("touchpoint", np.int16), ("sent_by", np.int16),
    ("stage", np.int8), ("need", np.int8), ("outcome", np.int8), ("decision", np.int8), ("cause", np.int8),
    ("linked", np.int8), ("risk", np.int8),
    ("arrived", np.float64), ("started", np.float64), ("ended", np.float64),
    ("emotion", np.float64), ("late_days", np.float64), ("handling_days", np.float64), ("cost_cents", np.int64),
    ("revenue_cents", np.int64), ("margin_cents", np.int64),
], align=True)  # fmt: skip
"""One contact.  `sent_by` is the exposure or rule that sent it, -1 where the customer chose it; `stage` is the stage at
arrival; `nth` counts the contacts of this customer at this touchpoint."""

CUSTOMER_ROW = np.dtype([
    ("customer", np.int64), ("segment", np.int16), ("bought_at", np.int16), ("rival", np.int16), ("stars", np.int16),
    ("goods", np.int8), ("consent", np.int8), ("stage", np.int8), ("status", np.int8), ("reason", np.int8),
    ("origin", np.int8),
    ("visits", np.int32), ("purchases", np.int32), ("recommendations", np.int32),
    ("journeys", np.int32), ("addons", np.int32), ("spared", np.int32), ("posts", np.int32), ("referrals", np.int32),
    ("identity", np.int64), ("opted_out", np.float64), ("awareness", np.float64), ("propensity", np.float64),
    ("born", np.float64), ("ended", np.float64), ("first_purchase", np.float64),
    ("reached", np.float64, (len(STAGES) - 1,)), ("surveyed", np.float64),
    ("revenue_cents", np.int64), ("margin_cents", np.int64), ("cost_cents", np.int64),
    ("disposition", np.float64), ("product", np.float64), ("value", np.float64), ("satisfaction", np.float64),
    ("perceived", np.float64, (len(FACETS),)), ("seen", np.int32, (len(FACETS),)),
    ("delivered", np.float64, (len(FACETS),)),
], align=True)  # fmt: skip
"""One customer.  `reached` holds the instants at which the stages after the first were earned; `bought_at` is -1 for
a customer who never bought; `perceived` and `seen` follow the order of the facets."""
