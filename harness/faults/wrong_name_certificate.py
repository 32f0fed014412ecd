"""The certificate names another host, as behind a misrouted CDN or a captive portal."""

from __future__ import annotations

from harness.faults.base import FAULTS
from harness.faults.certificate import CertificateFault

FAULTS.add(
    "wrong-name-certificate",
    CertificateFault(name="wrong-name-certificate", title="The certificate is for another host", kind="wrong-name"),
)
