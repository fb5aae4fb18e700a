"""Lines that are imported without the cells that can't be read, and telephone numbers of a country."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile

from contacts.models import Contact
from imports.models import ImportRecord
from imports.selectors.error_groups import error_groups
from imports.services.error_file import error_file_lines
from imports.services.uploads import import_create, import_leave_out, import_map
from organizations.models import Organization
from tests.factories import SCREEN, checked, imported, make_import

TEXT = "email,phone,age\na@x.org,+47 22 86 44 00,31\nb@x.org,12,x\nc@x.org,12,32\nbad,12,33\n"
EMAIL = {"index": 0, "target": "email"}
PHONE = {"index": 1, "target": "phone"}
AGE = {"index": 2, "target": "custom:age", "type": "number"}


@pytest.mark.django_db
class TestLeavingOut:
    def test_a_cell_fails_its_line_unless_told_otherwise(self, organization: Organization) -> None:
        job = checked(make_import(organization, TEXT, columns=[EMAIL, PHONE, AGE]))
        assert job.predicted_counts == {"created": 1, "failed": 3}
        assert [(each.column, each.index) for each in error_groups(job=job)] == [
            ("phone", 1),
            ("age", 2),
            ("email", None),
        ]

    def test_the_rest_of_the_line_is_imported(self, organization: Organization) -> None:
        columns = [EMAIL, PHONE | {"leave_out": True}, AGE]
        job = imported(make_import(organization, TEXT, columns=columns))
        assert job.counts == {"created": 2, "failed": 2}
        assert {each.email: each.phone for each in Contact.objects.all()} == {
            "a@x.org": "+4722864400",
            "c@x.org": None,
        }
        (told,) = error_groups(job=job, is_left_out=True)
        assert (told.column, told.count, told.first_line) == ("phone", 1, 4)
        assert "has no country code" in told.message

    def test_it_stays_told_with_its_line(self, organization: Organization) -> None:
        columns = [EMAIL, PHONE | {"leave_out": True}, AGE | {"leave_out": True}]
        job = imported(make_import(organization, TEXT, columns=columns))
        errors = ImportRecord.objects.filter(import_job=job).values_list("errors", flat=True)
        told = [[each["column"] for each in each or []] for each in errors.order_by("row_number")]
        assert told == [[], ["phone", "age"], ["phone"], ["email", "phone"]]
        with_errors = "".join(error_file_lines(job=job))
        assert "bad,12,33" in with_errors
        assert "c@x.org" not in with_errors

    @pytest.mark.parametrize("target", ["opted_out", "is_subscribed", "preference:newsletter"])
    def test_nobody_is_subscribed_for_want_of_a_readable_no(
        self, organization: Organization, target: str
    ) -> None:
        text, column = "email,mail\na@x.org,perhaps\n", {"index": 1, "target": target}
        with pytest.raises(ValidationError, match="says who wants no mail can't be left out"):
            make_import(organization, text, columns=[EMAIL, column | {"leave_out": True}])
        job = checked(make_import(organization, text, columns=[EMAIL, column]))
        assert [each.index for each in error_groups(job=job)] == [None]

    def test_what_finds_the_contact_can_not_be_left_out(self, organization: Organization) -> None:
        with pytest.raises(ValidationError, match="can't be left out"):
            make_import(organization, TEXT, columns=[EMAIL | {"leave_out": True}])
        job = make_import(organization, TEXT, columns=[EMAIL])
        with pytest.raises(ValidationError, match="is not imported"):
            import_leave_out(job=job, index=1)


@pytest.mark.django_db
class TestCountry:
    TEXT = "email,phone\na@x.org,22 86 44 00\nb@x.org,+49 30 901820\n"

    def phones(self) -> list[str | None]:
        return list(Contact.objects.order_by("email").values_list("phone", flat=True))

    def test_of_the_file_before_that_of_the_organization(self, organization: Organization) -> None:
        organization.country = "DE"
        organization.save()
        job = make_import(organization, self.TEXT, columns=[EMAIL, PHONE], country="no")
        imported(job)
        assert self.phones() == ["+4722864400", "+4930901820"]

    def test_it_is_taken_back(self, organization: Organization) -> None:
        job = make_import(organization, self.TEXT, columns=[EMAIL, PHONE], country="NO")
        job = checked(import_map(job=job, columns=[EMAIL, PHONE], country=""))
        assert job.predicted_counts == {"created": 1, "failed": 1}

    def test_an_unknown_one_is_refused(self, organization: Organization) -> None:
        with pytest.raises(ValidationError, match="not the code of a country"):
            make_import(organization, self.TEXT, country="XX")


@pytest.mark.django_db
def test_an_error_file_is_imported_as_its_original_was(organization: Organization) -> None:
    columns = [EMAIL, PHONE, AGE]
    job = make_import(organization, TEXT, columns=columns)
    job = imported(import_map(job=job, columns=columns, country="NO", subscribes_new=False))
    errors = "".join(error_file_lines(job=job)).replace("bad,", "d@x.org,").replace(",12,", ",,")
    again = import_create(
        file=ContentFile(errors.replace(",x,", ",34,").encode(), name="errors.csv"), actor=SCREEN
    )
    assert [entry["target"] for entry in again.mapping] == [
        "email",
        "phone",
        "custom:age",
        None,
        None,
    ]
    assert imported(again).counts == {"created": 3}
    assert again.options["country"] == "NO"
    assert not Contact.objects.filter(is_subscribed=True).exists()
