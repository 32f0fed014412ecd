"""The oracle nothing-for-free on the codes of a step-up: one counts once, for the offer that it was sent for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.catalog import Policy
from harness.journal.model import CodeTry, Severity, Verdict
from harness.judge import EvidenceMissing
from suites.selftest.judge.records import (
    ask,
    attempt,
    forgery,
    judged,
    the_one,
    with_evidence,
    with_expect,
)


def the_codes(**seen):
    """Codes as a second factor that holds answers them; ``seen`` changes those of one label, None takes them out."""
    right = CodeTry(label="right-code", tries=1, status=201, effects=1)
    kinds = {"wrong-code": 100, "foretold-code": 5, **dict.fromkeys(ONE_CODE, 1)}
    held = [CodeTry(label=label, tries=tries, status=403, effects=0) for label, tries in kinds.items()]
    changed = {label.replace("_", "-"): change for label, change in seen.items()}
    later = replace(right, label="right-code-later")
    kept = [one for one in (right, *held, later) if changed.get(one.label, one) is not None]
    return tuple(replace(one, **changed.get(one.label, {})) for one in kept)


ONE_CODE = ("right-code-after-wrong-ones", "code-of-another", "code-again", "used-code-of-another")


class TestTheSecondFactor:
    slug = "nothing-for-free"

    def entered(self, *codes, untried="", due=True, **tried):
        record = with_expect(forgery(Policy.STEP_UP, attempt("stale", **tried)), second_factor=due)
        return with_evidence(record, code_tries=codes, codes_untried=untried)

    @pytest.mark.parametrize(
        ("label", "demand"),
        [
            ("right-code-after-wrong-ones", "after 100 wrong codes the right one counts no more"),
            ("code-of-another", "for the business that it was sent for, and for no other"),
            ("code-again", "a code counts once"),
            ("used-code-of-another", "a code that was used counts no more"),
        ],
    )
    def test_no_effect_may_come_of_it(self, label, demand):
        took = {label.replace("-", "_"): {"effects": 1, "status": 201}}
        found = the_one(self.slug, self.entered(*the_codes(**took)))
        assert demand in found.expected
        assert found.seen == f"{label}: took effect once, the last was answered 201"
        assert found.severity is Severity.BLOCKER

    @pytest.mark.parametrize(
        ("label", "demand", "tries"),
        [
            ("wrong-code", "a code that was made up has no effect", 100),
            ("foretold-code", "nobody can tell a code from those that came before it", 5),
        ],
    )
    def test_no_effect_may_come_of_a_guess(self, label, demand, tries):
        found = the_one(self.slug, self.entered(*the_codes(**{label.replace("-", "_"): {"effects": 1}})))
        assert demand in found.expected
        assert found.seen == f"{label}: took effect once in {tries} tries, the last was answered 403"

    def test_where_the_right_code_counts_and_no_other_it_is_right(self):
        assert ask(self.slug, self.entered(*the_codes())) == ()

    def test_where_the_right_code_has_no_effect_nothing_is_proven(self):
        record = self.entered(*the_codes(right_code={"effects": 0, "status": 403}))
        with pytest.raises(EvidenceMissing, match=r"the right code of the second factor had no effect \(it was answered 403\)"):
            ask(self.slug, record)
        assert judged(record).verdict is Verdict.UNKNOWN

    def test_where_the_right_code_has_no_effect_nobody_knows_whose_the_others_were(self):
        """A mail that came late: what was taken for another's code was the offer's own."""
        with pytest.raises(EvidenceMissing, match="the right code"):
            ask(self.slug, self.entered(*the_codes(right_code={"effects": 0}, code_of_another={"effects": 1})))

    @pytest.mark.parametrize("later", [None, {"effects": 0}], ids=["none", "refused"])
    def test_without_a_later_offer_whose_code_counts_nobody_knows_that_a_code_was_anothers(self, later):
        codes = the_codes(code_of_another={"effects": 1}, right_code_later=later)
        with pytest.raises(EvidenceMissing, match=r"whose code it was cannot be told: it was not offered"):
            ask(self.slug, self.entered(*codes, untried="it was not offered"))

    def test_a_code_that_was_made_up_is_nobodys(self):
        found = the_one(self.slug, self.entered(*the_codes(right_code={"effects": 0}, wrong_code={"effects": 1})))
        assert found.expected == "a code that was made up has no effect"

    def test_where_codes_were_due_and_none_was_tried_it_cannot_tell(self):
        with pytest.raises(EvidenceMissing, match="no code of the second factor was tried"):
            ask(self.slug, self.entered())
        with pytest.raises(EvidenceMissing, match="was tried: the outbox got no new code"):
            ask(self.slug, self.entered(untried="the outbox got no new code"))
        assert ask(self.slug, self.entered(due=False)) == ()

    @pytest.mark.parametrize("label", ["right-code", "wrong-code", "code-again", "foretold-code"])
    def test_where_one_kind_of_code_was_not_tried_it_cannot_tell(self, label):
        some = the_codes(**{label.replace("-", "_"): None})
        with pytest.raises(EvidenceMissing, match=f"of the second factor's codes {label} were not tried: it was not offered"):
            ask(self.slug, self.entered(*some, untried="it was not offered"))

    def test_what_a_forger_gained_otherwise_is_found_all_the_same(self):
        assert "policy step-up" in the_one(self.slug, self.entered(effects=1)).expected
