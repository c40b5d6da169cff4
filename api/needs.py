"""What somebody needs, as calls take it: the questions of the intake."""

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field

from api.acts import Telephone, Text
from api.rest.reports import Moment
from api.writes import Input
from domain.cases import TextKind
from domain.errors import InvalidInput
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
from domain.matching.wishes import MOST_ORGANISATIONS, MOST_PC4S, Wishes
from domain.needs import Behaviour, Infection, LegalStatus, Need, Setting, Sex, Urgency

Pc4 = Annotated[str, Field(pattern="^[1-9][0-9]{3}$", examples=["2725"])]


class NeedInput(Input):
    """What is known of a need without a word of text; what nobody could tell is left out."""

    birth_year: Annotated[int, Field(strict=True, ge=1880, le=2200)]
    sex: Sex
    pc4: Annotated[Pc4, Field(description="Of the home.")]
    setting: Annotated[Setting, Field(description="Where somebody is now.")]
    since: Moment | None = None
    needed_by: Moment | None = None
    infection: Infection = Infection.ONBEKEND
    behaviour: Behaviour = Behaviour.ONBEKEND
    features: Annotated[
        tuple[Feature, ...],
        Field(
            max_length=len(Feature),
            description="What a place must offer, besides what follows from the rest.",
        ),
    ] = ()
    skills: Annotated[
        tuple[Skill, ...], Field(max_length=len(Skill), description="For wijkverpleging.")
    ] = ()
    dagdelen: Annotated[
        tuple[Dagdeel, ...], Field(max_length=len(Dagdeel), description="For wijkverpleging.")
    ] = ()
    legal_status: LegalStatus = LegalStatus.VRIJWILLIG

    def need(self) -> Need:
        """As the domain has it. Raises InvalidInput."""
        return Need(
            birth_year=self.birth_year,
            sex=self.sex,
            pc4=self.pc4,
            setting=self.setting,
            since=self.since,
            needed_by=self.needed_by,
            infection=self.infection,
            behaviour=self.behaviour,
            features=frozenset(self.features),
            skills=frozenset(self.skills),
            dagdelen=frozenset(self.dagdelen),
            legal_status=self.legal_status,
        )


class WishesInput(Input):
    """What somebody would rather have: preferred in a match, never a condition."""

    partner_pc4: Annotated[
        Pc4 | None, Field(description="Of the partner: as near to there is as good.")
    ] = None
    gemeente: Annotated[
        str | None,
        Field(pattern="^[0-9]{4}$", description="By its CBS code.", examples=["0637"]),
    ] = None
    pc4s: Annotated[
        tuple[Pc4, ...],
        Field(max_length=MOST_PC4S, description="The wijk; by default that of the home."),
    ] = ()
    known_to: Annotated[
        tuple[UUID, ...],
        Field(max_length=MOST_ORGANISATIONS, description="Organisations that know this person."),
    ] = ()

    def wishes(self) -> Wishes:
        """As the domain has them. Raises InvalidInput."""
        try:
            return Wishes(
                self.partner_pc4, self.gemeente, frozenset(self.pc4s), frozenset(self.known_to)
            )
        except InvalidInput as problem:
            raise InvalidInput(problem.detail, f"/wishes{problem.pointer}") from None


class NeedsInput(NeedInput):
    """A need with its urgency and what was told about it. Texts and wishes left out stay as they were."""

    urgency: Urgency
    what_happened: Text | None = None
    help_needed: Text | None = None
    remark: Text | None = None
    callback: Annotated[
        Telephone | None, Field(description="The telephone number to call back.")
    ] = None
    wishes: WishesInput | None = None

    def wished(self) -> Wishes | None:
        """What was wished for; None: nothing was told. Raises InvalidInput."""
        return None if self.wishes is None else self.wishes.wishes()

    def texts(self) -> Mapping[TextKind, str]:
        """What was typed."""
        told = {
            TextKind.WHAT_HAPPENED: self.what_happened,
            TextKind.HELP_NEEDED: self.help_needed,
            TextKind.REMARK: self.remark,
            TextKind.CALLBACK: self.callback,
        }
        return {kind: text for kind, text in told.items() if text is not None}
