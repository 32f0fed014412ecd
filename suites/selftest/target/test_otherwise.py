"""What a flow leaves to its users while the captcha fails, as its owner names it."""

from __future__ import annotations

import pytest

from harness.target.loader import load_target
from suites.selftest.target_files import Complaint, Write

BESIDE = 'policy = "accept"\n'
GOOD = """\
[flows.login.otherwise]
submit = { path = "/password", form = { name = "{account}", ticket = "terror_1001_1_{unix_s}" } }
completed = { status = 200, json = { "$.state" = "done" } }
explains = "#why"
"""


def test_another_way_in_and_its_explanation_are_read(write: Write) -> None:
    login, checkout = load_target(write((BESIDE, BESIDE + GOOD))).flows.values()
    assert login.otherwise is not None
    assert login.otherwise.submit is not None
    assert (login.otherwise.submit.method, login.otherwise.submit.path) == ("POST", "/password")
    assert login.otherwise.submit.form == {"name": "{account}", "ticket": "terror_1001_1_{unix_s}"}
    assert login.otherwise.completed is not None
    assert (login.otherwise.completed.status, login.otherwise.completed.json) == (200, {"$.state": "done"})
    assert login.otherwise.explains == "#why"
    assert checkout.otherwise is None


MISTAKES = [
    # what stands there, what is written instead, the answer
    ("explains", "explans", ":21: flows.login.otherwise.explans is not a known key; did you mean 'explains'?"),
    ("submit", "sumbit", ":19: flows.login.otherwise.sumbit is not a known key; did you mean 'submit'?"),
    ("status = 200", "staus = 200", ":20: flows.login.otherwise.completed.staus is not a known key; did you mean 'status'?"),
    (
        "completed = { status",
        'completed = { selector = "#done", status',
        ":20: flows.login.otherwise.completed.selector is not a known key",
    ),
    ('"#why"', '""', ":21: flows.login.otherwise.explains must be a text in quotes"),
    ('"/password"', '"password"', ":19: flows.login.otherwise.submit.path must be a path that begins with /"),
    ('"$.state"', '"$.state["', ":20: flows.login.otherwise.completed.json.\"$.state[\" is no JSONPath"),
    ("form =", "json = {}, form =", ":19: flows.login.otherwise.submit.form stands beside flows.login.otherwise.submit.json"),
    ("{account}", "{acount}", "submit says {acount}, which the lab does not know; did you mean 'account'?"),
    ("{account}", "{ticket}", ":19: flows.login.otherwise.submit says {ticket}, which the lab does not know"),
    (
        'completed = { status = 200, json = { "$.state" = "done" } }\n',
        "",
        ":19: flows.login.otherwise.submit needs flows.login.otherwise.completed",
    ),
    (
        GOOD[GOOD.index("submit") : GOOD.index("completed")],
        "",
        ":19: flows.login.otherwise.completed needs flows.login.otherwise.submit",
    ),
    (GOOD[GOOD.index("submit") :], "", ":18: flows.login.otherwise must be a table with submit and completed, or explains"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "answer"), MISTAKES)
def test_a_mistake_is_answered_with_its_line(write: Write, complaint: Complaint, old: str, new: str, answer: str) -> None:
    assert old in GOOD
    said = complaint(write((BESIDE, BESIDE + GOOD.replace(old, new, 1))))
    assert answer in said


def test_there_must_be_a_visit_that_meets_a_fault(write: Write, complaint: Complaint) -> None:
    said = complaint(
        write(("[flows.checkout.step_up]", '[flows.checkout.otherwise]\nexplains = "#why"\n\n[flows.checkout.step_up]'))
    )
    assert "flows.checkout.otherwise is tried beside a visit that meets a fault, but flows.checkout has no browser" in said


def test_a_client_without_a_page_explains_nothing_in_it(write: Write, complaint: Complaint) -> None:
    said = complaint(write((BESIDE, BESIDE + 'client = "mini"\n' + GOOD)))
    assert "flows.login.otherwise.explains is of a page, but flows.login.client is 'mini'" in said
