"""Who may do what: the whole table, written out a second time."""

from uuid import UUID

import pytest

from domain.actors import Action, Actor, Role, Scope, Target, basis, may, scope_of
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId

OWN_REGION, OTHER_REGION = RegionId(1), RegionId(2)
OWN = OrganisationId(UUID(int=1))
OTHER = OrganisationId(UUID(int=2))
REGION, OWNS, ALL = Scope.REGION, Scope.OWN, Scope.ALL
SCOPES = {".": None, "O": OWNS, "R": REGION, "A": ALL}
#: The columns of the table below.
ROLES = [
    Role.COORDINATOR,
    Role.PROVIDER_CAPACITY,
    Role.PROVIDER_INTAKE,
    Role.REFERRER,
    Role.ANALYST,
    Role.OPERATOR,
    Role.AUDITOR,
    Role.SYSTEM,
]
#: How far each role may do it: not, in its own organisation, in its regions, everywhere.
WRITTEN_OUT = """
capacity.read      R R R R R A . A
capacity.report    R O . . . . . A
capacity.history   R O O . R A . A
board.view         R . . . R A . A
register.read      R R R R R A A A
register.view      . . . . . A A A
register.write     . . . . . A . A
posting.write      . O . . . A . A
source.read        O O . . . A . A
source.release     . . . . . A . A
key.read           . . . . . A . A
key.issue          . . . . . A . A
key.revoke         . . . . . A . A
person.read        . . . . . A . A
person.write       . . . . . A . A
session.end        . . . . . A . A
audit.read         . . . . . . A A
metrics.read       . . . . . A . A
referral.read      O . . O . . . A
referral.file      O . . O . . . A
referral.reply     O . . O . . . A
referral.write     O . . . . . . A
proposal.write     R . . . . . . A
offer.read         O . O . . . . A
offer.answer       O . O . . . . A
offer.see          . . O . . . . A
referral.follow    O . . . . . . A
offer.follow       . O O . . . . A
status.follow      . . . O . . . A
delivery.read      R O O . R A . A
notice.read        O O O O O . . A
notice.mark        O O O O O . . A
word.read          O . O O . A . A
word.write         O . O O . A . A
norm.read          R R R R R A A A
norm.write         . . . . . A . A
"""
TABLE: dict[Role, dict[Action, Scope | None]] = {role: {} for role in ROLES}
for _action, *_letters in map(str.split, WRITTEN_OUT.strip().splitlines()):
    for _role, _letter in zip(ROLES, _letters, strict=True):
        TABLE[_role][Action(_action)] = SCOPES[_letter]

CELLS = [
    (role, action, scope) for role, scopes in TABLE.items() for action, scope in scopes.items()
]

#: Where a target is, whose it is, and which scopes reach it.
TARGETS = {
    "a whole system": (Target(), {REGION, OWNS, ALL}),
    "the own region": (Target(OWN_REGION), {REGION, OWNS, ALL}),
    "another region": (Target(OTHER_REGION), {OWNS, ALL}),
    "everybody's region": (Target(EVERYWHERE), {REGION, OWNS, ALL}),
    "own, in the own region": (Target(OWN_REGION, OWN), {REGION, OWNS, ALL}),
    "own, in another region": (Target(OTHER_REGION, OWN), {OWNS, ALL}),
    "another's, in the own region": (Target(OWN_REGION, OTHER), {REGION, ALL}),
    "another's, in another region": (Target(OTHER_REGION, OTHER), {ALL}),
    "another's, nowhere": (Target(None, OTHER), {REGION, ALL}),
}


def actor(role: Role) -> Actor:
    """Somebody who works in one region."""
    return Actor(UUID(int=9), "iemand", role, OWN, frozenset({OWN_REGION}))


def test_the_table_has_every_role_and_every_action() -> None:
    assert set(TABLE) == set(Role)
    assert all(set(actions) == set(Action) for actions in TABLE.values())


@pytest.mark.parametrize(("role", "action", "scope"), CELLS)
def test_a_role_reaches_as_far_as_the_table_says(
    role: Role, action: Action, scope: Scope | None
) -> None:
    assert scope_of(actor(role), action) == scope


@pytest.mark.parametrize(("role", "action", "scope"), CELLS)
def test_may_follows_the_scope_and_the_target(
    role: Role, action: Action, scope: Scope | None
) -> None:
    for name, (target, reached_by) in TARGETS.items():
        assert may(actor(role), action, target) == (scope in reached_by), name


@pytest.mark.parametrize(("role", "action", "scope"), CELLS)
def test_without_a_target_the_question_is_whether_there_is_any_leave(
    role: Role, action: Action, scope: Scope | None
) -> None:
    assert may(actor(role), action) == (scope is not None)


def test_an_organisation_may_work_in_several_regions() -> None:
    both = Actor(UUID(int=9), "ccp", Role.COORDINATOR, OWN, frozenset({OWN_REGION, OTHER_REGION}))
    assert may(both, Action.CAPACITY_REPORT, Target(OTHER_REGION, OTHER))


def test_who_works_in_no_region_reads_only_what_is_everybodys() -> None:
    nowhere = Actor(UUID(int=9), "nergens", Role.REFERRER, OWN, frozenset())
    assert may(nowhere, Action.CAPACITY_READ, Target(EVERYWHERE))
    assert not may(nowhere, Action.CAPACITY_READ, Target(OWN_REGION))


@pytest.mark.parametrize(("role", "action", "scope"), CELLS)
def test_the_audit_names_role_and_scope(role: Role, action: Action, scope: Scope | None) -> None:
    expected = f"{role}: {scope}" if scope else f"{role}: none"
    assert basis(actor(role), action) == expected
