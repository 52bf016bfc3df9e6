"""The parts of an XLSX workbook that its rows lean on: sheets, date system, styles, shared strings; pure.

An XLSX file is a zip of XML. Sizes are judged by the zip's directory before anything is unpacked, and no part is
unpacked beyond what its entry says; document types and entities are refused.
"""

import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from xml.etree.ElementTree import Element, ParseError
from zlib import error as zlib_error

from defusedxml.common import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import XMLParser, fromstring  # type: ignore[import-untyped]

from dispatch.services.csv_reading import refused
from dispatch.services.xlsx_cells import Kind, kind_of
from lastmile.kernel.errors import LastmileError

MAX_ENTRIES = 2000
MAX_UNPACKED = 300 * 2**20
MAX_STRINGS = 48 * 2**20
MAX_PART = 4 * 2**20
MAX_RATIO = 150  # of the whole file; sheets of equal rows reach 60
RATIO_FROM = 16 * 2**20
BLOCK = 64 * 1024
ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")
OLE_MAGIC = b"\xd0\xcf\x11\xe0"
ENCRYPTED = 1
SAVE_AS = "Open it in your spreadsheet program, save it as XLSX or CSV, and upload that file."
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
BROKEN = (
    zipfile.BadZipFile,
    zlib_error,
    ParseError,
    DefusedXmlException,
    EOFError,
    NotImplementedError,
    UnicodeDecodeError,
    LookupError,
)


def is_workbook(head: bytes) -> bool:
    """Whether a file with this beginning is to be read as a workbook (or refused as one)."""
    return head.startswith((*ZIP_MAGIC, OLE_MAGIC))


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of rows: its name, the part that holds it, whether people see it."""

    name: str
    part: str
    hidden: bool = False


@dataclass(frozen=True)
class Package:
    """An opened workbook. `epoch_1904`: days are counted from 1904, as old Macintosh files do."""

    archive: zipfile.ZipFile
    sheets: tuple[Sheet, ...]
    epoch_1904: bool
    styles: tuple[Kind, ...]
    strings_part: str

    def sheet(self, name: str) -> Sheet:
        """The sheet of this name. Raises LastmileError where there is none."""
        found = next((sheet for sheet in self.sheets if sheet.name == name), None)
        if found is None:
            raise refused("no_such_sheet", "The workbook has no sheet of this name.", "Choose another sheet.")
        return found

    def strings(self) -> list[str]:
        """The texts that cells refer to by number."""
        if not self.strings_part:
            return []
        if self.archive.getinfo(self.strings_part).file_size > MAX_STRINGS:
            raise too_large("It holds more text than can be read at once.")
        collector = _Strings()
        for _ in parsed(self.archive, self.strings_part, collector):
            pass
        return collector.found


@contextmanager
def open_package(path: Path) -> Iterator[Package]:
    """Open a workbook. Raises LastmileError for what is none, is protected, carries macros or unpacks too large."""
    with path.open("rb") as file:
        _refuse_old(file.read(BLOCK))
    with _readable(), zipfile.ZipFile(path) as archive:
        _refuse_sizes(archive)
        yield _package(archive)


@contextmanager
def _readable() -> Iterator[None]:
    """Whatever a damaged zip or XML raises becomes one refusal."""
    try:
        yield
    except BROKEN as error:
        raise refused(
            "broken_workbook", "The file is not a readable Excel workbook (XLSX): it is damaged.", SAVE_AS
        ) from error


def too_large(cause: str) -> LastmileError:
    return refused("workbook_too_large", cause, "Copy the rows of orders into a new workbook, or split them.")


def _refuse_old(head: bytes) -> None:
    if not head.startswith(OLE_MAGIC):
        return
    if "EncryptedPackage".encode("utf-16-le") in head:
        raise refused("encrypted", "The workbook is protected by a password.", "Save it without a password.")
    raise refused("old_workbook", "The file is an old Excel workbook (XLS).", SAVE_AS)


def _refuse_sizes(archive: zipfile.ZipFile) -> None:
    """A zip of a few bytes may unpack to gigabytes: its directory says so before anything is unpacked."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise too_large(f"It is a zip of {len(entries)} files; {MAX_ENTRIES} is the limit.")
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED:
        raise too_large(f"It unpacks to {unpacked >> 20} MB; {MAX_UNPACKED >> 20} MB is the limit.")
    if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(1, packed):
        raise too_large(
            f"It unpacks to {unpacked // max(1, packed)} times its size, as no table of orders does."
        )
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise refused("encrypted", "The file is protected by a password.", "Save it without a password.")


def _package(archive: zipfile.ZipFile) -> Package:
    names = set(archive.namelist())
    _refuse_kinds(archive, names)
    workbook = next((name for name in ("xl/workbook.xml", "xl/workbook2.xml") if name in names), "")
    if not workbook:
        raise refused("not_workbook", "The file is a zip file, not an Excel workbook (XLSX).", SAVE_AS)
    root = _tree(archive, workbook)
    targets = _targets(archive, workbook, names)
    return Package(
        archive,
        _sheets(root, targets, names),
        any(local(e) == "workbookPr" and e.get("date1904") in ("1", "true", "on") for e in root),
        _styles(archive, _of_kind(targets, "styles", names)),
        _of_kind(targets, "sharedStrings", names),
    )


def _refuse_kinds(archive: zipfile.ZipFile, names: set[str]) -> None:
    if any(PurePosixPath(name).name.lower() == "vbaproject.bin" for name in names):
        raise refused("macros", "The workbook carries macros.", "Save it as XLSX without macros.")
    if "xl/workbook.bin" in names:
        raise refused("not_workbook", "The file is a binary Excel workbook (XLSB).", SAVE_AS)
    if "mimetype" in names:
        raise refused("not_workbook", "The file is an OpenDocument file (ODS).", SAVE_AS)


def _tree(archive: zipfile.ZipFile, part: str) -> Element:
    if archive.getinfo(part).file_size > MAX_PART:
        raise too_large(f"Its part {part[:60]} is larger than {MAX_PART >> 20} MB.")
    root: Element = fromstring(archive.read(part), forbid_dtd=True)
    return root


def local(element: Element) -> str:
    """An element's name without its namespace: strict and transitional files differ only there."""
    return str(element.tag).rpartition("}")[2]


def _targets(archive: zipfile.ZipFile, workbook: str, names: set[str]) -> dict[str, tuple[str, str]]:
    """Relation id -> (kind, part), as the workbook names its parts."""
    folder = PurePosixPath(workbook).parent
    relations = f"{folder}/_rels/{PurePosixPath(workbook).name}.rels"
    if relations not in names:
        return {}
    found = {}
    for element in _tree(archive, relations):
        target = element.get("Target", "")
        part = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}"
        found[element.get("Id", "")] = (element.get("Type", "").rpartition("/")[2], part)
    return found


def _of_kind(targets: dict[str, tuple[str, str]], kind: str, names: set[str]) -> str:
    return next((part for is_kind, part in targets.values() if is_kind == kind and part in names), "")


def _sheets(root: Element, targets: dict[str, tuple[str, str]], names: set[str]) -> tuple[Sheet, ...]:
    found = []
    for element in (e for e in root.iter() if local(e) == "sheet"):
        relation = next((v for key, v in element.attrib.items() if key.rpartition("}")[2] == "id"), "")
        kind, part = targets.get(relation, ("", ""))
        if kind == "worksheet" and part in names:
            hidden = element.get("state", "visible") != "visible"
            found.append(Sheet(element.get("name", "")[:31], part, hidden))
    if not found:
        raise refused("no_sheet", "The workbook has no sheet of rows.", SAVE_AS)
    return tuple(found)


def _styles(archive: zipfile.ZipFile, part: str) -> tuple[Kind, ...]:
    """What kind of number each cell style shows."""
    if not part:
        return ()
    root = _tree(archive, part)
    formats = {e.get("numFmtId"): e.get("formatCode", "") for e in root.iter() if local(e) == "numFmt"}
    styles = next((e for e in root if local(e) == "cellXfs"), None)
    found: list[Element] = list(styles) if styles is not None else []
    return tuple(kind_of(xf.get("numFmtId", "0"), formats) for xf in found)


class _Strings:
    """Collects the shared strings; hints how to pronounce them (rPh) are not part of them."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.parts: list[str] = []
        self.text = False
        self.spoken = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag.rpartition("}")[2]
        if name == "si":
            self.parts = []
        elif name == "rPh":
            self.spoken = True
        self.text = name == "t" and not self.spoken

    def data(self, text: str) -> None:
        if self.text:
            self.parts.append(text)

    def end(self, tag: str) -> None:
        name = tag.rpartition("}")[2]
        self.text = False
        if name == "rPh":
            self.spoken = False
        elif name == "si":
            self.found.append(unescaped("".join(self.parts)))

    def close(self) -> None:
        return None


def unescaped(text: str) -> str:
    """Text without the escapes (_x000D_) of characters that XML does not allow."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def parsed(archive: zipfile.ZipFile, part: str, target: Any) -> Iterator[None]:
    """Push a part through a parser into `target`; yields behind each block, so that its rows can be taken."""
    parser = XMLParser(target=target, forbid_dtd=True)
    with archive.open(part) as file:
        while block := file.read(BLOCK):
            parser.feed(block)
            yield
    parser.close()
    yield
