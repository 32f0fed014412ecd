"""Nobody who is trusted signed the certificate, as behind an intercepting middlebox."""

from __future__ import annotations

from harness.faults.base import FAULTS
from harness.faults.certificate import CertificateFault

FAULTS.add(
    "unknown-ca-certificate",
    CertificateFault(name="unknown-ca-certificate", title="The certificate comes from an unknown authority", kind="unknown-ca"),
)
