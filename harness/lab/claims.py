"""What a forger writes into the headers by which proxies say who their client is."""

from __future__ import annotations

_FORWARDED_FOR, _FORWARDED, _REAL_IP = "X-Forwarded-For", "Forwarded", "X-Real-IP"


def claims_besides(header: str | None, address: str, *, proxy_saw: str) -> dict[str, str]:
    """The headers of a forger who claims to come from ``address``.

    ``header`` is the one that the target's proxy writes: that is the proxy's to tell, so it is left out. Where none is named,
    the claim stands as a proxy on this machine would hand it on, with the address ``proxy_saw`` at the end: many frameworks
    believe such a proxy unasked, and are right to. X-Real-IP, which proxies replace, is then left out.
    """
    if header is None:
        return {_FORWARDED_FOR: f"{address}, {proxy_saw}", _FORWARDED: f"for={address}, for={proxy_saw}"}
    every = {_FORWARDED_FOR: address, _FORWARDED: f"for={address}", _REAL_IP: address}
    return {name: value for name, value in every.items() if name.lower() != header.lower()}
