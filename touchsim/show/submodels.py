"""The submodels of the world: what each does, its equation, whose it is, and whether a scenario has it switched on.

The equations are those of ``docs/model.md``, as built; the sections of a scenario that a submodel reads are named, so
that its numbers can be listed beside it.  Called by `stress` (algorithms) and `odd` (submodels, design concepts).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from touchsim.world.scenario import Scenario

__all__ = ["SUBMODELS", "Submodel"]


def _always(_: Scenario) -> bool:
    return True


@dataclass(frozen=True)
class Submodel:
    """One part of the model: name, sections of a scenario, words, equation, sources, and whether it is on."""

    name: str
    sections: tuple[str, ...]
    words: str
    equation: str
    sources: str = ""
    is_on: Callable[[Scenario], bool] = _always


def _counts(scenario: Scenario) -> bool:
    return bool(scenario.awareness.on_choice or scenario.awareness.on_advance)


def _presses(scenario: Scenario) -> bool:
    load = scenario.pressure
    return bool(load.on_leave or load.on_advance or load.on_choice or load.opt_out)


def _says_offers(scenario: Scenario) -> bool:
    return bool(scenario.rivals) or any(not place.offer.is_usual for place in scenario.touchpoints.values())


SUBMODELS = (
    Submodel(
        "Arrivals", ("start", "days", "follow_up", "market", "segments"),
        "Customers in whom the need arises are born as a Poisson stream per segment, thinned or thickened by weekday, "
        "month, hour and trend; those present at the start come on top. A finite market thins arrivals as it fills.",
        "rate(t) = arrivals * weekdays[day] * season[month] * hours[time of day] * (1 + trend)^(whole days / 365)\n"
        "the k-th is born where the integral of the rate reaches E_1 + ... + E_k, E_j = -ln(u_j)\n"
        "in a finite market the rate is multiplied by 1 - reached / market",
        "Lewis & Shedler (1979); ceiling: Bass (1969)"),
    Submodel(
        "Traits of a customer", ("segments",),
        "Drawn once at birth, independent unless the segment gives correlations: kind of goods, consent, pull of "
        "online, patience, span of attention, tolerance of messages, own weights of the offer, disposition.",
        "online_i = online + online_sd * z;  patience_i = exp(patience_sd * z);  span_i = span * exp(span_sd * z)\n"
        "tolerance_i = tolerance * exp(tolerance_sd * z);  weight_i = weight + value_sd * z",
        "search and experience goods: Nelson (1970)"),
    Submodel(
        "Choice of a touchpoint", ("touchpoints", "choice"),
        "Each touchpoint that serves the need, and is considered (reach, consent), runs a race; the first wins. This "
        "is the logit choice, with random numbers that hang on each option, so that a better option moves nobody "
        "between two others.",
        "finish_j = -ln(u_j) / (appeal_j * exp(online_i * [j online] + affinity[channel of j]\n"
        "                                     + inertia * [channel of j used last] + further pulls))",
        "Luce (1959); McFadden (1974); state dependence: Dube, Hitsch & Rossi (2010); coupling: Oberst & Sontag "
        "(2019)"),
    Submodel(
        "Door and line", ("touchpoints",),
        "Who comes to a closed touchpoint waits for an opening that is near, or the contact is in vain. In a line of "
        "limited capacity the first come is served first; who finds it full is turned away; who runs out of patience "
        "leaves.",
        "start = min_j shift_j(max(joined, free[j]))\n"
        "served if start <= opens + patience and start < closes; else abandoned, or turned away at closing",
        "Kiefer & Wolfowitz (1955), with impatience",
        lambda scenario: any(one.capacity is not None or one.open for one in scenario.touchpoints.values())),
    Submodel(
        "Experience", ("views",),
        "A contact is evidence on the facets that it shows; what happened (waits, lateness, days and steps of a "
        "return) is a signal on responsiveness, fulfilment and returns. Views begin at the promise and move by "
        "Bayesian updating.",
        "evidence_f = mean_f + signal_f + sd_f * z;   n_f += 1\n"
        "view_f += max(recency, 1 / (n_f + prior)) * (evidence_f - view_f);   emotion = tanh(mean evidence)\n"
        "responsiveness: -wait * ln((waited + wait_softening) / (standard + wait_softening)), less refused if in vain\n"
        "fulfilment: -lateness * loss of the highest step of late that the days beyond the promise exceed\n"
        "returns: -handling * ln((days + handling_softening) / (handling_standard + handling_softening))\n"
        "         - steps * (steps - steps_standard)",
        "Boulding, Kalra, Staelin & Zeithaml (1993); perceived time: Fechner (1860)"),
    Submodel(
        "Surprise and first impression", ("views",),
        "Evidence better or worse than expected weighs extra; expectations learn; the first contact felt weighs extra.",
        "d = evidence_f - e_f;  heard_f = evidence_f + disconfirmation * (max(d, 0) - loss * max(-d, 0));  "
        "e_f += learn * d\nthe first contact felt weighs 1 + primacy times",
        "Oliver (1980); Anderson & Sullivan (1993)",
        lambda scenario: bool(scenario.views.disconfirmation or scenario.views.learn or scenario.views.primacy)),
    Submodel(
        "Decision after a contact", ("needs", "choice"),
        "Going on, staying, a step back and leaving run a race from base probabilities that sum to 1, moved by "
        "emotion. Without emotion and lines the journey is an absorbing Markov chain with just these probabilities.",
        "advance: -ln(u) / (advance * exp(emotion_on_advance * emotion + pull)), after a served contact only\n"
        "stay: -ln(u) / stay;   back: -ln(u) / back\n"
        "leave: -ln(u) / (leave * exp(-emotion_on_leave * emotion + vain_on_leave * [in vain] + push))",
        "Kemeny & Snell (1960)"),
    Submodel(
        "Value of an offer, and rivals", ("value", "rivals"),
        "Touchpoints and rivals make offers in price, service, personalisation and closeness, weighed by the customer "
        "and by the step of buying. Rivals run in the needs that they serve; who turns to one is gone.",
        "value_i = sum over c of weight_i[c] * value.steps[c][step] * offer[c]\n"
        "rival: appeal * exp(on_choice * value_i - awareness.on_choice * A - voice.on_choice * reputation)",
        "Lancaster (1966)", _says_offers),
    Submodel(
        "Alignment of touchpoints", ("alignment",),
        "Ordered pairs hand over what was told (fidelity), contradict each other (conflict), or make a contact "
        "needless (supplement).",
        "evidence += reinforce * fidelity - penalty * conflict;   pull += alignment.pull * fidelity\n"
        "spared with probability 1 - product of (1 - supplement(a, b)) over all a that have served",
        "assumption of touchsim", lambda scenario: bool(scenario.alignment.pairs)),
    Submodel(
        "Awareness", ("awareness",),
        "Messages that are noticed and short enough teach and remind; awareness fades.",
        "A <- A * exp(-dt / memory);   A += (1 - exp(-message / learn)) * effect * (1 - A)",
        "Nerlove & Arrow (1962)", _counts),
    Submodel(
        "Contact pressure", ("pressure",),
        "Each contact that the brand starts counts; what exceeds the tolerance irritates, and consent may be "
        "withdrawn.",
        "P <- P * exp(-dt / fading) + 1;   overload = max(P - tolerance_i, 0)\n"
        "opts out with probability 1 - exp(-opt_out * overload)",
        "assumption of touchsim", _presses),
    Submodel(
        "Profile", ("crm",),
        "A contact is linked to the person with some probability; linked contacts teach the brand an interest.",
        "knowledge = 1 - (1 - accuracy)^(linked contacts)",
        "assumption of touchsim", lambda scenario: scenario.crm.accuracy > 0.0),
    Submodel(
        "Messages: exposure and automation", ("exposure", "automation", "crm"),
        "Exposure is bought, a Poisson stream of contacts; automation sends when something happened, after a wait, "
        "unless something else happened since, to those who consented and are known.",
        "rate of exposure = intensity * exp(targeting * propensity) a day, times searching while searching",
        "targeting 0 is a randomised campaign: Gordon et al. (2019)",
        lambda scenario: bool(scenario.exposure or scenario.automation)),
    Submodel(
        "Order and after-sales", ("orders", "currency"),
        "A purchase has a basket and a margin in whole cents and raises delivery, help, return and survey, each where "
        "some touchpoint serves it.",
        "help with probability help (in time) or help_if_late;  return with return_search or return_experience",
        "assumption of touchsim"),
    Submodel(
        "Satisfaction", ("satisfaction",),
        "Satisfaction is the weighted sum of the views, by kind of goods, of product, value and disposition, which the "
        "survey does not ask, and of noise.",
        "S = sum over f of weight[goods, f] * view_f + product * z1 + value * (z2 + value.on_satisfaction * worth)\n"
        "    + disposition * z3 + noise * z4 + peak_end * (peak + end) / 2",
        "order and sign of the weights: abstract of Pham & Ahammad (2017), sizes assumed; peak and end: Fredrickson & "
        "Kahneman (1993)"),
    Submodel(
        "Loyalty", ("loyalty",),
        "Satisfied customers recommend and come back more often; a subscription is renewed or not.",
        "recommends with probability 1 / (1 + exp(-recommend - recommend_slope * S))\n"
        "comes back with probability 1 / (1 + exp(-repeat - repeat_slope * S)), after gap",
        "in the spirit of Fader, Hardie & Lee (2005); personal rates: Schmittlein, Morrison & Colombo (1987)"),
    Submodel(
        "Voice: reviews, word of mouth, referrals", ("voice",),
        "Buyers post stars and tell others; reputation and talk are read by those who shop; recommendations bring new "
        "customers.",
        "P(post) = 1 / (1 + exp(-(post + above * max(S - r, 0) + below * max(r - S, 0) + voice_i + asked)))\n"
        "reputation = (prior * prior_stars + sum of stars) / (prior + n) - 3 + volume * ln(1 + n)",
        "Hu, Pavlou & Zhang (2009); requests: Askalidis, Kim & Malthouse (2017), Karaman (2021)",
        lambda scenario: scenario.voice is not None),
    Submodel(
        "Funnel", ("funnel",),
        "A stage is entered as soon as its entry rule is met (visits, consent, actions, purchases, recommendations) "
        "and is never lost, but for lead by opting out.",
        "stage s is reached when every count is at least that of the rule of s",
        "the usual reading of the sales funnel, in countable terms"),
    Submodel(
        "Survey", ("survey",),
        "Those whom a survey contact reached (of them, only repeat customers or returners, or all customers: `asked`) "
        "answer by chance; each item is a noisy, biased reading of what is remembered of a view, drawn to satisfaction "
        "or not, with a mood common to all answers of a person and a personal use of the scale. Few do not read. A "
        "marker scale asks for what has nothing to do with the rest.",
        "answer = cut(shift_i + stretch_i * (loading * judged_if + method * mood_i + noise * e_ij))\n"
        "judged = (1 - colouring) * trace + colouring * S        of a facet; of satisfaction S itself\n"
        "trace  = r * kept + sqrt(1 - r^2) * e_if,               r = exp(-recall_decay * d)\n"
        "kept   = w * view + (1 - w) * mean view,                w = exp(-forgetting * d)\n"
        "d      = days between first purchase and survey\n"
        "mood   = halo * disposition + sqrt(1 - halo^2) * e_i;   judged of a marker = e_i\n"
        "shift  = shift_mean + shift_sd * e;                     stretch = exp(stretch_sd * e)\n"
        "intention = slope * S + spread * e\n"
        "logit P(answers) = a + on_extremity * |S| + on_disposition * disposition",
        "scale use: Rossi, Gilula & Allenby (2001); common method: Podsakoff, MacKenzie, Lee & Podsakoff (2003); "
        "memory: Feldman & Lynch (1988), Ebbinghaus (1885); colouring: Nisbett & Wilson (1977); marker: Lindell & "
        "Whitney (2001)",
        lambda scenario: any("survey" in one.serves for one in scenario.touchpoints.values())
        or scenario.survey.asked == "all"),
)  # fmt: skip
"""All of them, in the order in which a customer meets them."""
