"""A signature inside the PDF: PAdES baseline B with ECDSA on P-256, which every reader of PDF can check.

Ed25519, by which the journal is signed, is not known to common readers of PDF; so this is a key of its own, in a
PKCS #12 file with its certificate (ETSI EN 319 142-1).
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization.pkcs12 import load_key_and_certificates

from tracer.errors import KeyFault, MissingExtra

FIELD: Final = "luobo"
_HINT: Final = "give a PKCS #12 file of a P-256 key with its certificate, and its passphrase by --passphrase-file"


def signed(pdf: bytes, key: Path, passphrase: str | None) -> bytes:
    """The PDF with a signature appended; what stood there before stays, byte for byte.

    Args:
        pdf: the report.
        key: PKCS #12 file.
        passphrase: that opens it.

    Raises:
        KeyFault: the file is missing or locked, or holds no P-256 key with its certificate.
        MissingExtra: the extra `sign` is not installed.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter  # noqa: PLC0415 - 50 MB for one option
        from pyhanko.sign import PdfSignatureMetadata, SimpleSigner, sign_pdf  # noqa: PLC0415
        from pyhanko.sign.fields import SigSeedSubFilter  # noqa: PLC0415
    except ModuleNotFoundError:
        raise MissingExtra("a PDF cannot be signed here", hint="pip install 'luobo[sign]'") from None
    secret = None if passphrase is None else passphrase.encode()
    _require_p256(key, secret)
    signer = SimpleSigner.load_pkcs12(str(key), passphrase=secret)  # type: ignore[no-untyped-call]
    assert signer is not None  # noqa: S101 - the key was read just now
    facts = PdfSignatureMetadata(field_name=FIELD, md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), facts, signer=signer, output=out)
    return out.getvalue()


def _require_p256(path: Path, secret: bytes | None) -> None:
    try:
        key, certificate, _ = load_key_and_certificates(path.read_bytes(), secret)
    except FileNotFoundError:
        raise KeyFault(f"{path}: no such file", hint=_HINT) from None
    except OSError as fault:
        raise KeyFault(f"{path}: cannot be read ({fault.strerror})", hint="check its permissions") from None
    except ValueError:
        raise KeyFault(f"{path}: is no PKCS #12 file, or the passphrase is wrong", hint=_HINT, locked=True) from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1) or certificate is None:
        raise KeyFault(f"{path}: holds no P-256 key with its certificate", hint=_HINT)
