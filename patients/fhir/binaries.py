"""Content that is not FHIR's: a Binary, and the data of attachments. https://hl7.org/fhir/R4/binary.html"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from patients.fhir import exact_json
from patients.fhir.outcomes import TooLarge, UnsupportedMediaType
from patients.fhir.resource import Resource, from_value

ANY_CONTENT = "application/octet-stream"

_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]+"
_MEDIA_TYPE = re.compile(rf'{_NAME}/{_NAME}( ?; ?{_NAME}=({_NAME}|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))*')
_LONGEST_MEDIA_TYPE = 255
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/]+")

# What a file is called. Of types that a program might run when they are opened, none is here.
_EXTENSIONS = {
    "application/dicom": "dcm",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/rtf": "rtf",
    "application/zip": "zip",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "image/bmp": "bmp",
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/tiff": "tiff",
    "image/webp": "webp",
    "text/csv": "csv",
    "text/plain": "txt",
    "video/mp4": "mp4",
}


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes of a type; `security_context` is the reference by which access is decided."""

    content_type: str
    data: bytes
    security_context: str | None = None

    @property
    def media_type(self) -> str:
        """The type as a header can say it: what is not one is a sequence of bytes."""
        return self.content_type if is_media_type(self.content_type) else ANY_CONTENT

    @property
    def extension(self) -> str:
        return _EXTENSIONS.get(self.media_type.partition(";")[0].strip().lower(), "bin")


def is_media_type(text: str) -> bool:
    """Whether the text is a media type. https://www.rfc-editor.org/rfc/rfc9110#name-media-type"""
    return len(text) <= _LONGEST_MEDIA_TYPE and _MEDIA_TYPE.fullmatch(text) is not None


def binary_of(content: Content, *, id: str | None) -> Resource:
    """Return the Binary that holds the content.

    :raises UnsupportedMediaType: if its type is none.
    """
    if not is_media_type(content.content_type):
        raise UnsupportedMediaType("Content-Type must say what the content is, as in application/pdf.")
    value: dict[str, Any] = {"resourceType": "Binary"}
    if id is not None:
        value["id"] = id
    value["contentType"] = content.content_type
    if content.security_context is not None:
        value["securityContext"] = {"reference": content.security_context}
    value["data"] = base64.b64encode(content.data).decode()
    return from_value(value)


def content_of(text: str) -> Content:
    """Return the content of a Binary, from its text as it is stored."""
    value = {each.name: each.value for each in exact_json.members(text)}
    context = value.get("securityContext", {}).get("reference")
    # Instead of a type there may be an extension that says why there is none.
    return Content(value.get("contentType", ANY_CONTENT), binascii.a2b_base64(value.get("data", "")), context)


def require_short(value: Any, path: str, *, longest: int) -> None:
    """Refuse data that are too long, wherever in the value.

    :raises TooLarge: if some are, with the element named.
    """
    for place, length in _data(value, path):
        if length > longest:
            raise TooLarge(
                f"{place} has {length} bytes; content may have at most {longest} here.", expression=(place,)
            )


def _data(value: Any, path: str) -> Iterator[tuple[str, int]]:
    """Yield the place of each base64 text, and how many bytes it stands for."""
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from _data(each, f"{path}[{at}]")
    elif isinstance(value, dict):
        for name, item in value.items():
            if isinstance(item, dict | list):
                yield from _data(item, f"{path}.{name}")
            elif isinstance(item, str) and _is_base64(name, value):
                yield f"{path}.{name}", len(_NO_BASE64.sub("", item)) * 3 // 4


def _is_base64(name: str, holder: dict[str, Any]) -> bool:
    # A SampledData has data too: numbers, in a text.
    return name == "valueBase64Binary" or (name == "data" and "dimensions" not in holder)
