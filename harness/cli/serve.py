"""``captchaos serve``: one provider by itself on loopback, until Ctrl-C."""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import sys
import tempfile
from pathlib import Path

from harness.alone.admin import Admin
from harness.alone.faults import wanted
from harness.alone.pointers import Pointers, pointers
from harness.alone.standin import APP_ID, StandIn, Wish, options_from
from harness.errors import ExitCode, UsageError
from harness.providers.listening import Listener

MAX_PORT = 65_535


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb."""
    parser = subparsers.add_parser("serve", help="run one provider's emulator by itself", description=__doc__)
    parser.add_argument("provider", metavar="PROVIDER", help="such as tencent_web")
    parser.add_argument("--port", type=_port, default=0, help="this port (default: a free one); with --tls it is the TLS one")
    parser.add_argument("--tls", action="store_true", help="speak TLS as well, as browsers want it")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="LINK=FAULT", help="with this response fault; LINK=FAULT,NAME=NUMBER"
    )
    parser.add_argument(
        "--app-id", default="", metavar="ID", help=f"the account's app id (default: {APP_ID}, or the provider's own)"
    )
    parser.add_argument("--prefix", default="terror", help="how fallback tickets are spelt: terror (default) or trerror")
    parser.add_argument("--build", default="", help="the client build (default: the provider's first)")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the provider")
    parser.add_argument("--admin", action="store_true", help="an endpoint for faults, tickets and counts, on loopback")
    parser.add_argument("--admin-port", type=_port, metavar="PORT", help="its port (default: a free one)")
    parser.add_argument("--json", action="store_true", help="say where everything is as one line of JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> ExitCode:
    """Serve until SIGINT or SIGTERM; 0 then, 3 when what is wanted cannot be had."""
    if args.admin_port is not None and not args.admin:
        raise UsageError("--admin-port is a port of the admin endpoint, which is off without --admin")
    wish = Wish(
        provider=args.provider,
        app_id=args.app_id,
        prefix=args.prefix,
        build=args.build,
        options=options_from(args.option),
        faults=tuple(wanted(word) for word in args.fault),
        port=args.port,
        tls=args.tls,
    )
    with tempfile.TemporaryDirectory(prefix="captchaos-serve-") as folder:
        asyncio.run(_serve(wish, Path(folder), args))
    return ExitCode.ALL_PASS


async def _serve(wish: Wish, folder: Path, args: argparse.Namespace) -> None:
    ended = _until_told()
    standin = StandIn(wish, folder)
    admin = None
    try:
        await standin.start()
        if args.admin:
            admin = await Listener.open(Admin(standin), port=args.admin_port or 0)
        _say(pointers(standin, admin_port=admin.port if admin else 0), as_json=args.json)
        await ended.wait()
    finally:
        if admin is not None:
            await admin.close()
        await standin.stop()
    if broken := len(standin.server.broken):
        sys.stderr.write(f"captchaos: the emulator itself broke at {broken} requests: please report what was asked\n")


def _until_told() -> asyncio.Event:
    """Make the event that Ctrl-C and SIGTERM set."""
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    return ended


def _say(where: Pointers, *, as_json: bool) -> None:
    text = json.dumps(where.as_json()) if as_json else "\n".join(where.lines())
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= MAX_PORT):
        raise argparse.ArgumentTypeError(f"a port is a whole number from 0 to {MAX_PORT}, not {text!r}")
    return int(text)
