"""The lab's own certificate authority, and which certificate is shown for a host.

The browser trusts the authority by its SPKI (``--ignore-certificate-errors-spki-list``), not by ignoring errors, so that bad
certificates stay errors (PITFALLS.md, "Chromium and Playwright"): good chains carry the authority's certificate, bad
ones do not.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import ipaddress
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from harness.catalog import Place
from harness.errors import UsageError, closest
from harness.faults.base import Receipt

Kind = Literal["good", "expired", "wrong-name", "unknown-ca"]
KINDS: tuple[Kind, ...] = ("good", "expired", "wrong-name", "unknown-ca")
_DAY = dt.timedelta(days=1)


class Authority:
    """A certificate authority that lives as long as a run; its files are in the run's own folder, readable by its owner."""

    def __init__(self, folder: Path, *, name: str = "captchaos lab") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._cert = _self_signed(name, self._key)
        self.ca_file = folder / "ca.pem"
        self.ca_file.write_bytes(self._cert.public_bytes(serialization.Encoding.PEM))
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key_file = folder / "leaf.key"
        self._leaf_key_file.touch(mode=0o600)
        self._leaf_key_file.write_bytes(
            self._leaf_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self._contexts: dict[tuple[str, Kind], ssl.SSLContext] = {}
        self._chained: set[tuple[str, Kind]] = set()
        self._stranger: tuple[ec.EllipticCurvePrivateKey, x509.Certificate] | None = None

    @property
    def spki(self) -> str:
        """Base64 SHA-256 of the authority's public key, as Chromium's switch wants it."""
        public = self._cert.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return base64.b64encode(hashlib.sha256(public).digest()).decode()

    def context(self, host: str, kind: Kind) -> ssl.SSLContext:
        """Return the server context that shows ``host`` a certificate of that kind; made once per pair."""
        if (host, kind) not in self._contexts:
            self._contexts[host, kind] = self.fresh_context(host, kind)
        return self._contexts[host, kind]

    def fresh_context(self, host: str, kind: Kind) -> ssl.SSLContext:
        """Return a context of its own for a listener that will add its choice of names to it."""
        context = _bare_context(kind)
        context.load_cert_chain(self._chain(host, kind), self._leaf_key_file)
        return context

    def _chain(self, host: str, kind: Kind) -> Path:
        path = self._folder / f"{hashlib.sha256(f'{host}/{kind}'.encode()).hexdigest()[:16]}.pem"
        if (host, kind) in self._chained:
            return path
        signer, issuer = self._key, self._cert
        if kind == "unknown-ca":
            if self._stranger is None:
                key = ec.generate_private_key(ec.SECP256R1())
                self._stranger = (key, _self_signed("somebody else", key))
            signer, issuer = self._stranger
        shown = "wrong.example.invalid" if kind == "wrong-name" else host
        leaf = _leaf(shown, self._leaf_key, signer, issuer, expired=kind == "expired")
        chain = leaf.public_bytes(serialization.Encoding.PEM)
        if kind == "good":
            chain += self._cert.public_bytes(serialization.Encoding.PEM)
        path.write_bytes(chain)
        self._chained.add((host, kind))
        return path


class CertificateBook:
    """Which kind of certificate each host shows now. One per slot; new connections see a change, open ones do not."""

    def __init__(self, authority: Authority) -> None:
        self._authority = authority
        self._shown: dict[str, Kind] = {}

    def context(self) -> ssl.SSLContext:
        """Return the listening context; the certificate is chosen per connection by the name the client asks for."""
        return _PerConnection(self._fresh)

    def _fresh(self) -> ssl.SSLContext:
        listening = self._authority.fresh_context("127.0.0.1", "good")

        def choose(connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
            host = name or "127.0.0.1"
            connection.context = self._authority.context(host, self._shown.get(host, "good"))

        listening.sni_callback = choose
        return listening

    def show(self, host: str, kind: str) -> Receipt:
        """Show ``host`` a certificate of this kind from the next connection on."""
        if kind not in KINDS:
            raise UsageError(f"no certificate kind is called {kind!r}{closest(kind, KINDS)}")
        self._shown[host] = kind
        return Receipt(place=Place.PROVIDER, asked=f"{host}: {kind}", read_back=f"{host}: {self._shown[host]}")

    def reset(self) -> None:
        """Show every host a good certificate again."""
        self._shown.clear()


class _PerConnection(ssl.SSLContext):
    """A listening context that is made anew for every connection.

    OpenSSL keeps TLS 1.2 sessions in the context, without tickets too, and Python offers no way to turn that off.
    """

    _make: Callable[[], ssl.SSLContext]

    def __new__(cls, make: Callable[[], ssl.SSLContext]) -> _PerConnection:
        context = super().__new__(cls, ssl.PROTOCOL_TLS_SERVER)
        context._make = make
        return context

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Begin one connection in a context of its own."""
        return self._make().wrap_bio(incoming, outgoing, server_side, server_hostname, session)


class _Showing(ssl.SSLContext):
    """A context that shows certificates of one kind."""

    kind: Kind


def shown_on(connection: ssl.SSLObject | None) -> Kind | None:
    """Which kind of certificate a connection of this provider was shown in its handshake; None without TLS."""
    context = connection.context if connection is not None else None
    return context.kind if isinstance(context, _Showing) else None


def _bare_context(kind: Kind) -> ssl.SSLContext:
    context = _Showing(ssl.PROTOCOL_TLS_SERVER)
    context.kind = kind
    context.set_alpn_protocols(["http/1.1"])
    # A resumed session skips the certificate: a bad one would then not be felt.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    return context


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64])])


def _self_signed(name: str, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder().subject_name(_name(name)).issuer_name(_name(name)).public_key(key.public_key())
    builder = (
        builder.serial_number(x509.random_serial_number()).not_valid_before(now - 400 * _DAY).not_valid_after(now + 30 * _DAY)
    )
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())


def _leaf(
    host: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: x509.Certificate, *, expired: bool
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    first, last = (now - 20 * _DAY, now - 10 * _DAY) if expired else (now - _DAY, now + 20 * _DAY)
    try:
        alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        alternative = x509.DNSName(host)
    builder = x509.CertificateBuilder().subject_name(_name(host)).issuer_name(issuer.subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(first).not_valid_after(last)
    builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key())
    return builder.add_extension(authority_key, critical=False).sign(signer, hashes.SHA256())
