"""The language of a page: Dutch, which is what the texts are written in, or English from its catalogue."""

from functools import cache
from gettext import NullTranslations
from pathlib import Path

from babel.messages.pofile import read_po
from starlette.requests import Request

LOCALES = Path(__file__).parent / "locales"
DUTCH = "nl"
#: Every language there is, by its own name.
LANGUAGES = {DUTCH: "Nederlands", "en": "English"}
COOKIE = "vt_taal"


class _Catalogue(NullTranslations):
    def __init__(self, texts: dict[str, str], plurals: dict[str, tuple[str, ...]]) -> None:
        super().__init__()
        self._texts = texts
        self._plurals = plurals

    def gettext(self, message: str) -> str:
        return self._texts.get(message, message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        forms = self._plurals.get(msgid1, (msgid1, msgid2))
        return forms[0] if n == 1 else forms[-1]


@cache
def translations(language: str) -> NullTranslations:
    """The texts of a language. A text is looked up by its Dutch; one that is missing stays Dutch."""
    if language == DUTCH:
        return _Catalogue({}, {})
    with (LOCALES / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language)
    texts: dict[str, str] = {}
    plurals: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        said = message.string
        if isinstance(message.id, str):
            if message.id and isinstance(said, str) and said:
                texts[message.id] = said
        elif isinstance(said, tuple) and all(said):
            plurals[message.id[0]] = said
    return _Catalogue(texts, plurals)


def language_of(request: Request) -> str:
    """The language that this reader chose."""
    chosen = request.state.cookies.get(COOKIE, DUTCH)
    return chosen if chosen in LANGUAGES else DUTCH


def marked(text: str) -> str:
    """Marks a text for the catalogue where it can't be looked up yet."""
    return text
