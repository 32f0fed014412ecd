"""Java: no variable leads anywhere, so the virtual machine is told by options that every JVM picks up at its start."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12Certificate, serialize_java_truststore

from harness.target.runtimes.route import LOOPBACK, Route

# What it holds is public; a JVM reads no store without one.
PASSWORD = "captchaos"  # noqa: S105 - protects nothing


def variables(route: Route) -> dict[str, str]:
    """The variables of a Java server: proxy and trust store as properties of the virtual machine."""
    properties = {
        "https.proxyHost": LOOPBACK,
        "https.proxyPort": str(route.proxy_port),
        "http.nonProxyHosts": f"localhost|{LOOPBACK}",
        "javax.net.ssl.trustStore": str(truststore(route.ca_file)),
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": PASSWORD,
    }
    return {"JAVA_TOOL_OPTIONS": " ".join(_quoted(f"-D{name}={value}") for name, value in properties.items())}


def truststore(ca_file: Path) -> Path:
    """Write the authority beside its file as a store that a JVM trusts, once, and return where."""
    store = ca_file.with_suffix(".p12")
    if not store.exists():
        trusted = PKCS12Certificate(x509.load_pem_x509_certificate(ca_file.read_bytes()), b"captchaos")
        packed = serialize_java_truststore([trusted], BestAvailableEncryption(PASSWORD.encode()))
        handle, written = tempfile.mkstemp(dir=ca_file.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
        Path(written).replace(store)
    return store


def _quoted(option: str) -> str:
    # The JVM splits at spaces, and takes them for themselves between quotes of either kind.
    mark = '"' if "'" in option else "'"
    return f"{mark}{option}{mark}" if " " in option else option
