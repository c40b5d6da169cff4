"""What somebody wants to hear of by mail, when and where: for themselves, and for the shared mailbox."""

from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.web.fields import Text, Tick
from api.web.language import marked
from api.web.registers.editing import Editor, Section, Submission, edit
from api.web.registers.fields import Week
from api.web.registers.showing import Crumb, done
from api.web.rendering import container_of
from api.web.routes import page
from api.web.visitor import actor_of, address_of, session_of
from api.web.word import words
from api.web.word.fields import Grid, TimeOfDay
from api.web.word.paths import NOTICES, OWN_SETTING, SHARED_SETTING
from app.services.word import settings
from domain.actors import Action, Actor
from domain.word_settings import WordSetting

_LONGEST_ADDRESS = 254
_LIST = Crumb(marked("Meldingen"), NOTICES)


async def own_setting(request: Request) -> Response:
    """What the reader wants of this organisation's word."""
    session = session_of(request)
    assert session is not None
    return await _edit(
        request,
        marked("Meldingen per mail"),
        marked(
            "Wat u hier kiest geldt voor u alleen. Op de pagina Meldingen ziet u altijd alles, ook"
            " wat u niet per mail krijgt."
        ),
        OWN_SETTING,
        session.person_id,
    )


async def shared_setting(request: Request) -> Response:
    """What goes to the organisation's mailbox."""
    return await _edit(
        request,
        marked("Mailbox van de organisatie"),
        marked("Voor een gedeelde mailbox, zoals die van de intake of van de dienst."),
        SHARED_SETTING,
        None,
    )


def routes() -> list[Route]:
    """The paths of this module."""
    both = ("GET", "POST")
    return [
        page(OWN_SETTING, own_setting, asks=Action.NOTICE_MARK, methods=both),
        page(SHARED_SETTING, shared_setting, asks=Action.WORD_WRITE, methods=both),
    ]


async def _edit(
    request: Request, title: str, hint: str, path: str, person_id: UUID | None
) -> Response:
    container, actor = container_of(request), actor_of(request)
    session = session_of(request)
    assert session is not None
    assert session.membership is not None
    stands = await settings.get_setting(container, actor.organisation_id, person_id)
    told = stands.setting.to_json()

    async def save(given: dict[str, Any], sent: Submission) -> str:
        # A kind that this role isn't shown stays as somebody with another role chose it.
        choices = {**told["choices"], **given["choices"]}
        await settings.set_setting(
            container,
            actor,
            actor.organisation_id,
            WordSetting.from_json({**given, "choices": choices}),
            sent.version,
            person_id=person_id,
            address=address_of(request),
        )
        return done(path, "bewaard")

    editor = Editor(
        title,
        session.membership.organisation_name,
        _sections(actor, hint),
        [_LIST],
        NOTICES,
        save,
        standing={**told, "version": stands.version},
        warning=""
        if container.settings.can_mail
        else marked(
            "Hier is nog geen mailserver ingesteld: er gaat geen mail uit. Wat u kiest wordt bewaard"
            " en geldt zodra de beheerder dat doet."
        ),
    )
    return await edit(request, editor)


def _sections(actor: Actor, hint: str) -> list[Section]:
    kinds = [(kind.value, words.KIND_IN_FULL[kind]) for kind in words.kinds_for(actor)]
    return [
        Section(
            marked("Waarheen"),
            (
                Text(
                    name="address",
                    label=marked("Mailadres"),
                    hint=marked("Er staat nooit iets van een cliënt in een mail."),
                    most=_LONGEST_ADDRESS,
                    type="email",
                    inputmode="email",
                ),
            ),
            hint,
        ),
        Section(
            marked("Wat, en hoe snel"),
            (
                Grid(
                    name="choices",
                    label=marked("Per soort"),
                    rows=kinds,
                    options=[(code.value, text) for code, text in words.CHOICE.items()],
                    required=True,
                ),
                Tick(
                    name="acuut_always",
                    label=marked("Acuut altijd meteen, ook in de rust en buiten dienst"),
                ),
            ),
        ),
        Section(
            marked("Wanneer"),
            (
                TimeOfDay(
                    name="digest_at",
                    label=marked("Het overzicht komt om"),
                    hint=marked("Eén mail per dag. Schrijf een tijd als 08:30."),
                ),
                TimeOfDay(name="quiet_from", label=marked("Rust vanaf")),
                TimeOfDay(
                    name="quiet_to",
                    label=marked("Rust tot"),
                    hint=marked("Wat meteen zou komen, wacht dan tot de rust voorbij is."),
                ),
                Week(
                    name="windows",
                    label=marked("Tijden van dienst"),
                    hint=marked(
                        "Buiten deze tijden wacht alles tot de volgende dienst. Schrijf 08:30–17:00,"
                        " gesloten, of dag en nacht. Niets ingevuld: altijd."
                    ),
                ),
            ),
        ),
    ]
