from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tests.tracer.report.made import BARE
from tracer.errors import KeyFault
from tracer.report.pades import signed
from tracer.report.writing import written

PASSPHRASE = "open sesame"


def key_file(folder: Path, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> tuple[Path, x509.Certificate]:
    """A PKCS #12 file of a key with a certificate that it signed itself."""
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "An invented office")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "office.p12"
    lock = BestAvailableEncryption(PASSPHRASE.encode())
    path.write_bytes(serialize_key_and_certificates(b"office", key, certificate, None, lock))
    return path, certificate


@pytest.fixture(scope="module")
def report() -> bytes:
    return written(BARE, "r.pdf", "en")


def test_the_signature_is_valid(tmp_path: Path, report: bytes) -> None:
    """A signed report is the report with a signature behind it, which pyHanko finds valid and trusted."""
    path, certificate = key_file(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    made = signed(report, path, PASSPHRASE)
    assert made.startswith(report)
    (signature,) = PdfFileReader(io.BytesIO(made)).embedded_signatures
    root = asn1.Certificate.load(certificate.public_bytes(Encoding.DER))
    status = validate_pdf_signature(signature, ValidationContext(trust_roots=[root], allow_fetching=False))
    assert status.intact
    assert status.valid
    assert status.trusted


def test_a_changed_report_is_noticed(tmp_path: Path, report: bytes) -> None:
    """One changed bit in what was signed breaks the signature."""
    path, _ = key_file(tmp_path, ec.generate_private_key(ec.SECP256R1()))
    made = bytearray(signed(report, path, PASSPHRASE))
    made[len(report) // 2] ^= 1
    (signature,) = PdfFileReader(io.BytesIO(bytes(made)), strict=False).embedded_signatures
    assert not validate_pdf_signature(signature, ValidationContext(trust_roots=[], allow_fetching=False)).intact


def test_other_keys_are_refused(tmp_path: Path, report: bytes) -> None:
    """A key that is not P-256, a wrong passphrase, a missing file: each is a clear error with what to give instead."""
    path, _ = key_file(tmp_path, rsa.generate_private_key(public_exponent=65537, key_size=2048))
    with pytest.raises(KeyFault, match="P-256"):
        signed(report, path, PASSPHRASE)
    with pytest.raises(KeyFault, match="passphrase"):
        signed(report, path, "wrong")
    with pytest.raises(KeyFault, match="no such file"):
        signed(report, tmp_path / "nothing.p12", None)
