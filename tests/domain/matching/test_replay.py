"""A match that was kept gives the same result when it is made again from what was kept."""

import json
from dataclasses import replace

from hypothesis import given

from domain.matching.replay import Inputs, inputs_from, replay
from domain.needs import Behaviour, Setting
from tests.factories import matching


@given(matching.inputs)
def test_what_was_kept_makes_the_same_result(inputs: Inputs) -> None:
    kept = json.loads(json.dumps(inputs.to_json()))
    again = inputs_from(kept)
    # Nothing of a person that it doesn't go by.
    need = replace(
        inputs.asked.need,
        birth_year=0,
        setting=Setting.THUIS,
        since=None,
        behaviour=Behaviour.ONBEKEND,
    )
    assert again == replace(inputs, asked=replace(inputs.asked, need=need))
    assert again.rank() == inputs.rank()
    assert again.home() == inputs.home()
    assert replay(kept) == [fit.id for fit in inputs.rank().fits]
    assert again.to_json() == inputs.to_json()
