"""The evidence of one sample scenario: a visit that waits for the vendor's timers, then a healthy visit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from harness.catalog import Place
from harness.journal.model import (
    Applied,
    Attempt,
    Callback,
    Event,
    Evidence,
    GuardedCall,
    Leak,
    Moment,
    Post,
    Scenario,
    SeenTicket,
    Sighting,
    Submit,
    VerdictCall,
    Visit,
)

APP_ID = "199999164"
TOLD_UNIX_S = 1_795_225_532
VERIFIED = "t03verified"


def at(page_ms: float, lead_ms: float = 0.0) -> Moment:
    return Moment(at_ms=page_ms - lead_ms, page_ms=page_ms)


@dataclass(frozen=True, kw_only=True, slots=True)
class Story:
    """What one scenario's evidence is told from. ``text`` ends every free string."""

    one: Scenario
    ok: bool
    text: str
    screenshot: str

    @property
    def wait_ms(self) -> float:
        """How long the honest visit waits for the vendor, in page time."""
        return 20_000.0 if self.one.fault and self.one.fault.hangs else 400.0

    @property
    def lead_ms(self) -> float:
        """How far the page's clock is ahead of the machine's after that wait."""
        return self.wait_ms - 500 if self.wait_ms > 5000 else 0.0

    @property
    def end_ms(self) -> float:
        """When the honest visit's business is over, in page time."""
        return self.wait_ms + 900

    @property
    def ticket(self) -> str:
        """What the honest visit submits."""
        if self.one.mode:
            return f"terror_{self.one.mode}_{APP_ID}_{TOLD_UNIX_S}{self.text}"
        return f"t03{'x' * 40}{self.text}"

    def waited(self, ms: float) -> Moment:
        """``ms`` of page time after as long as the honest visit waits."""
        return at(self.wait_ms + ms, self.lead_ms)

    def later(self, ms: float) -> Moment:
        """``ms`` of page time after the honest visit's business was over."""
        return at(self.end_ms + ms, self.lead_ms)


def evidence(one: Scenario, *, ok: bool = True, text: str = "", screenshot: str = "") -> Evidence:
    """A visit that waits for the vendor's timers under an advanced clock, then a healthy visit."""
    story = Story(one=one, ok=ok, text=text, screenshot=screenshot)
    return Evidence(
        visits=_visits(story),
        events=(*_honest_events(story), *_healthy_events(story)),
        applied=_applied(story) if one.fault else (),
        sightings=_sightings(text) if one.fault else (),
        callbacks=_callbacks(story),
        tickets=_tickets(story),
        submits=_submits(story),
        posts=_posts(story),
        verdict_calls=_verdict_calls(story),
        guarded_calls=_guarded_calls(story),
        attempts=_attempts(story) if one.kind == "forgery" else (),
        requests_at_origin=(("entry", 2), (one.link, 3), ("submit" + text, 2), ("verdict", 1)),
        scripts=(("entry" + text, "9f2c" * 16),),
        leaks=_leaks(story) if text else (),
        refused_hosts=(f"telemetry.example{text}",) if text else (),
        target_output=f"INFO captcha.degraded code={one.mode} 登录降级{text}\n" * 3,
        clock="advanced" if story.lead_ms else "real",
        advanced_ms=story.lead_ms,
        real_ms=story.wait_ms - story.lead_ms + 2900,
    )


def _visits(story: Story) -> tuple[Visit, ...]:
    honest = Visit(
        name="honest",
        outcome="unverified" if story.ok else "nothing",
        began=at(0),
        ended=story.later(300),
        clicked=at(620),
        fallback_ms=story.wait_ms - 220 if story.one.mode else None,
        business_ms=story.end_ms - 620 if story.ok else None,
        effects=int(story.ok),
        usable_ms=38.0,
        error=story.text,
        screenshot=story.screenshot,
    )
    healthy = Visit(
        name="new-visitor",
        outcome="verified",
        began=story.later(500),
        ended=story.later(2600),
        clicked=story.later(900),
        fallback_ms=None,
        business_ms=1430.0,
        effects=1,
    )
    return honest, healthy


def _honest_events(story: Story) -> tuple[Event, ...]:
    link, text = story.one.link, story.text
    script = "https://turing.captcha.qcloud.com/TCaptcha.js"
    midway = at(story.wait_ms * 0.6 + 300, story.lead_ms * 0.6)
    return (
        Event(what="page-usable", moment=at(180), visit="honest"),
        Event(what="request", moment=at(200), visit="honest", link="entry", detail=script),
        Event(what="request-finished", moment=at(330), visit="honest", link="entry", detail="200 in 130 ms"),
        Event(what="clicked-show", moment=at(620), visit="honest"),
        Event(what="request", moment=at(640), visit="honest", link=link, detail=f"attempt 1{text}"),
        Event(what="clock-advanced", moment=midway, visit="honest", detail="25 steps"),
        Event(what="clock-advanced", moment=story.waited(200), visit="honest", detail="15 steps"),
        Event(what="request-failed", moment=story.waited(320), visit="honest", link=link, detail=f"attempt 1{text}"),
        Event(what="console-error", moment=story.waited(330), visit="honest", detail=f"Uncaught{text}"),
        Event(what="completed" if story.ok else "not-completed", moment=story.later(0), visit="honest", detail=text),
    )


def _healthy_events(story: Story) -> tuple[Event, ...]:
    return (
        Event(what="request", moment=story.later(600), visit="new-visitor", link="entry", detail="again"),
        Event(what="request-finished", moment=story.later(700), visit="new-visitor", link="entry", detail="again"),
        Event(what="clicked-show", moment=story.later(900), visit="new-visitor"),
        Event(what="challenge-visible", moment=story.later(1300), visit="new-visitor"),
        Event(what="dragged", moment=story.later(1900), visit="new-visitor"),
        Event(what="completed", moment=story.later(2330), visit="new-visitor"),
    )


def _applied(story: Story) -> tuple[Applied, ...]:
    cut = f"toxiproxy: enabled=false, read back enabled=false{story.text}"
    healed = "toxiproxy: enabled=true, read back enabled=true"
    return (
        Applied(action="apply", moment=at(610), receipts=(cut,)),
        Applied(action="heal", moment=story.later(320), receipts=(healed,)),
    )


def _sightings(text: str) -> tuple[Sighting, ...]:
    return (
        Sighting(place=Place.TOXIPROXY, what=f"0 bytes from the provider, 517 bytes from the browser{text}"),
        Sighting(place=Place.BROWSER, what=f"3 requests failed with net::ERR_SOCKS_CONNECTION_FAILED{text}"),
    )


def _callbacks(story: Story) -> tuple[Callback, ...]:
    fields = json.dumps({"ret": 0, "ticket": story.ticket})
    return (Callback(visit="honest", moment=story.waited(400), fields=fields),)


def _tickets(story: Story) -> tuple[SeenTicket, ...]:
    minted = float(TOLD_UNIX_S)
    return (
        SeenTicket(text=story.ticket, where="submit", visit="honest", moment=story.waited(420), unix_s=minted),
        SeenTicket(text=VERIFIED, where="submit", visit="new-visitor", moment=story.later(2000), unix_s=minted + 8),
    )


def _submits(story: Story) -> tuple[Submit, ...]:
    sent, again = story.waited(420), story.later(2000)
    status = 201 if story.ok else 502
    return (
        Submit(visit="honest", moment=sent, status=status, real_ms=180.0, ticket=story.ticket, randstr="@x"),
        Submit(visit="new-visitor", moment=again, status=201, real_ms=240.0, ticket=VERIFIED, randstr="@y"),
    )


def _verdict_calls(story: Story) -> tuple[VerdictCall, ...]:
    told, hers = f"21{story.text}", f"198.51.100.17{story.text}"
    return (
        VerdictCall(visit="honest", moment=story.waited(480), ticket=story.ticket, answer=told, user_ip=hers),
        VerdictCall(visit="new-visitor", moment=story.later(2080), ticket=VERIFIED, answer="1", user_ip="198.51.100.99"),
    )


def _leaks(story: Story) -> tuple[Leak, ...]:
    return (Leak(secret=f"session cookie {story.text}", where="url", at=f"GET /next{story.text}", visit="honest"),)


def _guarded_calls(story: Story) -> tuple[GuardedCall, ...]:
    said, link = f"SMS sent{story.text}", f"sms{story.text}"
    return (GuardedCall(link=link, visit="honest", moment=story.waited(500), ticket=story.ticket, answer=said),)


def _posts(story: Story) -> tuple[Post, ...]:
    path, asked = f"/register/captcha{story.text}", story.waited(300)
    return (Post(visit="honest", moment=asked, method="POST", path=path, status=None, real_ms=None),)


def _attempts(story: Story) -> tuple[Attempt, ...]:
    label = f"guessed{story.text}"
    return (Attempt(label=label, ticket=story.ticket, status=403, real_ms=12.0, effects=0, offered=True, server_error=False),)
