"""Why a team can't do what is asked, in words."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from babel.lists import format_list

from api.web import labels
from api.web.language import translations
from domain.home_care import Dagdeel, Skill
from domain.matching.criteria import Criterion


class Failures:
    """Puts what a criterion found into words for one reader."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._: Callable[[str], str] = translations(language).gettext

    def of(self, failures: Iterable[Mapping[str, Any]]) -> list[str]:
        """A line for each, as `failure_json` has them."""
        return [self._line(Criterion(one["criterion"]), one["detail"]) for one in failures]

    def _line(self, criterion: Criterion, detail: Mapping[str, Any]) -> str:
        match criterion:
            case Criterion.WERKGEBIED:
                return self._("werkt niet in %(pc4)s") % {"pc4": detail["pc4"]}
            case Criterion.VAARDIGHEID:
                care = self._list(labels.SKILL_CARE[Skill(code)] for code in detail["lacking"])
                return self._("doet dit niet: %(care)s") % {"care": care}
            case Criterion.DAGDEEL:
                when = self._list(labels.DAGDEEL_WHEN[Dagdeel(code)] for code in detail["lacking"])
                return self._("komt niet %(when)s") % {"when": when}
            case _:
                return self._("vol: neemt nu geen cliënten aan")

    def _list(self, texts: Iterable[str]) -> str:
        return format_list([self._(text) for text in texts], locale=self._language)
