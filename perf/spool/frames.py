"""How the entries of a spool lie in a file.

A segment begins with its header: which chain it is of, the number of its first entry, and the code of the
entry before that. Each entry is its length, a CRC-32, its code and its payload. The code is an HMAC of the
code before and of the payload: who has the key sees an entry that is changed, left out or put in.
"""

import hmac
import struct
import zlib
from dataclasses import dataclass

_MAGIC = b"SPOOL 1\n"
_HEADER = struct.Struct("<8s16sQ32s")
_FRAME = struct.Struct("<II")
CODE_BYTES = 32
HEADER_BYTES = _HEADER.size


@dataclass(frozen=True, slots=True)
class Header:
    """What a segment goes on from."""

    chain: bytes
    first_number: int
    previous_code: bytes

    def encode(self) -> bytes:
        return _HEADER.pack(_MAGIC, self.chain, self.first_number, self.previous_code)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a chain; the first has the number 1."""

    number: int
    code: bytes
    payload: bytes


def first_code(key: bytes, chain: bytes) -> bytes:
    """What the first entry of a chain follows."""
    return hmac.digest(key, chain, "sha256")


def code_after(key: bytes, previous: bytes, payload: bytes) -> bytes:
    """The code of an entry that follows the one of the code `previous`."""
    return hmac.digest(key, previous + payload, "sha256")


def encode(code: bytes, payload: bytes) -> bytes:
    body = code + payload
    return _FRAME.pack(len(body), zlib.crc32(body)) + body


def decode_header(data: bytes) -> Header | None:
    """None if it is no header."""
    if len(data) < HEADER_BYTES:
        return None
    magic, chain, first_number, previous_code = _HEADER.unpack_from(data)
    return Header(chain, first_number, previous_code) if magic == _MAGIC else None


def decode(data: bytes, first_number: int) -> tuple[list[Entry], int]:
    """Return the whole entries behind the header, and where the last one ends."""
    entries: list[Entry] = []
    at, number = HEADER_BYTES, first_number
    while at + _FRAME.size <= len(data):
        length, checksum = _FRAME.unpack_from(data, at)
        body = data[at + _FRAME.size : at + _FRAME.size + length]
        if length < CODE_BYTES or len(body) < length or zlib.crc32(body) != checksum:
            break
        at += _FRAME.size + length
        entries.append(Entry(number, body[:CODE_BYTES], body[CODE_BYTES:]))
        number += 1
    return entries, at
