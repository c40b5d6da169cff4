"""The home-care teams of the demo region: every PC4 has several, of more than one organisation."""

from app.demo_region.model import DemoTeam, coverage
from app.demo_region.others import SERVED
from domain.home_care import Dagdeel, Skill
from domain.posting import PostingSchedule

_AREAS: dict[str, tuple[str, ...]] = {
    "Zoetermeer Centrum": ("2711", "2712", "2713", "2718"),
    "Zoetermeer West": ("2715", "2716", "2717", "2719"),
    "Zoetermeer Oost": ("2721", "2722", "2723", "2724"),
    "Zoetermeer Noord": ("2725", "2726", "2727", "2728", "2729"),
    "Benthuizen": ("2730", "2731"),
    "Den Haag Leidschenveen": tuple(pc4 for pc4 in SERVED if pc4[:3] == "249"),
    "Den Haag Centrum": tuple(pc4 for pc4 in SERVED if pc4[:3] == "251"),
    "Den Haag Laak": tuple(pc4 for pc4 in SERVED if pc4[:3] == "252"),
    "Den Haag Zuidwest": tuple(pc4 for pc4 in SERVED if pc4[:3] in ("253", "254")),
    "Den Haag Loosduinen": tuple(pc4 for pc4 in SERVED if pc4[:3] == "255"),
    "Den Haag Segbroek": tuple(pc4 for pc4 in SERVED if pc4[:3] in ("256", "257")),
    "Den Haag Scheveningen": tuple(pc4 for pc4 in SERVED if pc4[:3] == "258"),
    "Den Haag Haagse Hout": tuple(pc4 for pc4 in SERVED if pc4[:3] == "259"),
    "Leidschendam": tuple(pc4 for pc4 in SERVED if pc4[:3] == "226"),
    "Voorburg": tuple(pc4 for pc4 in SERVED if pc4[:3] == "227"),
    "Rijswijk": tuple(pc4 for pc4 in SERVED if pc4[:3] == "228"),
    "Wassenaar": tuple(pc4 for pc4 in SERVED if pc4[:3] == "224"),
    "hele regio": SERVED,
}
_BY_DAY = (Dagdeel.OCHTEND, Dagdeel.MIDDAG, Dagdeel.AVOND)
#: What a team of a sort can, and when it comes.
_SORTS: dict[str, tuple[tuple[Skill, ...], tuple[Dagdeel, ...]]] = {
    "wijkteam": ((Skill.BASIS, Skill.WOND), _BY_DAY),
    "wijkteam breed": (
        (Skill.BASIS, Skill.WOND, Skill.MSVT, Skill.PALLIATIEF_TERMINAAL),
        _BY_DAY,
    ),
    "dagteam": ((Skill.BASIS,), (Dagdeel.OCHTEND, Dagdeel.MIDDAG)),
    "technisch team": ((Skill.MSVT, Skill.WOND, Skill.PALLIATIEF_TERMINAAL), tuple(Dagdeel)),
    "nachtteam": ((Skill.BASIS, Skill.NACHT, Skill.PALLIATIEF_TERMINAAL), (Dagdeel.NACHT,)),
    "acuut team": ((Skill.BASIS, Skill.WOND, Skill.ACUUT), tuple(Dagdeel)),
    "team dementie": ((Skill.BASIS, Skill.CASEMANAGEMENT_DEMENTIE), _BY_DAY[:2]),
}
#: Of each organisation by AGB-code: the telephone's first part, and (areas, sort) of its teams.
_TEAMS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    (
        *("47990001", "079-00001"),
        (
            ("Zoetermeer Centrum", "wijkteam breed"),
            ("Zoetermeer West", "wijkteam"),
            ("Zoetermeer Noord", "wijkteam"),
            ("Zoetermeer Oost", "team dementie"),
            ("Zoetermeer Centrum, Zoetermeer West, Zoetermeer Oost", "nachtteam"),
        ),
    ),
    (
        *("47990002", "079-00002"),
        (
            ("Zoetermeer West", "wijkteam breed"),
            ("Zoetermeer Centrum", "wijkteam"),
            ("Zoetermeer Oost", "wijkteam"),
        ),
    ),
    (
        *("47990003", "079-00003"),
        (
            ("Zoetermeer Oost", "wijkteam breed"),
            ("Zoetermeer Noord", "dagteam"),
            ("Zoetermeer West", "dagteam"),
        ),
    ),
    (
        *("47990005", "079-00005"),
        (
            ("Zoetermeer Noord", "wijkteam breed"),
            ("Zoetermeer Centrum", "dagteam"),
        ),
    ),
    (
        *("42990006", "079-00006"),
        (
            ("Zoetermeer Oost, Benthuizen", "wijkteam"),
            ("Zoetermeer West", "wijkteam"),
            ("Zoetermeer Noord, Benthuizen", "technisch team"),
            ("Zoetermeer Centrum", "team dementie"),
        ),
    ),
    (
        *("42990014", "079-00014"),
        (
            ("Zoetermeer Centrum", "wijkteam"),
            ("Zoetermeer Noord, Zoetermeer Oost", "wijkteam"),
            ("Benthuizen", "dagteam"),
            ("hele regio", "acuut team"),
            ("hele regio", "nachtteam"),
        ),
    ),
    (
        *("47990020", "070-00020"),
        (
            ("Den Haag Scheveningen", "wijkteam breed"),
            ("Den Haag Loosduinen", "wijkteam"),
            ("Den Haag Segbroek", "wijkteam"),
            ("Den Haag Scheveningen, Den Haag Segbroek", "nachtteam"),
        ),
    ),
    (
        *("47990021", "070-00021"),
        (
            ("Den Haag Centrum", "wijkteam"),
            ("Den Haag Laak", "wijkteam breed"),
            ("Den Haag Segbroek", "dagteam"),
            ("Den Haag Centrum, Den Haag Laak", "team dementie"),
        ),
    ),
    (
        *("47990022", "070-00022"),
        (
            ("Den Haag Haagse Hout", "wijkteam breed"),
            ("Den Haag Haagse Hout, Voorburg", "technisch team"),
            ("Voorburg", "wijkteam"),
        ),
    ),
    (
        *("47990023", "070-00023"),
        (
            ("Den Haag Zuidwest", "wijkteam breed"),
            ("Den Haag Zuidwest", "wijkteam"),
            ("Den Haag Laak", "dagteam"),
            ("Den Haag Loosduinen", "team dementie"),
        ),
    ),
    (
        *("45990024", "070-00024"),
        (
            ("Den Haag Leidschenveen", "wijkteam"),
            ("Den Haag Leidschenveen, Leidschendam", "wijkteam breed"),
        ),
    ),
    (
        *("42990025", "070-00025"),
        (
            ("Den Haag Centrum", "wijkteam breed"),
            ("Den Haag Centrum, Den Haag Laak, Den Haag Zuidwest", "technisch team"),
            ("Den Haag Zuidwest", "dagteam"),
            ("Den Haag Segbroek, Den Haag Loosduinen", "wijkteam"),
            ("hele regio", "nachtteam"),
            ("hele regio", "acuut team"),
        ),
    ),
    (
        *("47990026", "070-00026"),
        (
            ("Den Haag Segbroek", "wijkteam breed"),
            ("Den Haag Scheveningen", "wijkteam"),
            ("Den Haag Loosduinen, Den Haag Zuidwest", "wijkteam"),
        ),
    ),
    (
        *("47990027", "070-00027"),
        (
            ("Voorburg", "wijkteam breed"),
            ("Leidschendam", "wijkteam"),
            ("Leidschendam, Voorburg", "nachtteam"),
            ("Leidschendam, Voorburg", "team dementie"),
        ),
    ),
    (
        *("45990028", "070-00028"),
        (
            ("Rijswijk", "wijkteam breed"),
            ("Rijswijk", "wijkteam"),
            ("Rijswijk, Den Haag Laak", "technisch team"),
            ("Rijswijk", "team dementie"),
        ),
    ),
    (
        *("47990029", "070-00029"),
        (
            ("Wassenaar", "wijkteam breed"),
            ("Wassenaar", "wijkteam"),
            ("Wassenaar, Den Haag Haagse Hout", "technisch team"),
            ("Wassenaar", "team dementie"),
        ),
    ),
)


def _teams() -> tuple[DemoTeam, ...]:
    found = []
    for agb, dial, teams in _TEAMS:
        for number, (areas, sort) in enumerate(teams, 1):
            pc4s = [pc4 for area in areas.split(", ") for pc4 in _AREAS[area]]
            skills, dagdelen = _SORTS[sort]
            urgent = Skill.ACUUT in skills or Skill.NACHT in skills
            schedule = PostingSchedule.DAILY_TWICE if urgent else PostingSchedule.WORKDAYS_TWICE
            name = f"{sort.capitalize()} {areas}"
            telephone = f"{dial}{60 + number}"
            found.append(
                DemoTeam(
                    *(agb, f"team-{number:02}", name),
                    coverage(pc4s, skills, dagdelen),
                    telephone,
                    schedule,
                )
            )
    return tuple(found)


TEAMS = _teams()
