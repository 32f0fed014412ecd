"""Toxiproxy without the holes of its Python client: time limits, errors raised, every change read back, several servers."""

from harness.toxiproxy.client import ToxiproxyClient
from harness.toxiproxy.metrics import ProxyBytes
from harness.toxiproxy.proxy import AsyncProxy
from harness.toxiproxy.state import ProxyState, Toxic

__all__ = ["AsyncProxy", "ProxyBytes", "ProxyState", "Toxic", "ToxiproxyClient"]
