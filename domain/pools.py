"""Pools as the registers keep them: what their places may serve, and when figures are due."""

from dataclasses import dataclass

from domain.admission import AdmissionRules
from domain.care_types import CareType
from domain.errors import InvalidInput
from domain.features import Feature
from domain.posting import PostingSchedule, posts_as_often

SHORTEST_MINUTES, LONGEST_MINUTES = 15, 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Posting:
    """When figures are due, and for how many minutes at most the provider wants them believed."""

    schedule: PostingSchedule = PostingSchedule.WORKDAYS_TWICE
    time_to_live_minutes: int | None = None

    def __post_init__(self) -> None:
        minutes = self.time_to_live_minutes
        if minutes is not None and not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
            raise InvalidInput(
                f"De houdbaarheid is {SHORTEST_MINUTES} tot en met {LONGEST_MINUTES} minuten.",
                "/time_to_live_minutes",
            )

    def is_as_tight_as(self, standing: "Posting") -> bool:
        """Whether figures are due as often as under the other one, and believed as long at most."""
        return posts_as_often(self.schedule, standing.schedule) and self._expires_by(standing)

    def check_tightens(self, standing: "Posting") -> None:
        """Raises InvalidInput unless this is as tight as what stands."""
        if not posts_as_often(self.schedule, standing.schedule):
            raise InvalidInput(
                "Zelf kunt u alleen een schema kiezen waarin u op elk moment van het huidige meldt.",
                "/posting_schedule",
            )
        if not self._expires_by(standing):
            raise InvalidInput(
                "Zelf kunt u de houdbaarheid alleen korter maken; nu is zij"
                f" {standing.time_to_live_minutes} minuten.",
                "/time_to_live_minutes",
            )

    def _expires_by(self, standing: "Posting") -> bool:
        minutes, now = self.time_to_live_minutes, standing.time_to_live_minutes
        return now is None or (minutes is not None and minutes <= now)


@dataclass(frozen=True, slots=True)
class Pool:
    """All that people fill in of a pool. Raises InvalidInput with the member's pointer.

    external_id: the provider's own code. Multifunctional beds are followed one by one, so a pool of
    them serves nothing else.
    """

    external_id: str
    name: str
    care_types: tuple[CareType, ...]
    posting: Posting = Posting()
    features: frozenset[Feature] = frozenset()
    admission_rules: AdmissionRules | None = None

    def __post_init__(self) -> None:
        if not self.care_types or len(set(self.care_types)) != len(self.care_types):
            raise InvalidInput("Noem elke zorgsoort één keer, en minstens één.", "/care_types")
        for care_type in self.care_types:
            if not care_type.has_places:
                raise InvalidInput(f"Voor {care_type} zijn er geen plaatsen.", "/care_types")
        if self.counted_by_bed and len(self.care_types) > 1:
            raise InvalidInput(
                "Multifunctionele bedden worden bed voor bed gevolgd; zij delen geen plaatsen met"
                " een andere zorgsoort.",
                "/care_types",
            )

    @property
    def counted_by_bed(self) -> bool:
        """Whether its figures come from its beds."""
        return any(care_type.counted_by_bed for care_type in self.care_types)
