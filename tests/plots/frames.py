"""Frames such as the measures and the study make them, with plausible web-shop numbers, for tests of pictures."""

from __future__ import annotations

import pandas as pd

from touchsim.vocabulary import FACETS, NEEDS, STAGES, keys, label, step_of

__all__ = [
    "coefficients", "comparison", "crowded_flows", "dominance", "emotion", "flows", "funnel", "importance", "lanes",
    "map_difference", "optimum", "penalties", "performance", "promise", "reviews", "threats",
    "touchpoint_map", "weakest", "worlds",
]  # fmt: skip

NONE = float("nan")


def _spread(value: float, width: float, replications: int) -> tuple[float, float]:
    return (NONE, NONE) if replications == 1 else (value - width, value + width)


def funnel(replications: int = 20) -> pd.DataFrame:
    """Six stages of ten thousand customers."""
    shares = (1.0, 0.512, 0.331, 0.184, 0.061, 0.018)
    rows = []
    for stage, share in zip(keys(STAGES), shares, strict=True):
        low, high = _spread(share, 0.008 if share < 1 else 0.0, replications)
        rows.append((stage, 10_000 * share, share, low, high, replications))
    return pd.DataFrame(rows, columns=["stage", "reached", "share", "low", "high", "replications"])


def touchpoint_map(replications: int = 20) -> pd.DataFrame:
    """Cells of a web shop with fourteen channels; one of them sparse, one without a wait."""
    cells = [
        ("problem_recognition", "social", 5200, 0.08, 0.0, 410.0),
        ("problem_recognition", "print", 900, 0.02, NONE, 620),
        ("problem_recognition", "word_of_mouth", 640, 0.31, NONE, 0.0),
        ("information_search", "search", 6100, 0.12, 0.0, 1830),
        ("information_search", "website", 7400, 0.18, 0.0, 220),
        ("information_search", "reviews", 2100, 0.05, NONE, 0.0),
        ("alternatives", "website", 5100, 0.22, 0.0, 160), ("alternatives", "email", 3300, -0.04, NONE, 33),
        ("alternatives", "chat", 420, 0.11, 2.4, 610), ("alternatives", "store", 610, 0.34, 6.5, 2440),
        ("alternatives", "phone", 380, -0.12, 7.9, 1100), ("purchase_decision", "website", 2300, 0.27, 0.0, 90),
        ("purchase_decision", "store", 480, 0.36, 8.1, 1900), ("purchase_decision", "app", 900, 0.3, 0.0, 40),
        ("after_sales", "delivery", 1840, 0.21, 2870.0, 9200), ("after_sales", "phone", 910, -0.31, 11.5, 3640),
        ("after_sales", "desk", 330, -0.18, 14.2, 1320), ("after_sales", "email", 700, -0.22, 1400.0, 880),
        ("after_sales", "home", 0.9, 0.4, 4300.0, 66), ("after_sales", "survey", 610, 0.03, NONE, 6.1),
        ("after_sales", "sms", 1200, 0.09, NONE, 84), ("after_sales", "fax", 0.4, NONE, NONE, 2),
    ]  # fmt: skip
    rows = []
    for step, channel, contacts, feeling, wait, cost in cells:
        row: dict[str, object] = {"step": step, "channel": channel, "sparse": contacts * replications < 30,
                                  "replications": replications}  # fmt: skip
        for name, short, value in (("contacts", "contacts", contacts), ("wait_minutes", "wait", wait),
                                   ("cost", "cost", cost), ("emotion", "emotion", feeling)):  # fmt: skip
            low, high = _spread(value, abs(value) * 0.05 + 0.01, replications)
            row |= {name: float(value), f"{short}_low": low, f"{short}_high": high}
        rows.append(row)
    return pd.DataFrame(rows)


def flows(replications: int = 20) -> pd.DataFrame:
    """Flows of ten thousand customers over four columns, online and offline channels apart."""
    group = {"search": "online", "website": "online", "social": "online", "store": "offline", "phone": "offline",
             "print": "offline", "delivery": "offline", "none": "none"}  # fmt: skip
    moves = [
        (0, "social", "website", 2600), (0, "social", "search", 1500), (0, "social", "lost", 1100),
        (0, "print", "store", 500),
        (0, "print", "website", 300), (0, "print", "lost", 100), (0, "none", "search", 2600),
        (0, "none", "website", 1300),
        (1, "website", "website", 2900), (1, "website", "none", 300), (1, "website", "lost", 1000),
        (1, "search", "website", 2200), (1, "search", "store", 700), (1, "search", "lost", 1200),
        (1, "store", "store", 400), (1, "store", "phone", 100), (1, "lost", "lost", 1200),
        (2, "website", "website", 1500), (2, "website", "store", 300), (2, "website", "lost", 3300),
        (2, "store", "store", 600), (2, "store", "website", 100), (2, "store", "lost", 400), (2, "phone", "lost", 100),
        (2, "none", "website", 300), (2, "lost", "lost", 3400),
        (3, "website", "delivery", 1800), (3, "website", "under_way", 60), (3, "website", "phone", 40),
        (3, "store", "delivery", 300), (3, "store", "none", 600), (3, "lost", "lost", 7200),
        (4, "delivery", "active", 1500), (4, "delivery", "churned", 600), (4, "phone", "churned", 40),
        (4, "none", "active", 600), (4, "under_way", "under_way", 60), (4, "lost", "lost", 7200),
    ]  # fmt: skip
    frame = pd.DataFrame(moves, columns=["position", "source", "target", "customers"])
    for side, place in (("source", frame["position"]), ("target", frame["position"] + 1)):
        frame[f"{side}_group"] = [group.get(key, "end") for key in frame[side]]
        totals = frame.groupby([place, side])["customers"].transform("sum") / 10_000
        frame[f"{side}_share"] = totals
        frame[f"{side}_low"] = totals - 0.004 if replications > 1 else NONE
        frame[f"{side}_high"] = totals + 0.004 if replications > 1 else NONE
    frame["replications"] = replications
    return frame


def crowded_flows(replications: int = 20) -> pd.DataFrame:
    """Flows of ten thousand customers between ten channels, nine of them thin, who are all lost in the end."""
    thin = ("search", "social", "reviews", "email", "app", "print", "word_of_mouth", "store", "phone")
    shares = {"website": 8650, **dict.fromkeys(thin, 150)}
    moves = [(0, key, key, customers) for key, customers in shares.items()]
    moves += [(1, key, "lost", customers) for key, customers in shares.items()]
    frame = pd.DataFrame(moves, columns=["position", "source", "target", "customers"])
    offline = {"print": "offline", "word_of_mouth": "offline", "store": "offline", "phone": "offline", "lost": "end"}
    for side in ("source", "target"):
        frame[f"{side}_group"] = [offline.get(key, "online") for key in frame[side]]
        shares_of = [1.0 if key == "lost" else shares[key] / 10_000 for key in frame[side]]
        frame[f"{side}_share"] = shares_of
        frame[f"{side}_low"] = [share - 0.001 if replications > 1 else NONE for share in shares_of]
        frame[f"{side}_high"] = [min(1.0, share + 0.001) if replications > 1 else NONE for share in shares_of]
    frame["replications"] = replications
    return frame


def emotion(replications: int = 20) -> pd.DataFrame:
    """Emotion of every need, online and offline; few contacts of help online."""
    online = (0.08, 0.14, 0.19, 0.26, NONE, -0.05, 0.06, 0.02, 0.1)
    offline = (0.03, 0.1, 0.21, 0.35, 0.18, -0.33, -0.21, NONE, NONE)
    rows = []
    for side, values in ((True, online), (False, offline)):
        for place, (need, value) in enumerate(zip(keys(NEEDS), values, strict=True)):
            if value == value:
                low, high = _spread(value, 0.03, replications)
                contacts = 1.0 if side and need == "help" else 6000.0 / (place + 1)
                rows.append((need, step_of(need), side, contacts, value, low, high, replications))
    return pd.DataFrame(rows, columns=["need", "step", "online", "contacts", "emotion", "low", "high", "replications"])


BETAS = (0.06, 0.01, 0.08, 0.07, 0.05, 0.1, 0.34, 0.27, 0.21)
TRUTHS = (0.07, 0.0, 0.09, 0.06, 0.06, 0.09, 0.37, 0.25, 0.22)


def coefficients(*, with_truth: bool = True) -> pd.DataFrame:
    """Nine facets on satisfaction, and satisfaction on repurchase."""
    rows = []
    for term, beta, truth in zip(keys(FACETS), BETAS, TRUTHS, strict=True):
        rows.append(("satisfaction", term, "all", 1.2 * beta, 0.03, beta / 0.025, 0.0001 if beta > 0.05 else 0.34,
                     1.2 * beta - 0.06, 1.2 * beta + 0.06, beta, beta - 0.05, beta + 0.05,
                     1.2 * truth, truth, 1.6))  # fmt: skip
    rows.append(("satisfaction", "const", "all", 0.3, 0.1, 3.0, 0.002, 0.1, 0.5, NONE, NONE, NONE, NONE, NONE, NONE))
    rows.append(
        ("repurchase", "satisfaction", "all", 0.6, 0.03, 20.0, 1e-9, 0.54, 0.66, 0.58, 0.53, 0.63, 0.6, 0.57, 1.0)
    )
    names = ["outcome", "term", "group", "estimate", "std_error", "statistic", "p_value", "low", "high", "std_beta",
             "std_low", "std_high", "truth", "truth_std", "vif"]  # fmt: skip
    frame = pd.DataFrame(rows, columns=names)
    return frame if with_truth else frame.drop(columns=["truth", "truth_std"])


def studies() -> pd.DataFrame:
    """The nine facets in two studies of different size, of which the second knows no truth."""
    second = coefficients().assign(study="the second study", n=1811, truth_std=NONE)
    return pd.concat([coefficients().assign(study="the first study", n=300), second])


def importance() -> pd.DataFrame:
    """LMG shares of nine facets and two blocks."""
    shares = (0.05, 0.01, 0.06, 0.05, 0.04, 0.08, 0.31, 0.23, 0.17)
    rows = [("satisfaction", term, "lmg", share, share - 0.01, share + 0.03)
            for term, share in zip(keys(FACETS), shares, strict=True)]  # fmt: skip
    rows += [
        ("satisfaction", "block:online", "lmg", 0.29, 0.25, 0.33),
        ("satisfaction", "block:offline", "lmg", 0.71, 0.67, 0.75),
    ]
    rows += [("satisfaction", term, "johnson", 1 / 9, NONE, NONE) for term in keys(FACETS)]
    return pd.DataFrame(rows, columns=["outcome", "term", "method", "share", "low", "high"])


def performance() -> pd.DataFrame:
    """Importance and performance of four facets, one of them in no quadrant."""
    rows = [
        ("returns", 0.45, 4.1, -0.8, "concentrate"), ("fulfilment", 0.35, 5.6, 0.7, "keep_up"),
        ("security", 0.12, 5.4, 0.5, "overkill"), ("appearance", 0.08, 4.5, -0.4, ""),
    ]  # fmt: skip
    return pd.DataFrame(
        [("satisfaction", term, share, share - 0.05, share + 0.06, mean, mean - 0.1, mean + 0.1, gap, gap - 0.1,
          gap + 0.1, "points", quadrant) for term, share, mean, gap, quadrant in rows],
        columns=["outcome", "term", "importance", "importance_low", "importance_high", "performance", "performance_low",
                 "performance_high", "above", "above_low", "above_high", "unit", "quadrant"])  # fmt: skip


def eigenvalues() -> pd.DataFrame:
    """Eigenvalues of nine items, three of them above chance."""
    held = [3.6, 1.5, 1.2, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    drawn = [1.2 - 0.06 * place for place in range(9)]
    return pd.DataFrame({"number": range(1, 10), "eigenvalue": held, "parallel_mean": [x - 0.04 for x in drawn],
                         "parallel_95": drawn, "map": 0.1, "carried": [1.9, 1.6, 1.4, *[float("nan")] * 6]})


def penalties() -> pd.DataFrame:
    """Contrasts of three facets: one-dimensional, must-be, undecided."""
    rows = [("fulfilment", -0.7, 0.4, 0.1, "one_dimensional"), ("returns", -0.6, 0.05, 0.1, "must_be"),
            ("appearance", -0.05, 0.1, 0.2, "")]  # fmt: skip
    return pd.DataFrame(
        [("satisfaction", term, low, low - reach, low + reach, high, high - reach, high + reach, kind)
         for term, low, high, reach, kind in rows],
        columns=["outcome", "term", "penalty", "penalty_low", "penalty_high", "reward", "reward_low", "reward_high",
                 "kind"])  # fmt: skip


def dominance() -> pd.DataFrame:
    """Who dominates whom among four facets, at three levels."""
    pairs = [("fulfilment", "returns", 0.5, 0.5, 0.8), ("fulfilment", "security", 1.0, 1.0, 0.99),
             ("fulfilment", "responsiveness", 1.0, 1.0, 0.97), ("returns", "security", 1.0, 1.0, 0.7),
             ("returns", "responsiveness", 0.5, 1.0, 0.96), ("security", "responsiveness", 0.5, 0.5, 0.6)]  # fmt: skip
    return pd.DataFrame(
        [("satisfaction", level, a, b, [*values, 1.0][place], again)
         for place, level in enumerate(("complete", "conditional", "general")) for a, b, *values, again in pairs],
        columns=["outcome", "level", "a", "b", "dominance", "reproducibility"])  # fmt: skip


def comparison(replications: int = 20) -> pd.DataFrame:
    """Two variants on five key figures; one has nothing to be a percentage of."""
    rows = []
    for kpi, base, moves in (("conversion", 0.184, (0.006, 0.011)), ("abandonment", 0.12, (-0.03, 0.001)),
                             ("csat", 3.9, (0.11, 0.02)), ("cost_per_customer", 4.4, (-0.3, 0.5)),
                             ("referrals", 0.0, (0.1, 0.2))):  # fmt: skip
        for variant, move in zip(("return_status_online", "faster_phone"), moves, strict=True):
            low, high = _spread(move, abs(base) * 0.01 + 0.001, replications)
            rows.append((kpi, "all", variant, base, base + move, move, low, high, 0.6, replications, 12.0))
    names = ["kpi", "group", "variant", "base", "value", "difference", "low", "high", "p_best", "replications",
             "variance_ratio"]  # fmt: skip
    return pd.DataFrame(rows, columns=names)


def lanes(replications: int = 20) -> pd.DataFrame:
    """The map with its four lanes: facets where a channel shows some, shares where customers or the brand began."""
    frame = touchpoint_map(replications)
    by_brand = frame["channel"].isin(["social", "print", "email", "sms", "survey"])
    shown = {"website": "product_information, appearance, ease_of_use", "phone": "responsiveness", "desk": "returns"}
    frame["facets"] = frame["channel"].map(shown).fillna("")
    values = {
        "quality": (frame["facets"] != "").map({True: 0.2, False: NONE}),
        "asked": frame["contacts"].where(~by_brand, 0.0),
        "served": (~by_brand).map({True: 0.93, False: NONE}), "abandoned": (~by_brand).map({True: 0.05, False: NONE}),
        "turned_away": (~by_brand).map({True: 0.02, False: NONE}), "sent": frame["contacts"].where(by_brand, 0.0),
        "noticed": by_brand.map({True: 0.4, False: NONE}), "seconds": by_brand.map({True: 20.0, False: NONE}),
        "negative": frame["emotion"].where(frame["emotion"].isna(), 0.4),
    }  # fmt: skip
    for name, value in values.items():
        frame[name] = value
        frame[f"{name}_low"] = value * 0.95 if replications > 1 else NONE
        frame[f"{name}_high"] = value * 1.05 if replications > 1 else NONE
    return frame


def map_difference(replications: int = 20) -> pd.DataFrame:
    """A quarter less of everything, for certain; the emotion of the store cannot be told."""
    frame, rows = touchpoint_map(replications), []
    for figure in ("contacts", "wait_minutes", "cost", "emotion"):
        for row in frame.to_dict("records"):
            if row[figure] == row[figure]:
                change = -0.25 * row[figure] if row["channel"] != "store" else 0.0
                low, high = _spread(change, abs(change) * 0.1 + 0.001, replications)
                rows.append((row["step"], row["channel"], figure, row[figure], row[figure] + change, change, low, high,
                             row["sparse"], replications))  # fmt: skip
    names = ["step", "channel", "figure", "base", "value", "difference", "low", "high", "sparse", "replications"]
    return pd.DataFrame(rows, columns=names)


def weakest(replications: int = 20) -> pd.DataFrame:
    """Touchpoints with each cause; one sparse, one out of the brand's hands, one without a judged contact."""
    causes = ("in_vain", "unnoticed", "late_delivery", "slow_refund", "long_wait", "poor_evidence", "idle_cost",
              "no_loss")  # fmt: skip
    rows = []
    for place, cause in enumerate(causes):
        loss = 0.02 - 0.004 * place
        low, high = _spread(loss, 0.002, replications)
        rows.append((place + 1, f"touchpoint_{cause}", cause != "unnoticed", loss, low, high, cause,
                     cause == "long_wait", replications))  # fmt: skip
    rows.append((9, "never_judged", True, NONE, NONE, NONE, "no_loss", True, replications))
    names = ["rank", "touchpoint", "managed", "loss", "loss_low", "loss_high", "cause", "sparse", "replications"]
    return pd.DataFrame(rows, columns=names)


def promise(replications: int = 20) -> pd.DataFrame:
    """Nine facets, two waits, the promised day and a refund."""
    rows = []
    for place, facet in enumerate(keys(FACETS)):
        gap, share = 0.3 - 0.12 * place, 0.3 + 0.07 * place
        rows.append(("facet", facet, label(facet), 0.2, 0.2 + gap, "z", gap, share))
    rows += [("wait", "phone", "service line", 2.0, 14.5, "minutes", -12.5, 0.834),
             ("wait", "store", "the store in the high street", 5.0, 0.3, "minutes", 4.7, 0.0),
             ("delivery", "all", "the promised day", 3.0, 2.25, "days", 0.75, 0.224),
             ("refund", "return_desk", "return desk", 5.0, 7.94, "days", -2.94, 1.0)]  # fmt: skip
    said = ["kind", "name", "label", "promise", "delivered", "unit", "gap", "disappointed"]
    table = pd.DataFrame(rows, columns=said)
    for name, width in (("gap", 0.08), ("disappointed", 0.03)):
        low, high = ("low", "high") if name == "gap" else ("disappointed_low", "disappointed_high")
        ends = [_spread(value, width, replications) for value in table[name]]
        table[low], table[high] = zip(*ends, strict=True)
    return table.assign(cases=100.0, replications=replications)


def reviews(replications: int = 20) -> pd.DataFrame:
    """A J: few in the middle of what is posted."""
    table = pd.DataFrame({"stars": range(1, 6), "posted": (0.19, 0.06, 0.05, 0.2, 0.5),
                          "everyone": (0.05, 0.14, 0.36, 0.31, 0.14)})  # fmt: skip
    for side in ("posted", "everyone"):
        ends = [_spread(value, 0.02, replications) for value in table[side]]
        table[f"{side}_low"], table[f"{side}_high"] = zip(*ends, strict=True)
    return table.assign(replications=replications)


def optimum(replications: int = 20) -> pd.DataFrame:
    """An inverted U over six settings."""
    values = (0.31, 0.36, 0.41, 0.44, 0.39, 0.22)
    ends = [_spread(value, 0.01, replications) for value in values]
    low, high = zip(*ends, strict=True)
    return pd.DataFrame({"setting": (0.0, 0.1, 0.2, 0.4, 0.8, 1.6), "value": values, "low": low, "high": high,
                         "replications": replications})  # fmt: skip


def threats() -> pd.DataFrame:
    """Three drivers under five threats, beside the clean design."""
    settings = {"clean": "", "only_repeat_buyers": "asked repeat buyers", "reverse_causation": "colouring 0.25",
                "lost_memory": "recall 0.05", "ceiling": "ceiling 1.5",
                "omitted_facet": "omitted fulfilment"}  # fmt: skip
    rows = []
    for nth, (threat, setting) in enumerate(settings.items()):
        for term, truth, bias in (("fulfilment", 0.41, -0.08), ("returns", 0.39, -0.06), ("appearance", -0.001, 0.01)):
            if f"omitted {term}" != setting:
                rows.append((threat, setting, term, truth, bias - 0.02 * nth, 0.95 - 0.1 * nth, 100, 500, "ols"))
    frame = pd.DataFrame(rows, columns=["threat", "setting", "term", "truth", "bias", "coverage", "studies",
                                        "respondents", "estimator"])  # fmt: skip
    return frame.assign(bias_low=frame["bias"] - 0.012, bias_high=frame["bias"] + 0.012)


def wild_threats() -> pd.DataFrame:
    """The same with one threat whose intervals are some hundred times as wide as the others, and beyond them."""
    frame = threats()
    frame.loc[frame["threat"] == "lost_memory", ["bias", "bias_low", "bias_high"]] = [3.0, -1.0, 7.0]
    return frame


def worlds() -> pd.DataFrame:
    """Three drivers in three worlds, by two estimators; in the last one of them gives no estimate, or a wild one."""
    columns = ["world", "estimator", "term", "truth", "mean", "emp_se", "coverage", "studies", "failed", "respondents"]
    rows = []
    for world, truths in (("A shop whose delivery decides", (0.4, 0.1, 0.05)),
                          ("A site that decides", (0.05, 0.1, 0.3)), ("Nothing decides", (0.0, 0.0, 0.0))):  # fmt: skip
        for term, truth in zip(("fulfilment", "responsiveness", "appearance"), truths, strict=True):
            rows.append((world, "ols", term, truth, 0.7 * truth + 0.05, 0.04, 0.6, 100, 0, 500))
            wild = world == "Nothing decides"
            none = wild and term == "appearance"
            odd = (NONE, NONE, NONE, 0, 100) if none else (3.0, 0.06, 0.95, 60, 40)
            made = odd if wild else (truth, 0.06, 0.95, 100, 0)
            rows.append((world, "corrected", term, truth, *made, 500))
    return pd.DataFrame(rows, columns=columns)


def mystery_guest(replications: int = 20) -> pd.DataFrame:
    """Three visits and all facets: broken, kept, and promises on average."""
    rows = [(1, "website", "wait_minutes", None, "", 0.0, None),
            (2, "advice_line", "wait_minutes", 2.0, "standard", 1.1, 0.15),
            (2, "advice_line", "outcome", 1.0, "script", 0.8, 0.2),
            (3, "delivery", "late_days", 0.0, "promised days", -0.6, 0.25),
            (4, "return_desk", "refund_days", 5.0, "standard", 6.7, 0.65),
            (4, "return_desk", "steps", 3.0, "standard", 4.0, 1.0),
            (4, "return_desk", "emotion", -0.2, "script", 0.1, 0.0)]  # fmt: skip
    for place, facet in enumerate(keys(FACETS)):
        rows.append((0, facet, "evidence", 0.1, "brand", 0.5 - 0.1 * place, 0.3 + 0.05 * place))
    table = pd.DataFrame(rows, columns=["visit", "touchpoint", "measure", "promise", "by", "value", "broke"])
    if replications == 1:
        table["broke"] = table["broke"].round()
    ends = [_spread(value, 0.2, replications) for value in table["value"]]
    table["low"], table["high"] = zip(*ends, strict=True)
    facet, broke = table["visit"] == 0, table["broke"].fillna(0.0) > 0
    sure = (table["value"] if replications == 1 else table["high"]) < table["promise"]
    return table.assign(need="", replications=replications, broken=(broke & ~facet) | (facet & sure))
