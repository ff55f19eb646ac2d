"""The trigger file, which says that the file beside it is whole; in the shape of Serviceplatformen's SFTP.

`placements.csv.trigger.xml` follows `placements.csv`. Names of files are checked here, because they come
from outside and go back into paths. The root element has a namespace, what is in it has none.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from lxml import etree

from stafet_sdk.errors import InboundRefused
from stafet_sdk.xml import Element, local_name, parse, printable

NAMESPACE: Final = "http://serviceplatformen.dk/xml/wsdl/soap11/SFTP/1/types"
SUFFIX: Final = ".trigger.xml"
MAX_BYTES: Final = 64 * 1024
LONGEST_NAME: Final = 120
"""In bytes; leaves room for suffixes within the 255 that file systems take."""

# Nothing that a path, a shell, a terminal or a spreadsheet reads anything into.
_NAME: Final = re.compile(r"[^\W_][\w.()+ -]*")
_DIGITS: Final = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Routing:
    """`SFTPDynamicRoutingInfo`: which systems and authorities exchange the file, in which transaction."""

    transaction: str = ""
    sent_at: datetime | None = None
    sender_authority: str = ""
    sender_system: str = ""
    recipient_authority: str = ""
    recipient_system: str = ""
    interface: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Trigger:
    """What a trigger file says: the file's name and size in bytes, who sent it, under which id, to whom.

    `transfer` is the transport's own id of the file (`FileTransferUUID`), where there is one.
    """

    file_name: str
    size: int
    sender: str
    file_id: str
    recipients: tuple[str, ...] = ()
    routing: Routing | None = None
    transfer: str = ""


def is_file_name(name: str) -> bool:
    """Say whether a name is harmless: letters, digits and ` . _ ( ) + -`, no path, not hidden, not long."""
    return _NAME.fullmatch(name) is not None and len(name.encode()) <= LONGEST_NAME and not name.endswith(" ")


def build_trigger(trigger: Trigger) -> bytes:
    """Write a trigger file.

    Raises:
        ValueError: the file's name is none that `is_file_name` lets pass.
    """
    if not is_file_name(trigger.file_name):
        raise ValueError("not a file name")
    root = root_of("Trigger")
    if trigger.transfer:
        add(root, "FileTransferUUID", trigger.transfer)
    descriptor = add(root, "FileDescriptor")
    add(descriptor, "FileName", trigger.file_name)
    add(descriptor, "SizeInBytes", str(trigger.size))
    add(descriptor, "Sender", trigger.sender)
    add(descriptor, "SendersFileId", trigger.file_id)
    for recipient in trigger.recipients:
        add(descriptor, "Recipients", recipient)
    if trigger.routing is not None:
        _add_routing(add(root, "FileContentDescriptor"), trigger.routing)
    return written(root)


def read_trigger(raw: bytes) -> Trigger:
    """Read a trigger file, hostile or not; what is not known in it is passed over.

    Raises:
        InboundRefused: `trigger` names the fields that are missing or malformed; else as `parse`.
    """
    root = root_in(raw, "Trigger", "FileMetadata")
    descriptor, routing = child(root, "FileDescriptor"), child(root, "FileContentDescriptor")
    name, size = text(descriptor, "FileName"), text(descriptor, "SizeInBytes")
    wrong = [] if is_file_name(name) else ["FileName"]
    if _DIGITS.fullmatch(size) is None:
        wrong.append("SizeInBytes")
    if wrong:
        raise InboundRefused("trigger", f"missing or malformed: {', '.join(wrong)}", fields=wrong)
    return Trigger(
        file_name=name,
        size=int(size),
        sender=text(descriptor, "Sender"),
        file_id=text(descriptor, "SendersFileId"),
        recipients=tuple(texts(descriptor, "Recipients")),
        routing=_routing(child(routing, "SFTPDynamicRoutingInfo")),
        transfer=text(root, "FileTransferUUID"),
    )


def root_of(name: str) -> Element:
    """Begin a document of the namespace."""
    return etree.Element(f"{{{NAMESPACE}}}{name}", nsmap={"sftp": NAMESPACE})


def root_in(raw: bytes, *names: str) -> Element:
    """Parse a document of the namespace whose root is one of `names`.

    Raises:
        InboundRefused: `malformed`, `doctype` or `too_large`.
    """
    root = parse(raw, max_bytes=MAX_BYTES, max_depth=12)
    if local_name(root) not in names or etree.QName(root).namespace not in (NAMESPACE, None):
        raise InboundRefused("malformed", f"the root element is not {' or '.join(names)}")
    return root


def written(root: Element) -> bytes:
    """Serialise a document as UTF-8."""
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def add(parent: Element, name: str, content: str = "") -> Element:
    """Append a child without a namespace; returns it."""
    element = etree.SubElement(parent, name)
    if content:
        element.text = printable(content)
    return element


def child(parent: Element | None, name: str) -> Element | None:
    """Find the first child of a local name; of nothing there is none."""
    found = () if parent is None else parent.iterchildren("{*}" + name)
    return next(iter(found), None)


def text(parent: Element | None, name: str) -> str:
    """Read the first child of a local name, "" where there is none."""
    found = child(parent, name)
    return "" if found is None or found.text is None else found.text.strip()


def texts(parent: Element | None, name: str) -> list[str]:
    """Read all children of a local name that are not empty."""
    found = () if parent is None else parent.iterchildren("{*}" + name)
    return [each.text.strip() for each in found if each.text is not None]


def _add_routing(parent: Element, routing: Routing) -> None:
    info = add(parent, "SFTPDynamicRoutingInfo")
    sent_at = "" if routing.sent_at is None else routing.sent_at.isoformat()
    for name, value in (
        ("InfRef", routing.interface),
        ("SenderIt-system", routing.sender_system),
        ("SenderAuthority", routing.sender_authority),
        ("TransactionId", routing.transaction),
        ("SenderTimestamp", sent_at),
        ("RecipientIt-system", routing.recipient_system),
        ("RecipientAuthority", routing.recipient_authority),
    ):
        if value:
            add(info, name, value)
    if routing.parameters:
        parameters = add(info, "RouteParameterList")
        for key, value in routing.parameters.items():
            parameter = add(parameters, "RouteParameter")
            add(parameter, "Key", key)
            add(parameter, "Value", value)


def _routing(info: Element | None) -> Routing | None:
    if info is None:
        return None
    listed = child(info, "RouteParameterList")
    parameters = () if listed is None else listed.iterchildren("{*}RouteParameter")
    return Routing(
        transaction=text(info, "TransactionId"),
        sent_at=_moment(text(info, "SenderTimestamp")),
        sender_authority=text(info, "SenderAuthority"),
        sender_system=text(info, "SenderIt-system"),
        recipient_authority=text(info, "RecipientAuthority"),
        recipient_system=text(info, "RecipientIt-system"),
        interface=text(info, "InfRef"),
        parameters={text(each, "Key"): text(each, "Value") for each in parameters},
    )


def _moment(said: str) -> datetime | None:
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        return None
