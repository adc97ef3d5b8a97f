"""Entity tags: the version of a resource as HTTP names it.

https://hl7.org/fhir/R4/http.html#versioning and https://www.rfc-editor.org/rfc/rfc9110#name-etag
"""

import re

from patients.fhir.outcomes import InvalidRequest

# What `If-Match: *` names: whichever version is there. No version has this number.
ANY_VERSION = 0

_OF_A_VERSION = re.compile(r'(?:W/)?"([1-9][0-9]{0,17})"')
_ANY_TAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"')


def entity_tag(version_id: int, part: str = "") -> str:
    """Return the tag of a whole resource as stored, or of a part of it, which If-Match refuses."""
    return f'W/"{version_id}{part}"'


def version_in(if_match: str) -> int:
    """Return the version that an If-Match header names, or ANY_VERSION.

    :raises InvalidRequest: if it is neither `*` nor the entity tag of one version.
    """
    if if_match.strip() == "*":
        return ANY_VERSION
    found = _OF_A_VERSION.fullmatch(if_match.strip())
    if found is None:
        raise InvalidRequest('If-Match must be * or the entity tag of one version, as in W/"3".')
    return int(found[1])


def is_named(tag: str, if_none_match: str) -> bool:
    """Whether an If-None-Match header names the tag; weak and strong ones are the same here."""
    if if_none_match.strip() == "*":
        return True
    return any(_opaque(each) == _opaque(tag) for each in _ANY_TAG.findall(if_none_match))


def _opaque(tag: str) -> str:
    return tag.removeprefix("W/")
