"""Hours as people write them: what is shown can be typed, and what can't be meant is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.web.registers.hours import DAYS, read_spans, read_time, read_week, spans_text, week_text
from domain.calendar import WEEKDAYS
from domain.errors import InvalidInput
from domain.hours import ALWAYS

_MOMENTS = st.integers(0, 24 * 60)


@st.composite
def _spans(draw: st.DrawFn) -> list[list[str]]:
    ends = sorted(draw(st.sets(_MOMENTS, max_size=6)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return [[_text(start), _text(until)] for start, until in pairs]


def _text(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@given(st.fixed_dictionaries({day: _spans() for day in DAYS}))
def test_what_is_shown_is_read_as_it_was_meant(week: dict[str, list[list[str]]]) -> None:
    assert read_week(week_text(week), "/x") == week
    for spans in week.values():
        assert read_spans(spans_text(spans), "/x") == spans


def test_people_write_it_in_their_own_way() -> None:
    assert DAYS[:-1] == tuple(WEEKDAYS)
    assert read_week("", "/x") == ALWAYS.to_json() == read_week("dag en nacht", "/x")
    week = read_week("Ma-Wo, vr 8.30 tot 17 uur\nza en zo 24 uur; feestdag dicht", "/x")
    assert {day for day in DAYS if week[day] == [["08:30", "17:00"]]} == {"ma", "di", "wo", "vr"}
    assert week["za"] == week["zo"] == [["00:00", "24:00"]]
    assert week["do"] == week["feestdagen"] == []
    assert week_text(week) == (
        "ma t/m wo 08:30–17:00; do gesloten; vr 08:30–17:00; za, zo dag en nacht; feestdagen gesloten"
    )
    assert week_text(None) == ""
    late = read_week("vr t/m ma 23-24", "/x")
    assert [day for day in DAYS if late[day]] == ["ma", "vr", "za", "zo"]
    assert read_time("24", "/x") == "24:00"


@pytest.mark.parametrize(
    "text", ["soms", "ma", "08:00-17:00", "maa 08:00-17:00", "ma 8", "ma 8-9-10"]
)
def test_what_cant_be_meant_is_refused_at_its_field(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_week(text, "/on_call/0/hours")
    assert refused.value.pointer == "/on_call/0/hours"
