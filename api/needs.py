"""What somebody needs, as calls take it: the questions of the intake."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from api.acts import Telephone, Text
from api.rest.reports import Moment
from api.writes import Input
from domain.cases import TextKind
from domain.features import Feature
from domain.home_care import Dagdeel, Skill
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


class NeedsInput(NeedInput):
    """A need with its urgency and what was told about it. A text that is left out stays as it was."""

    urgency: Urgency
    what_happened: Text | None = None
    help_needed: Text | None = None
    remark: Text | None = None
    callback: Annotated[
        Telephone | None, Field(description="The telephone number to call back.")
    ] = None

    def texts(self) -> Mapping[TextKind, str]:
        """What was typed."""
        told = {
            TextKind.WHAT_HAPPENED: self.what_happened,
            TextKind.HELP_NEEDED: self.help_needed,
            TextKind.REMARK: self.remark,
            TextKind.CALLBACK: self.callback,
        }
        return {kind: text for kind, text in told.items() if text is not None}
