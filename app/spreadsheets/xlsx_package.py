"""The zip around an XLSX file and the XML in it, read within bounds whatever the file claims about itself."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from xml.parsers import expat

from domain.errors import BadSpreadsheet

#: Bytes, unpacked, of everything that is read; also of what the file says to hold.
LARGEST_UNPACKED = 32 * 1024 * 1024
_MOST_ENTRIES = 1000
#: Times that an entry may grow; a sheet of nothing but the same row stays under 50.
_STEEPEST = 200
#: Bytes under which an entry may grow as it likes.
_SMALL = 128 * 1024
#: XML elements of everything that is read; 5,000 rows of 64 cells take 650,000.
_MOST_ELEMENTS = 1_000_000
_DEEPEST = 64
#: Bytes that are unpacked and parsed at a time, and the longest tag. Expat begins a tag anew with each
#: part of it, so a tag of many parts takes time squared, and its attributes fill the memory.
_PART = 64 * 1024

_ENTRY_SIGN = b"PK\x01\x02"
_ENCRYPTED = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
#: All that zipfile raises over bytes that aren't what they should be.
_TORN = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    RuntimeError,
    ValueError,
    LookupError,
    OverflowError,
)

#: The namespaces of a workbook's own elements, as Excel writes them and in the strict variant.
_MAIN = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main ",
    "http://purl.oclc.org/ooxml/spreadsheetml/main ",
)

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]
Text = Callable[[str], None]


def damaged() -> BadSpreadsheet:
    """The refusal of a file that isn't what an XLSX file should be."""
    return BadSpreadsheet(
        "Dit .xlsx-bestand is beschadigd of niet volledig. Open het in Excel en sla het opnieuw op."
    )


def too_large() -> BadSpreadsheet:
    """The refusal of a file that unpacks to more than can be read."""
    return BadSpreadsheet(
        "Dit .xlsx-bestand is uitgepakt te groot. Kopieer alleen de tabel naar een nieuw bestand."
    )


class Package:
    """The entries of an XLSX file by name, in small letters. Every method raises BadSpreadsheet."""

    def __init__(self, content: bytes) -> None:
        # Each entry has its sign, so this bounds them before any list of them is made.
        if content.count(_ENTRY_SIGN) > _MOST_ENTRIES:
            raise too_large()
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
        except _TORN:
            raise damaged() from None
        self._entries = {entry.filename.lower(): entry for entry in self._zip.infolist()}
        self._unpacked = 0
        self._elements = 0
        self._check()

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def under(self, folder: str) -> bool:
        """Whether anything is in this folder."""
        return any(name.startswith(folder) for name in self._entries)

    def start_of(self, name: str, size: int) -> bytes:
        """The first bytes of an entry; none when it isn't there."""
        return b"".join(self._parts(name))[:size] if name in self else b""

    def parse(
        self, name: str, start: Start, end: End | None = None, text: Text | None = None
    ) -> Iterator[None]:
        """Parses an entry part by part, pausing after each, and calls back for every element.

        Elements of a workbook go by their bare name, others by namespace, space and name.
        """
        parser = expat.ParserCreate(encoding="utf-8", namespace_separator=" ")
        parser.buffer_text = True
        depth = 0

        def on_start(qualified: str, attributes: dict[str, str]) -> None:
            nonlocal depth
            depth += 1
            self._elements += 1
            if self._elements > _MOST_ELEMENTS or depth > _DEEPEST:
                raise too_large()
            start(_bare(qualified), attributes)

        def on_end(qualified: str) -> None:
            nonlocal depth
            depth -= 1
            if end:
                end(_bare(qualified))

        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = on_start
        parser.EndElementHandler = on_end
        if text:
            parser.CharacterDataHandler = text
        try:
            fed = 0
            for part in self._parts(name):
                parser.Parse(part, False)
                fed += len(part)
                if fed - parser.CurrentByteIndex > _PART:
                    raise too_large()
                yield
            parser.Parse(b"", True)
            yield
        except expat.ExpatError:
            raise damaged() from None

    def parse_all(
        self, name: str, start: Start, end: End | None = None, text: Text | None = None
    ) -> None:
        """Parses an entry to its end."""
        for _ in self.parse(name, start, end, text):
            pass

    def _check(self) -> None:
        entries = self._zip.infolist()
        if len(self._entries) != len(entries):
            raise damaged()
        if any(entry.flag_bits & _ENCRYPTED for entry in entries):
            raise BadSpreadsheet("Het bestand heeft een wachtwoord. Haal het eraf.")
        if any(entry.compress_type not in _PACKINGS for entry in entries):
            raise damaged()
        if sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
            raise too_large()
        for entry in entries:
            if entry.file_size > max(_SMALL, entry.compress_size * _STEEPEST):
                raise too_large()

    def _parts(self, name: str) -> Iterator[bytes]:
        entry = self._entries.get(name.lower())
        if entry is None:
            raise damaged()
        try:
            # A header that names too small a size ends here too: the checksum is not that of the start.
            with self._zip.open(entry) as file:
                while part := file.read(_PART):
                    self._unpacked += len(part)
                    if self._unpacked > LARGEST_UNPACKED:
                        raise too_large()
                    yield part
        except _TORN:
            raise damaged() from None


def _bare(qualified: str) -> str:
    for namespace in _MAIN:
        if qualified.startswith(namespace):
            return qualified[len(namespace) :]
    return qualified


def _refuse_doctype(*_: object) -> None:
    raise BadSpreadsheet(
        "In dit .xlsx-bestand staan XML-definities (DOCTYPE), die we om veiligheid weigeren."
    )
