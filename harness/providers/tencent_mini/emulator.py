"""The emulator: what the plug-in asks of the vendor, and the verdict API behind it.

Its answers depend on what is asked and on the state of sessions and tickets, and on nothing else. No source shows the bodies
that the plug-in and the vendor exchange: they are the Web client's, as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from harness.catalog import Answer
from harness.errors import UsageError, closest
from harness.providers.base import Request
from harness.providers.tencent_mini import hosts
from harness.providers.tencent_mini.settings import MiniSettings
from harness.providers.tencent_web.api_settings import ApiSettings
from harness.providers.tencent_web.challenge_site import NO_STORE, ChallengeSite, as_json

BUILDS = ("classic",)

Handler = Callable[[Request], Answer]


class MiniEmulator(ChallengeSite):
    """One account of the vendor's console with one app id of the mini program kind.

    ``prefix`` is taken as every provider's and says nothing here: the plug-in mints its own tickets, as ``trerror_…``.
    """

    def __init__(
        self, *, app_id: str, prefix: str, settings: MiniSettings | None = None, api: ApiSettings | None = None
    ) -> None:
        super().__init__(app_id=app_id, prefix=prefix, api=api)
        self._settings = settings or MiniSettings()
        self._handlers: Mapping[str, Handler] = {"config": self._configure, "refresh": self.refresh, "verify": self.verify}
        self.reset(build=BUILDS[0])

    def reset(self, *, build: str) -> None:
        """Forget every ticket and session, and make new credentials."""
        if build not in BUILDS:
            raise UsageError(f"no plug-in build is called {build!r}{closest(build, BUILDS)}")
        self.renew()

    def classify(self, host: str, method: str, path: str, query: Mapping[str, str]) -> str:
        """Name the link a request travels on; ``""`` for what belongs to none."""
        return hosts.link_of(host, path, plugin_host=self._settings.plugin_host)

    async def answer(self, request: Request) -> Answer:
        """Answer one request; verifying a drag issues a ticket, the verdict API uses one up."""
        if request.link == "verdict":
            return await self.verdict.answer(request)
        return self._handlers.get(request.link, _nothing_here)(request)

    def _configure(self, request: Request) -> Answer:
        if self._settings.app_type != "mini" or request.query.get("aid") != self.app_id:
            return as_json({"state": 0, "ticket": "", "randstr": ""})
        session = self.begin(request)
        data = {"challenge": session.challenge.as_json()}
        return as_json({"state": 1, "ticket": "", "randstr": "", "sess": session.sess, "sid": session.sid, "data": data})


def _nothing_here(request: Request) -> Answer:
    return Answer(status=404, headers=(("content-type", "text/plain"), *NO_STORE), body=b"404 Not Found")
