"""The certificate ran out (PITFALLS.md, ``ignore_https_errors``: felt only where errors are errors)."""

from __future__ import annotations

from harness.faults.base import FAULTS
from harness.faults.certificate import CertificateFault

FAULTS.add(
    "expired-certificate",
    CertificateFault(name="expired-certificate", title="The certificate has expired", kind="expired"),
)
