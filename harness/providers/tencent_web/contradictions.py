"""Where Tencent's documents contradict each other, and which reading a target is held to.

Source: domain/tencent-api.md 1.4 to 1.6; domain/integration-bugs.md, "Doc inconsistencies integrators inherited".
"""

from __future__ import annotations

from harness.catalog import Contradiction

_RULES = "document 1110/84005 (2024-12-10)"
_RECOVERY = "Business Disaster Recovery Scheme (2024)"
_RECOVERY_ZH = "Business Disaster Recovery Scheme, Chinese edition (2024)"
_INTEGRATION = "Web Integration (2025-03-25)"
_CODES = "CaptchaCode table of DescribeCaptchaResult"

NOT_ONE = Contradiction(
    title="A code other than 1: block, or skip?",
    one="Whatever is not CaptchaCode 1 must be blocked.",
    one_source=_RULES,
    other="Where the verdict API times out, answers InternalError or CaptchaCode 26, the business handles it, for example by "
    "skipping this verification.",
    other_source=_RECOVERY,
    demand="A verdict other than 1 blocks, with a retry offered. No verdict (timeout, Error, 26, an unreadable answer) "
    "degrades: the business goes on by the flow's policy, within limits or behind a second factor.",
    why="Who always blocks makes the vendor's outage their own; who skips lets in whoever waits for one.",
    bears_on=("verdict-is-a-verdict", "business-completes", "nothing-for-free", "nothing-for-nothing"),
)
FALLBACK_TICKET = Contradiction(
    title="21 for a fallback ticket: block, skip, or look twice?",
    one="Whatever is not CaptchaCode 1 must be blocked.",
    one_source=_RULES,
    other="21 for a ticket with the fallback prefix: the business may skip the verification or process it a second time.",
    other_source=_CODES,
    demand="It is processed a second time: unverified business by the flow's policy, never counted as verified and never free.",
    why="A fallback ticket is public and unsigned. Who skips has no captcha; who blocks turns away every honest user of an "
    "outage.",
    bears_on=("nothing-for-free", "business-completes"),
)
CODE_26 = Contradiction(
    title="26: an outage, or a code like any other?",
    one="CaptchaCode 26 is an internal error of the service, to be handled as an outage.",
    one_source=_RECOVERY,
    other="The table of codes has no 26, and whatever is not 1 must be blocked.",
    other_source=f"{_CODES}; {_RULES}",
    demand="26 is no verdict: it degrades. A code that no document knows is a verdict, and blocks.",
    why="The recovery scheme shows 26 as the answer of a service that is down; nothing says so of any other unknown code.",
    bears_on=("business-completes", "verdict-is-a-verdict"),
)
PREFIX = Contradiction(
    title="terror_ or trerror_?",
    one="Fallback tickets begin with terror_.",
    one_source=f"{_RECOVERY}; {_INTEGRATION}",
    other="Fallback tickets begin with trerror_.",
    other_source=f"{_RULES}; {_RECOVERY_ZH}, the page's own loader",
    demand="Both are fallback tickets, for the page that mints one and for the server that is handed one.",
    why="Both are really sent: the older scripts mint the one, the mini program and newer pages the other.",
    bears_on=("fallback-ticket", "nothing-for-free"),
)
UNDERSCORE = Contradiction(
    title="An underscore before the timestamp, or none?",
    one="The sample of step 4 writes the app id and the timestamp together.",
    one_source=_INTEGRATION,
    other="The full sample on the same page has an underscore between them, as has the standard format.",
    other_source=f"{_INTEGRATION}; {_RULES}",
    demand="The underscore stands there.",
    why="Without it the app id cannot be told from the timestamp: the ticket verifies to 16 and the honest user is blocked.",
    bears_on=("fallback-ticket",),
)
INTERNAL_ERROR = Contradiction(
    title="InternalError or InternalServerError?",
    one="The Code of the exception is InternalError.",
    one_source=f"{_RECOVERY}; {_RECOVERY_ZH}, its text",
    other="The sample answer beside that text has the Code InternalServerError.",
    other_source=f"{_RECOVERY_ZH}, its sample",
    demand="Both are no verdict and degrade, as every other Error does.",
    why="A target that knows one spelling crashes or blocks on the other, in the very outage that it was written for.",
    bears_on=("business-completes", "verdict-is-a-verdict"),
)

# Those on what the server makes of an answer hold for the mini program's verdict, too.
OF_THE_VERDICT = (NOT_ONE, FALLBACK_TICKET)
CONTRADICTIONS = (*OF_THE_VERDICT, CODE_26, INTERNAL_ERROR, PREFIX, UNDERSCORE)
