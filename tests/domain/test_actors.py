"""Who may do what: the whole table, written out a second time."""

from uuid import UUID

import pytest

from domain.actors import Action, Actor, Role, Scope, Target, basis, may, scope_of
from domain.identifiers import EVERYWHERE, OrganisationId, RegionId

OWN_REGION, OTHER_REGION = RegionId(1), RegionId(2)
OWN = OrganisationId(UUID(int=1))
OTHER = OrganisationId(UUID(int=2))

NO: Scope | None = None
REGION, OWNS, ALL = Scope.REGION, Scope.OWN, Scope.ALL
ACTIONS = [
    Action.CAPACITY_READ,
    Action.CAPACITY_REPORT,
    Action.CAPACITY_HISTORY,
    Action.REGISTER_READ,
    Action.REGISTER_WRITE,
    Action.KEY_READ,
    Action.KEY_ISSUE,
    Action.KEY_REVOKE,
    Action.AUDIT_READ,
    Action.METRICS_READ,
    Action.POSTING_WRITE,
    Action.SOURCE_READ,
    Action.SOURCE_RELEASE,
    Action.PERSON_READ,
    Action.PERSON_WRITE,
    Action.SESSION_END,
]
#: The columns are ACTIONS.
TABLE: dict[Role, list[Scope | None]] = {
    Role.COORDINATOR: [
        REGION,
        REGION,
        REGION,
        REGION,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        OWNS,
        NO,
        NO,
        NO,
        NO,
    ],
    Role.PROVIDER_CAPACITY: [
        REGION,
        OWNS,
        OWNS,
        REGION,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        OWNS,
        OWNS,
        NO,
        NO,
        NO,
        NO,
    ],
    Role.PROVIDER_INTAKE: [
        REGION,
        NO,
        OWNS,
        REGION,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
        NO,
    ],
    Role.REFERRER: [REGION, NO, NO, REGION, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO],
    Role.ANALYST: [REGION, NO, REGION, REGION, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO, NO],
    Role.OPERATOR: [ALL, NO, ALL, ALL, ALL, ALL, ALL, ALL, NO, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
    Role.AUDITOR: [NO, NO, NO, ALL, NO, NO, NO, NO, ALL, NO, NO, NO, NO, NO, NO, NO],
    Role.SYSTEM: [ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL, ALL],
}
CELLS = [
    (role, action, scope)
    for role, scopes in TABLE.items()
    for action, scope in zip(ACTIONS, scopes, strict=True)
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
    assert set(ACTIONS) == set(Action)
    assert len(ACTIONS) == len(Action)


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
