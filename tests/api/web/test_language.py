"""Every text of a page stands in the catalogue, and the catalogue says it in English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import api.web
import app
import domain
from api.problems import TEXTS
from api.web.language import LOCALES, translations
from app.word.texts import ALERT_TEXTS, HANDOVER_TEXTS, KIND_TEXTS, STEP_TEXTS
from domain import errors
from domain.care_types import LABELS
from domain.features import FEATURE_LABELS
from domain.home_care import REASON_LABELS, SKILL_LABELS
from domain.notices import KIND_LABELS
from domain.sending import TROUBLE_LABELS

PAGES = Path(api.web.__file__).parent
REFUSING = (Path(domain.__file__).parent, Path(app.__file__).parent, PAGES)
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "marked": None}
OPTIONS = {"templates/**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}}


def extracted() -> dict[str, str | None]:
    """Each text of the pages, with its plural."""
    found: dict[str, str | None] = {}
    for _, _, text, *_ in extract_from_dir(
        PAGES, method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS
    ):
        if isinstance(text, tuple):
            found[text[0]] = text[1]
        else:
            found.setdefault(text, None)
    return found


def of_tables() -> Iterator[str]:
    """Texts that pages show and that are written elsewhere."""
    for table in (LABELS, FEATURE_LABELS, SKILL_LABELS, REASON_LABELS):
        yield from table.values()
    for told in (STEP_TEXTS, ALERT_TEXTS, HANDOVER_TEXTS, KIND_TEXTS, KIND_LABELS, TROUBLE_LABELS):
        yield from told.values()
    for text in TEXTS.values():
        yield text.title
        yield text.detail
    yield from of_refusals()


def of_refusals() -> Iterator[str]:
    """What is said with an expected failure, as far as no figure is filled in."""
    kinds = {
        name
        for name, kind in vars(errors).items()
        if isinstance(kind, type) and issubclass(kind, errors.Problem)
    }
    for path in (path for folder in REFUSING for path in folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in kinds:
                said = [each.value for each in node.args if isinstance(each, ast.Constant)]
                yield from (text for text in said if isinstance(text, str) and " " in text)


def test_every_text_is_translated() -> None:
    with (LOCALES / "en.po").open("rb") as file:
        catalogue = read_po(file, locale="en")
    missing = []
    for text, plural in extracted().items():
        message = catalogue.get(text)
        said = message.string if message is not None and not message.fuzzy else None
        if not said or (plural is not None and (not isinstance(said, tuple) or not all(said))):
            missing.append(text)
    missing += [text for text in of_tables() if not catalogue.get(text)]
    assert missing == []


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    known = extracted().keys() | set(of_tables())
    with (LOCALES / "en.po").open("rb") as file:
        ids = [m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file) if m.id]
    assert [text for text in ids if text not in known] == []


def test_a_translation_names_what_the_text_names() -> None:
    with (LOCALES / "en.po").open("rb") as file:
        for message in read_po(file):
            dutch = [message.id] if isinstance(message.id, str) else list(message.id)
            english = [message.string] if isinstance(message.string, str) else message.string
            for said in english or ():
                assert _names(said) == _names(dutch[-1]), dutch


def test_only_a_templates_own_texts_are_taken_for_html() -> None:
    """`_` neither escapes nor leaves a % alone: what was told elsewhere goes through `said`."""
    own = re.compile(r"""[^\w]_\((?!['"]|labels\.|words\.|WORDS\.)[^)]*""")
    found = {
        f"{path.name}: {match[0]}"
        for path in (PAGES / "templates").iterdir()
        for match in own.finditer(path.read_text("utf-8"))
    }
    assert found == set()


def test_what_no_catalogue_has_is_said_in_dutch() -> None:
    assert translations("en").gettext("dit staat nergens") == "dit staat nergens"
    assert translations("nl").gettext("Bord") == "Bord"
    assert translations("en").gettext("Inloggen") != "Inloggen"


def _names(text: str) -> set[str]:
    """What is filled in, whether as %(name)s or as {name}."""
    named = {part.split(")", 1)[0] for part in text.split("%(")[1:]}
    return named | {name for _, name, _, _ in Formatter().parse(text) if name}
