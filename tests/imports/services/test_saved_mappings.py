"""Mappings that are kept under a name."""

import pytest
from django.core.exceptions import ValidationError

from imports.models import ImportMapping
from imports.services.saved_mappings import mapping_delete, mapping_rename, mapping_save
from imports.services.uploads import import_map
from organizations.models import Organization
from tests.factories import SCREEN, make_import, make_mapping, make_organization

EMAIL = {"index": 0, "target": "email"}
# Nothing, nothing that is seen, too much, a mark that stands on no letter, what no database keeps.
BAD_NAMES = ["", " ", "\u200b", "x" * 101, "\u0301", "a\0b", "\ud800"]


def test_one_of_the_same_name_is_replaced(organization: Organization) -> None:
    job = make_import(organization, "email,city\na@x.org,Oslo\n", columns=[EMAIL])
    first = mapping_save(job=job, name=" Monthly  list ", actor=SCREEN)
    job = import_map(job=job, columns=[EMAIL, {"index": 1, "target": "city"}])
    second = mapping_save(job=job, name="monthly list", actor=SCREEN)
    assert first.pk == second.pk
    assert second.mapping[1]["target"] == "city"


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_are_none_are_refused(organization: Organization, name: str) -> None:
    job = make_import(organization, "email\na@x.org\n")
    mapping = make_mapping(organization, "Monthly")
    with pytest.raises(ValidationError, match="name"):
        mapping_save(job=job, name=name, actor=SCREEN)
    with pytest.raises(ValidationError, match="name"):
        mapping_rename(mapping=mapping, name=name)
    assert ImportMapping.objects.get().name == "Monthly"


def test_letters_that_unfold_to_many_are_kept(organization: Organization) -> None:
    assert make_mapping(organization, "ﷺ" * 100).name == "ﷺ" * 100


def test_a_name_of_its_own(organization: Organization) -> None:
    make_mapping(make_organization(), "Weekly")
    mapping = make_mapping(organization, "Monthly")
    assert mapping_rename(mapping=mapping, name="MONTHLY ").name == "MONTHLY"
    assert mapping_rename(mapping=mapping, name="Weekly").name == "Weekly"
    other = make_mapping(organization, "Monthly")
    with pytest.raises(ValidationError, match="There is a mapping “Weekly” already"):
        mapping_rename(mapping=other, name="wéekly")


def test_what_somebody_deleted_meanwhile_is_not_renamed(organization: Organization) -> None:
    mapping = make_mapping(organization)
    mapping_delete(mapping=ImportMapping.objects.get())
    with pytest.raises(ValidationError, match="deleted this mapping meanwhile"):
        mapping_rename(mapping=mapping, name="Weekly")
