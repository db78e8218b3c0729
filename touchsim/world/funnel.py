"""The two axes of a journey: what customers decide in each step of buying, and the stages of the funnel they earn.

A *need* (one of the first four steps, or an after-sales need) has four base probabilities that sum to 1:

    advance   to the next step; in after-sales: the need is met
    stay      and look for another contact
    back      to the step before
    leave     for good; in after-sales: give this need up

They hold for a customer who feels neither well nor badly; emotion shifts them (`Choice`).  Without emotion and
without lines the journey is an absorbing Markov chain with just these probabilities (Kemeny & Snell 1960).

A *stage* is entered as soon as its entry rule is met and is never lost again.
"""

from __future__ import annotations

from pydantic import model_validator

from touchsim.documents import Assumption, Count, Document, Fact, Finding, Laws, Probability
from touchsim.vocabulary import NEEDS, keys, label
from touchsim.world.laws import Duration, Law

__all__ = ["Decision", "EntryRule", "Funnel", "Needs"]

_ORDER = keys(NEEDS)
_BEFORE = _ORDER[:4]


class Decision(Document):
    """What customers decide in one need, and how long they think before each contact."""

    advance: Probability = 0.0
    stay: Probability = 0.0
    back: Probability = 0.0
    leave: Probability = 0.0
    think: Duration

    @model_validator(mode="after")
    def _sums_to_one(self) -> Decision:
        total = self.advance + self.stay + self.back + self.leave
        if abs(total - 1.0) > 1e-9:
            raise Laws([Finding("", f"advance, stay, back and leave sum to {total:.6g}, must sum to 1")])
        return self


def _decision(advance: float, stay: float, back: float, leave: float, think: float) -> Decision:
    thinks = Law.model_validate({"law": "exponential", "mean": f"{think} days"})
    return Decision(advance=advance, stay=stay, back=back, leave=leave, think=thinks)


_WHY = "illustrative; calibrate to your own funnel"


class Needs(Document):
    """The decisions of every need."""

    problem_recognition: Decision = Assumption(lambda: _decision(0.62, 0.20, 0.0, 0.18, 2.0), _WHY)
    information_search: Decision = Assumption(lambda: _decision(0.50, 0.32, 0.06, 0.12, 1.0), _WHY)
    alternatives: Decision = Assumption(lambda: _decision(0.50, 0.28, 0.08, 0.14, 1.0), _WHY)
    purchase_decision: Decision = Assumption(lambda: _decision(0.62, 0.12, 0.12, 0.14, 0.5), _WHY)
    delivery: Decision = Assumption(lambda: _decision(1.0, 0.0, 0.0, 0.0, 0.05), _WHY)
    help: Decision = Assumption(lambda: _decision(0.80, 0.16, 0.0, 0.04, 0.4), _WHY)
    return_: Decision = Assumption(lambda: _decision(0.94, 0.04, 0.0, 0.02, 2.0), _WHY, alias="return")
    survey: Decision = Assumption(lambda: _decision(1.0, 0.0, 0.0, 0.0, 7.0), _WHY)
    renewal: Decision = Assumption(lambda: _decision(0.86, 0.04, 0.0, 0.10, 0.5), _WHY)

    @model_validator(mode="after")
    def _leads_out(self) -> Needs:
        findings = []
        if self.problem_recognition.back > 0.0:
            findings.append(Finding("problem_recognition.back", "must be 0: there is no step before the first"))
        for key in _ORDER[4:]:
            decision = self.of(key)
            if decision.back > 0.0:
                findings.append(Finding(f"{key}.back", "must be 0: after the purchase nobody goes back a step"))
            if decision.advance + decision.leave == 0.0:
                findings.append(Finding(key, "nobody ever gets out of it: advance and leave are both 0"))
        for step, following in zip(_BEFORE, _BEFORE[1:], strict=False):
            if self.of(step).advance == 0.0:
                law = f"is unreachable: {step}.advance is 0"
                findings.append(Finding(following, law))
        findings.extend(self._round_and_round())
        if findings:
            raise Laws(findings)
        return self

    def of(self, need: str) -> Decision:
        """Return the decisions of a need, by its key."""
        decision: Decision = getattr(self, "return_" if need == "return" else need)
        return decision

    def _round_and_round(self) -> list[Finding]:
        """Steps from which neither a purchase nor the way out can ever be reached."""
        out = {key for key in _BEFORE if self.of(key).leave > 0.0}
        if self.purchase_decision.advance > 0.0:
            out.add("purchase_decision")
        grown = True
        while grown:
            more = {
                key
                for n, key in enumerate(_BEFORE)
                if (self.of(key).advance > 0.0 and n < 3 and _BEFORE[n + 1] in out)
                or (self.of(key).back > 0.0 and n > 0 and _BEFORE[n - 1] in out)
            } | out
            grown, out = more != out, more
        return [
            Finding(key, f"customers go round for ever: from {label(key)} nobody can reach a purchase or leave")
            for key in _BEFORE
            if key not in out
        ]


class EntryRule(Document):
    """The least that a customer must have done to enter a stage; 0 or false asks for nothing."""

    visits: Count = 0
    consent: bool = False
    actions: Count = 0
    purchases: Count = 0
    recommendations: Count = 0

    @model_validator(mode="after")
    def _asks_for_something(self) -> EntryRule:
        if not (self.visits or self.consent or self.actions or self.purchases or self.recommendations):
            raise Laws([Finding("", "must ask for something: visits, consent, actions, purchases or recommendations")])
        return self


_RULE = "the usual reading of the sales funnel, in countable terms"


class Funnel(Document):
    """Entry rules of the stages after `suspect`, which everybody enters when the need arises."""

    lead: EntryRule = Assumption(lambda: EntryRule(visits=1, consent=True), f"visited the site and consented; {_RULE}")
    prospect: EntryRule = Assumption(lambda: EntryRule(actions=2), f"several actions; {_RULE}")
    customer: EntryRule = Fact(lambda: EntryRule(purchases=1), "by definition: a customer has bought")
    repeat_customer: EntryRule = Fact(lambda: EntryRule(purchases=2), "by definition: bought again")
    advocate: EntryRule = Fact(lambda: EntryRule(purchases=1, recommendations=1), "by definition: bought, recommended")
