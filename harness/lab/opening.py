"""Open what a flow's visitors sit in front of."""

from __future__ import annotations

from collections.abc import Collection

from harness.lab.before import go_before
from harness.lab.bench import Bench
from harness.lab.fronts import Front, Window
from harness.lab.recorder import Recorder
from harness.lab.scripted_app import AppFront
from harness.lab.scripted_device import DeviceFront
from harness.lab.slot import Slot
from harness.lab.window import open_window
from harness.providers.scripted import ShipsClients
from harness.target.spec import APP, IN_BROWSER, FlowSpec


async def open_front(
    bench: Bench, slot: Slot, recorder: Recorder, flow: FlowSpec, *, profile: str, look_into: Collection[str], account: int = 1
) -> Front:
    """Open a browser's window, an app, or a device with the scripted client that the flow names: the plan knows there is one.

    ``look_into`` names the links whose answers are read in a browser; a device knows them all.
    ``account`` is the number of who does what the flow says is done before it.
    """
    if flow.client in IN_BROWSER:
        context, traffic = await open_window(bench, slot, recorder, profile=profile, look_into=look_into, storage=flow.storage)
        await go_before(bench, slot, flow, context, account=account)
        if flow.client == APP:
            return AppFront(slot, recorder, context, traffic)
        return Window(context=context, traffic=traffic, watch=bench.watch)
    assert isinstance(bench.provider, ShipsClients)
    options = bench.target.use_of(flow.name).all_options
    return DeviceFront(slot, recorder, bench.provider.clients[flow.client], options)
