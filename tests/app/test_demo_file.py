"""demo.json: what was written is read back, and it is whole and private at every moment."""

import json
import stat
from pathlib import Path
from uuid import UUID

import pytest

from app import demo_file
from app.demo_file import DemoFile, DemoKey, DemoPerson
from domain.actors import Role

CONTENT = DemoFile(
    base_url="http://localhost:8080",
    keys=[DemoKey(role=Role.OPERATOR, organisation="Regio É", agb="75990012", key="vt_geheim")],
    people=[
        DemoPerson(
            role=Role.AUDITOR,
            organisation="Regio É",
            username="c.toets",
            password="kdmf-rtwq-hbzn-plsg",
            name="C. Toets",
            id=UUID(int=7),
        )
    ],
)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "nieuw" / "demo.json"
    demo_file.write(path, CONTENT)
    assert demo_file.read(path) == CONTENT
    assert json.loads(path.read_text()) == {
        "base_url": "http://localhost:8080",
        "keys": [
            {"role": "operator", "organisation": "Regio É", "agb": "75990012", "key": "vt_geheim"}
        ],
        "people": [
            {
                "role": "auditor",
                "organisation": "Regio É",
                "username": "c.toets",
                "password": "kdmf-rtwq-hbzn-plsg",
                "name": "C. Toets",
                "id": str(UUID(int=7)),
            }
        ],
    }


def test_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "demo.json"
    path.write_text("{}")
    path.chmod(0o644)
    demo_file.write(path, CONTENT)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_write_that_fails_leaves_the_old_file_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "demo.json"
    demo_file.write(path, CONTENT)
    other = CONTENT.model_copy(update={"base_url": "http://localhost:9090"})

    def full(_handle: int) -> None:
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("os.fsync", full)
        with pytest.raises(OSError, match="No space"):
            demo_file.write(path, other)
    assert demo_file.read(path) == CONTENT
    demo_file.write(path, other)
    assert demo_file.read(path) == other
    assert [file.name for file in tmp_path.iterdir()] == ["demo.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"keys": []}', '{"base_url": "x", "keys": [{}]}'])
def test_what_is_no_demo_file_reads_as_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "demo.json"
    assert demo_file.read(path) is None
    path.write_text(text)
    assert demo_file.read(path) is None
