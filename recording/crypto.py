"""Encryption of personal values and the keyed indexes that find them again.

A sealed value is `key id (1 byte) | nonce (12) | AES-256-GCM ciphertext and tag`, bound by its additional data to one
table, column and row: a ciphertext copied to another row does not open. A blind index is HMAC-SHA-256 under a key of
its own for each purpose, so equal phone numbers and NIKs cannot be matched across columns.
"""

import hashlib
import hmac
import os
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


class CannotOpen(Exception):
    """The value was sealed for another row, under a key we do not hold, or is damaged."""


@cache
def _cipher(key_id: int) -> AESGCM:
    return AESGCM(settings.FIELD_ENCRYPTION_KEYS[key_id])


@cache
def _index_key(purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose.encode()).derive(settings.BLIND_INDEX_KEY)


def current_key_id() -> int:
    """The key that seals new values: the first of FIELD_ENCRYPTION_KEYS."""
    return next(iter(settings.FIELD_ENCRYPTION_KEYS))


def seal(value: str, *, bound_to: str) -> bytes:
    """Encrypt `value` for the one place named by `bound_to` ("table.column.row")."""
    return seal_bytes(value.encode(), bound_to=bound_to)


def seal_bytes(value: bytes, *, bound_to: str) -> bytes:
    """`seal` for what is no text, such as a piece of a file."""
    key_id, nonce = current_key_id(), os.urandom(NONCE_BYTES)
    return bytes([key_id]) + nonce + _cipher(key_id).encrypt(nonce, value, bound_to.encode())


def unseal(sealed: bytes, *, bound_to: str) -> str:
    """The text that was sealed for `bound_to`. Raises CannotOpen."""
    try:
        return unseal_bytes(sealed, bound_to=bound_to).decode()
    except UnicodeDecodeError as error:
        raise CannotOpen(bound_to.rpartition(".")[0]) from error


def unseal_bytes(sealed: bytes, *, bound_to: str) -> bytes:
    """What `seal_bytes` sealed for `bound_to`. Raises CannotOpen."""
    sealed = bytes(sealed)
    try:
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        return _cipher(sealed[0]).decrypt(nonce, ciphertext, bound_to.encode())
    except (InvalidTag, KeyError, IndexError, ValueError) as error:
        raise CannotOpen(bound_to.rpartition(".")[0]) from error


def blind_index(value: str, *, purpose: str) -> bytes:
    """32 bytes that equal values share within one `purpose` (such as "resident.nik")."""
    return hmac.new(_index_key(purpose), value.encode(), hashlib.sha256).digest()
