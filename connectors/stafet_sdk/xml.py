"""Reading XML from outside: a parser that cannot be talked into anything, and canonicalisation.

Refused before the parser sees it: any encoding but UTF-8, and every `<!` that opens neither a comment nor
CDATA, so DOCTYPE, ENTITY and the like cannot occur (nor can their text in a comment or CDATA). After it:
trees that are too deep. Nothing is fetched, no entity is resolved.
Sources: XML 1.0, Exclusive XML Canonicalization 1.0, OWASP on XML external entities.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from lxml import etree

from stafet_sdk.errors import InboundRefused

Element: TypeAlias = etree._Element  # noqa: SLF001 # pyright: ignore[reportPrivateUsage] - lxml's only name for it

Content: TypeAlias = str | Element | Mapping[str, "Content"] | tuple["Content", ...]

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 48

_DECLARATION: Final = re.compile(rb"\A<\?xml\s[^>]*?\?>")
_ENCODING: Final = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)[\"']")
_MARKUP_DECLARATION: Final = re.compile(rb"<!(?!--|\[CDATA\[)")
_ILLEGAL: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(raw: bytes, *, max_bytes: int = MAX_BYTES, max_depth: int = MAX_DEPTH) -> Element:
    """Parse `raw` (UTF-8) to its root element, without comments; at most `max_bytes` and `max_depth` levels.

    Raises:
        InboundRefused: `too_large` (413), `doctype`, or `malformed` with the line, never with content.
    """
    if len(raw) > max_bytes:
        raise InboundRefused("too_large", f"more than {max_bytes} bytes", status=413)
    _refuse_by_bytes(raw)
    try:
        root = etree.fromstring(raw, parser=_parser())
    except etree.XMLSyntaxError as error:
        line = error.lineno or 0
        raise InboundRefused("malformed", f"not well-formed XML, line {line}") from None
    _refuse_depth(root, max_depth)
    return root


def canonical(element: Element) -> bytes:
    """Exclusive canonical form (without comments) of `element` and what is in it."""
    return etree.tostring(element, method="c14n", exclusive=True, with_comments=False)


def grow(namespace: str, name: str, content: Content) -> Element:
    """Build `name` of `namespace`: from text, from an element to hold, or from children by name.

    A tuple as a child's content repeats the child. Characters that XML cannot carry become U+FFFD.
    """
    element = etree.Element(f"{{{namespace}}}{name}", nsmap={"m": namespace})
    if isinstance(content, str):
        element.text = printable(content)
    elif isinstance(content, Mapping):
        for child, inner in content.items():
            for each in inner if isinstance(inner, tuple) else (inner,):
                element.append(grow(namespace, child, each))
    elif isinstance(content, tuple):
        raise TypeError("only a child can be repeated")
    else:
        element.append(content)
    return element


def printable(text: str) -> str:
    """Replace the characters that XML 1.0 cannot carry by U+FFFD."""
    return _ILLEGAL.sub("\ufffd", text)


def local_name(element: Element) -> str:
    """Name of `element` without its namespace."""
    return etree.QName(element).localname


def text_of(parent: Element, *path: str) -> str:
    """Text of the descendant at `path` (qualified tags), "" where it is absent or empty."""
    found = parent.find("/".join(path))
    return "" if found is None or found.text is None else found.text


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", no_network=True, load_dtd=False, dtd_validation=False, resolve_entities=False,
        huge_tree=False, remove_comments=True, remove_pis=False, recover=False,
    )  # fmt: skip


def _refuse_by_bytes(raw: bytes) -> None:
    text = raw.removeprefix(b"\xef\xbb\xbf")
    declaration = _DECLARATION.match(text)
    if declaration is not None:
        encoding = _ENCODING.search(declaration.group())
        if encoding is not None and encoding.group(1).lower() not in (b"utf-8", b"us-ascii"):
            raise InboundRefused("malformed", "the encoding must be UTF-8")
        text = text[declaration.end() :]
    if b"\0" in text:
        raise InboundRefused("malformed", "the encoding must be UTF-8")
    if _MARKUP_DECLARATION.search(text):
        raise InboundRefused("doctype", "a document type or entity declaration is not allowed")
    if b"<?" in text:
        raise InboundRefused("malformed", "a processing instruction is not allowed")


def _refuse_depth(root: Element, max_depth: int) -> None:
    if _deeper_than(max_depth)(root):
        raise InboundRefused("malformed", f"more than {max_depth} levels deep")


@lru_cache(maxsize=8)
def _deeper_than(levels: int) -> etree.XPath:
    """Ask libxml2 itself: a walk in Python costs as much as the parser."""
    return etree.XPath(f"boolean({'/*' * (levels + 1)})")
