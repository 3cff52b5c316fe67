"""RFC 3161 requests: a timestamping authority signs the digest of a head, and so its time."""

from __future__ import annotations

from tracer.errors import MissingExtra


def request_for(data: bytes) -> bytes:
    """A request (DER) with the SHA-256 of `data`, to be sent to any authority; nothing is sent from here.

    The answer is checked by `openssl ts -verify -data HEAD -in ANSWER.tsr -CAfile CA.pem`.

    Raises:
        MissingExtra: the package rfc3161-client is not installed.
    """
    try:
        from rfc3161_client import HashAlgorithm, TimestampRequestBuilder  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise MissingExtra(
            "timestamps need the package rfc3161-client", hint="pip install 'luobo[timestamp]'"
        ) from None
    return TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()
