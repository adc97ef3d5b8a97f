"""The part of XHTML that a narrative may use (https://hl7.org/fhir/R4/narrative.html#xhtml).

Nothing that runs, loads or reaches out of the text: no script, event attribute, form, frame, object or
external style. What is not on the lists is refused, not repaired: the text is kept as it was written.
"""

import re
from html.entities import name2codepoint
from typing import Any
from xml.parsers import expat

EXPECTED = "a <div> of XHTML with text or an image in it, and nothing but plain formatting elements"

_XHTML = "http://www.w3.org/1999/xhtml"


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ELEMENTS = _names("""
    a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em
    h1 h2 h3 h4 h5 h6 hr i img kbd li map ol p pre q samp small span strong sub sup table tbody td tfoot th
    thead tr tt ul var
""")
_ATTRIBUTES = _names("""
    abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff class color colspan
    compact coords dir frame headers height hreflang hspace id lang name noshade nowrap rel rev rowspan rules
    scope shape span start summary tabindex title type valign value vspace width xml:lang xml:space xmlns
""")
_LINKS = frozenset({"cite", "href", "longdesc", "src", "usemap"})
_SAFE_LINK = re.compile(
    r"(https?:|mailto:|tel:|urn:|data:image/(png|gif|jpeg);|[^:]*$|[^:/?#]*[/?#])", re.IGNORECASE
)
_UNSAFE_STYLE = re.compile(
    r"expression|javascript|behaviou?r|-moz-binding|@import|url\s*\(|\\|<", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x20]")
_ENTITY = re.compile(r"&([^#;\s]+)")
_KNOWN_ENTITIES = frozenset(name2codepoint) | {"apos"}
_DECLARATION = re.compile(r"<!(?!--)|<\?")


class _NotAllowed(Exception):
    pass


def is_safe(value: Any) -> bool:
    """Tell whether the value is the XHTML of a narrative."""
    if value.__class__ is not str or _DECLARATION.search(value):
        return False
    # The parser drops entities that it does not know, which a browser would not.
    if not _KNOWN_ENTITIES.issuperset(_ENTITY.findall(value)):
        return False
    try:
        return _Reader().read(value)
    except (expat.ExpatError, _NotAllowed):
        return False


class _Reader:
    """Reads one narrative, and stops at the first thing that may not stand in it."""

    def __init__(self) -> None:
        self.depth = 0
        self.has_content = False
        self.parser = expat.ParserCreate()
        self.parser.UseForeignDTD(True)
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text
        self.parser.SkippedEntityHandler = self.entity

    def read(self, text: str) -> bool:
        self.parser.Parse(text.encode(), True)
        return self.has_content

    def start(self, name: str, attributes: dict[str, str]) -> None:
        is_root = self.depth == 0
        if name not in _ELEMENTS or (is_root and (name != "div" or attributes.get("xmlns") != _XHTML)):
            raise _NotAllowed
        for attribute, value in attributes.items():
            if not _is_allowed(attribute, value):
                raise _NotAllowed
        self.depth += 1
        self.has_content |= name == "img"

    def end(self, _name: str) -> None:
        self.depth -= 1

    def text(self, text: str) -> None:
        self.has_content = self.has_content or not text.isspace()

    def entity(self, name: str, _is_parameter: bool) -> None:
        self.has_content |= name != "nbsp"


def _is_allowed(attribute: str, value: str) -> bool:
    if attribute in _LINKS:
        return _SAFE_LINK.match(value.strip()) is not None and not _CONTROL.search(value.strip())
    if attribute == "style":
        return _UNSAFE_STYLE.search(value) is None
    return attribute in _ATTRIBUTES
