"""What goes to an organisation's mailbox, when and how. People set their own on the pages."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from api.routing import Caller, GuardedRoute, Here, address_of, asks
from api.writes import Input, needed_version
from app.db.word_settings import StoredSetting
from app.services.word import settings
from app.services.word.owning import require_own
from domain.actors import Action
from domain.errors import Code
from domain.notices import NoticeKind
from domain.word_settings import Choice, WordSetting

router = APIRouter(prefix="/v1/word-settings", tags=["word"], route_class=GuardedRoute)


class WordSettingBody(BaseModel):
    """A setting; times are those of a clock in Amsterdam."""

    version: Annotated[int, Field(description="0: nothing was set, so nothing is mailed.")]
    address: str | None
    choices: dict[NoticeKind, Choice]
    windows: Annotated[
        dict[str, Any] | None,
        Field(description="Hours of duty; outside them everything waits for the next."),
    ]
    quiet_from: Annotated[str | None, Field(description="From then nothing comes…")]
    quiet_to: Annotated[str | None, Field(description="…until then, over midnight too.")]
    digest_at: Annotated[str, Field(description="When the digest of `overzicht` goes, each day.")]
    acuut_always: Annotated[
        bool, Field(description="What is urgent comes at once all the same, unless it is `uit`.")
    ]


class WordSettingInput(Input):
    """A setting, complete: a member left out is its default, a kind left out is `uit`."""

    address: Annotated[str | None, Field(max_length=254)] = None
    choices: Annotated[dict[NoticeKind, Choice], Field(default_factory=dict)]
    windows: Annotated[
        dict[str, Any] | None,
        Field(
            description="As opening hours are written.",
            examples=[{"ma": [["08:30", "17:00"]], "feestdagen": []}],
        ),
    ] = None
    quiet_from: Annotated[str | None, Field(examples=["22:00"])] = None
    quiet_to: Annotated[str | None, Field(examples=["07:00"])] = None
    digest_at: Annotated[str | None, Field(examples=["08:00"])] = None
    acuut_always: Annotated[bool, Field(strict=True)] = True


@router.get("/organisation", **asks(Action.WORD_READ, Code.NOT_FOUND))
async def get_organisation_setting(
    here: Here, caller: Caller, response: Response, organisation: UUID | None = None
) -> WordSettingBody:
    """What goes to the mailbox of the caller's organisation; an operator names which."""
    actor = caller.actor
    whose = require_own(actor, Action.WORD_READ, organisation) or actor.organisation_id
    return _shown(await settings.get_setting(here, whose), response)


@router.put(
    "/organisation",
    **asks(
        Action.WORD_WRITE,
        Code.NOT_FOUND,
        Code.ALREADY_CLOSED,
        Code.VERSION_REQUIRED,
        Code.VERSION_CHANGED,
        Code.OUTCOME_UNKNOWN,
        if_match=True,
    ),
)
async def put_organisation_setting(
    request: Request,
    here: Here,
    caller: Caller,
    body: WordSettingInput,
    response: Response,
    organisation: UUID | None = None,
) -> WordSettingBody:
    """What goes to the organisation's mailbox from now on. `If-Match: "0"` when nothing was set."""
    actor = caller.actor
    whose = require_own(actor, Action.WORD_WRITE, organisation) or actor.organisation_id
    written = await settings.set_setting(
        here,
        actor,
        whose,
        WordSetting.from_json(body.model_dump()),
        needed_version(request),
        address=address_of(request),
    )
    return _shown(written, response)


def _shown(found: StoredSetting, response: Response) -> WordSettingBody:
    response.headers["etag"] = f'"{found.version}"'
    return WordSettingBody(version=found.version, **found.setting.to_json())
