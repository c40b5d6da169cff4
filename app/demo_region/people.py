"""People of the demo region, all made up: one for each thing that can be worked as."""

from dataclasses import dataclass

from domain.actors import Role


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """`agbs` are the organisations they work for, in the same role."""

    username: str
    name: str
    role: Role
    agbs: tuple[str, ...]


PEOPLE: tuple[DemoPerson, ...] = (
    DemoPerson("m.bakker", "M. Bakker", Role.COORDINATOR, ("75990010",)),
    DemoPerson("j.vanduin", "J. van Duin", Role.COORDINATOR, ("75990040",)),
    DemoPerson("s.dewit", "S. de Wit", Role.PROVIDER_CAPACITY, ("47990002", "47990003")),
    DemoPerson("r.linde", "R. Linde", Role.PROVIDER_INTAKE, ("47990001",)),
    DemoPerson("h.weegbree", "H. Weegbree", Role.REFERRER, ("01990044",)),
    DemoPerson("t.pijl", "T. Pijl", Role.REFERRER, ("53990011",)),
    DemoPerson("a.cijfer", "A. Cijfer", Role.ANALYST, ("75990012",)),
    DemoPerson("b.beheer", "B. Beheer", Role.OPERATOR, ("75990012",)),
    DemoPerson("c.toets", "C. Toets", Role.AUDITOR, ("75990012",)),
)
