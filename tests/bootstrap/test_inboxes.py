"""Which inbox a place names."""

from pathlib import Path

import pytest

from mindreel.bootstrap.inboxes import inbox_for
from mindreel.errors import SetupError
from mindreel.settings import load

_PROJECT = {"SUPABASE_URL": "https://abc.supabase.co", "SUPABASE_SERVICE_ROLE_KEY": "key"}


def test_without_a_project_it_is_the_folder_or_that_of_the_settings(tmp_path: Path) -> None:
    settings = load({"MINDREEL_HOME": str(tmp_path)})
    assert inbox_for(settings)("").location == str(tmp_path / "inbox")
    assert inbox_for(settings)(str(tmp_path / "mine")).location == str(tmp_path / "mine")


def test_with_a_project_it_is_its_bucket_and_a_folder_stays_a_folder(tmp_path: Path) -> None:
    settings = load({**_PROJECT, "MINDREEL_HOME": str(tmp_path)})
    assert inbox_for(settings)("").location == "supabase://abc.supabase.co/inbox"
    assert inbox_for(settings)(str(tmp_path / "mine")).location == str(tmp_path / "mine")


@pytest.mark.parametrize("bucket", ["inbox", "more-lists", "an inbox"])
def test_an_address_in_the_project_is_that_bucket(tmp_path: Path, bucket: str) -> None:
    settings = load({**_PROJECT, "MINDREEL_HOME": str(tmp_path)})
    address = f"supabase://abc.supabase.co/{bucket}"
    assert inbox_for(settings)(address).location == address


@pytest.mark.parametrize("named", [{}, _PROJECT])
def test_an_address_in_another_project_is_refused(tmp_path: Path, named: dict[str, str]) -> None:
    settings = load({**named, "MINDREEL_HOME": str(tmp_path)})
    with pytest.raises(SetupError, match=r"supabase://xyz\.supabase\.co/inbox lies in another project"):
        inbox_for(settings)("supabase://xyz.supabase.co/inbox")


@pytest.mark.parametrize("rest", ["", "/", "/a/b", "//"])
def test_an_address_without_one_bucket_is_refused(tmp_path: Path, rest: str) -> None:
    settings = load({**_PROJECT, "MINDREEL_HOME": str(tmp_path)})
    with pytest.raises(SetupError, match="is no address of a bucket"):
        inbox_for(settings)(f"supabase://abc.supabase.co{rest}")
