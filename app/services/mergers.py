"""A merger: one organisation takes over all that another one has."""

from app.container import Container
from app.db import case_owners, organisations, people, registers, word
from app.db.unit_of_work import UnitOfWork
from app.services.organisations import check_pc4s
from app.services.written import Written, commit
from domain.actors import Action, Actor, OrganisationKind
from domain.errors import AlreadyExists, InvalidInput, StillInUse, VersionChanged
from domain.events import Kind
from domain.identifiers import EVERYWHERE, OrganisationId


async def merge_organisation(
    container: Container,
    actor: Actor | None,
    organisation_id: OrganisationId,
    into: OrganisationId,
    expected_version: int | None = None,
    address: str | None = None,
) -> Written[OrganisationId]:
    """Ends an organisation; its locations, pools, teams, sources, keys, people, regions and what it has
    to do with referrals become the other's.

    Figures, holds and history stay with what they are of, and the ended one's AGB-code goes on
    finding its pools. Answers with the one that took over. Raises NotFound, AlreadyClosed,
    VersionChanged (of the one that ends), StillInUse (they hand over to each other), InvalidInput and
    AlreadyExists (both use a code, or a
    third coordination point serves a PC4 of theirs).
    """
    if organisation_id == into:
        raise InvalidInput("Een organisatie gaat niet in zichzelf op.", "/into")

    async def act(work: UnitOfWork) -> Written[OrganisationId]:
        await registers.lock_regions(work)
        rows = {
            one: await registers.lock_organisation(work, one)
            for one in sorted((organisation_id, into))
        }
        ended, heir = rows[organisation_id], rows[into]
        if expected_version is not None and ended.version != expected_version:
            raise VersionChanged(ended.version)
        if ended.pc4s and heir.kind != OrganisationKind.COORDINATION_POINT:
            raise InvalidInput(
                "Een coördinatiepunt dat postcodes bedient gaat alleen in een ander op.", "/into"
            )
        if handovers := await case_owners.handovers_between(work, organisation_id, into):
            raise StillInUse(
                {"handovers": handovers},
                "De twee dragen nog aanmeldingen aan elkaar over. Beantwoord of trek die eerst in. Er is"
                " niets gewijzigd.",
            )
        left = await registers.regions_of(work, organisation_id)
        had = await registers.regions_of(work, into)
        heir.pc4s = sorted({*heir.pc4s, *ended.pc4s})
        ended.status, ended.ended_at, ended.merged_into, ended.pc4s = "ended", work.now, into, []
        ended.version += 1
        heir.version += 1
        await work.session.flush()
        await check_pc4s(work, heir.pc4s, {*had, *left}, into)
        if codes := await organisations.shared_codes(work, organisation_id, into):
            told = ", ".join(code for found in codes.values() for code in found)
            raise AlreadyExists(
                f"Beide organisaties gebruiken deze codes: {told}. Er is niets gewijzigd.",
                codes=codes,
            )
        await organisations.set_regions(work, into, set(left) - set(had))
        for region_id in sorted({*had, *left}):
            work.touch(Kind.ORGANISATION, into, region_id)
        for region_id in left:
            work.touch(Kind.ORGANISATION, organisation_id, region_id)
        await organisations.keep_names_apart(work, ended, into)
        await organisations.move_all(work, organisation_id, into)
        await case_owners.move_cases(work, organisation_id, into)
        await word.move_word(work, organisation_id, into)
        await people.move_memberships(work, organisation_id, into)
        work.touch(Kind.KEYS_CHANGED, organisation_id, EVERYWHERE)
        work.audit(actor, Action.REGISTER_WRITE, "organisation", organisation_id, address=address)
        return await commit(work, Kind.ORGANISATION, into, min({*had, *left}, default=None))

    written = await container.act(act)
    container.forget(None)
    return written
