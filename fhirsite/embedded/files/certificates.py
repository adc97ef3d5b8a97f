"""The local certificate of an instance: self-signed, for this machine only.

It gives HTTP/2 in browsers and keeps log-ins off the wire in the clear; a browser asks once whether
to trust it. A site that others reach has a proxy or a certificate of its own in front.
"""

import datetime
import ipaddress
import os
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_LIFETIME = datetime.timedelta(days=397)  # the longest that browsers accept
RENEWED_BEFORE_EXPIRY = datetime.timedelta(days=30)
_LOOPBACK = ("127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class CertificateFiles:
    certificate: Path
    key: Path

    @property
    def expires_at(self) -> datetime.datetime:
        return x509.load_pem_x509_certificate(self.certificate.read_bytes()).not_valid_after_utc


def certificate_files(data: Path) -> CertificateFiles:
    folder = data / "certificate"
    return CertificateFiles(certificate=folder / "certificate.pem", key=folder / "key.pem")


def ensure_certificate(data: Path) -> None:
    """Make the certificate, or make it anew when it is about to expire."""
    files = certificate_files(data)
    now = datetime.datetime.now(datetime.UTC)
    if files.key.exists() and files.certificate.exists() and files.expires_at - now > RENEWED_BEFORE_EXPIRY:
        return
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(key, now)
    files.key.parent.mkdir(mode=0o700, exist_ok=True)
    _write_private(
        files.key,
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    _write_private(files.certificate, certificate.public_bytes(serialization.Encoding.PEM))


def _self_signed(key: ec.EllipticCurvePrivateKey, now: datetime.datetime) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "fhirsite on this machine")])
    names = [
        x509.DNSName("localhost"),
        *(x509.IPAddress(ipaddress.ip_address(address)) for address in _LOOPBACK),
    ]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # A clock that is set back a little must not make it invalid.
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )


def _write_private(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
        file.write(content)
    new.replace(path)
