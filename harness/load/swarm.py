"""The crowd's own process, ``python -m harness.load.swarm ORIGIN``. Locust sends, in an open model: who arrives, arrives.

It reads waves from its standard input and writes each answer as it comes; it ends with its input. A process of its own, because
Locust replaces the standard library's sockets.
"""

from __future__ import annotations

import sys
import time

import gevent
from gevent.fileobject import FileObjectPosix
from gevent.lock import RLock
from locust import FastHttpUser, task
from locust.env import Environment
from locust.exception import StopUser
from locust.runners import Runner

from harness.load.wave import MAX_TEXT, Call, Heard, heard_line, wave_of

# A user's patience: whatever is not answered by then counts as never answered.
LIMIT_S = 30.0
_writing = RLock()


class Visitor(FastHttpUser):
    """One virtual user with connections of their own, who makes one call and is gone."""

    connection_timeout = LIMIT_S
    network_timeout = LIMIT_S
    max_redirects = 0
    mine: Call
    wave_began: float

    @task
    def call(self) -> None:
        """Send one request, and say what became of it."""
        call = self.mine
        began = time.monotonic()
        with self.client.request(
            call.method, call.path, data=call.body or None, headers=dict(call.headers), name=call.who, catch_response=True
        ) as answer:
            took_ms = (time.monotonic() - began) * 1000
            status = answer.status_code or None
            error = "" if status else f"{type(answer.error).__name__}: {answer.error}"[:200]
            text = (answer.text or "")[:MAX_TEXT] if status else ""
            answer.success()
        _say(
            Heard(
                who=call.who,
                began_s=round(began - self.wave_began, 4),
                real_ms=round(took_ms, 1),
                status=status,
                text=text,
                error=error,
            )
        )
        raise StopUser


def _say(heard: Heard) -> None:
    with _writing:
        sys.stdout.write(heard_line(heard))
        sys.stdout.flush()


def _arrive(runner: Runner, calls: tuple[Call, ...]) -> None:
    began = time.monotonic()
    for call in sorted(calls, key=lambda one: one.at_s):
        gevent.sleep(max(0.0, call.at_s - (time.monotonic() - began)))  # each arrives at its own time
        (visitor,) = runner.spawn_users({Visitor.__name__: 1})
        # Its greenlet begins at the next switch, not before.
        visitor.mine, visitor.wave_began = call, began


def main() -> None:
    """Serve waves until the input ends."""
    Visitor.host = sys.argv[1]
    runner = Environment(user_classes=[Visitor]).create_local_runner()
    waves = [gevent.spawn(_arrive, runner, wave_of(line)) for line in FileObjectPosix(sys.stdin.fileno(), "rb", close=False)]
    gevent.joinall(waves)
    runner.user_greenlets.join()
    runner.quit()


if __name__ == "__main__":
    main()
