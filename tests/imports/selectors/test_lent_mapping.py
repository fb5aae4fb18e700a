"""A saved mapping, or that of an earlier import, for a file with the same columns."""

from contacts.models import Contact
from imports.models import ImportJob
from imports.selectors.lent_mapping import lent_mapping
from imports.services.saved_mappings import mapping_save
from imports.services.uploads import import_map
from organizations.models import Organization
from tests.api_suite import Program, assert_problem
from tests.factories import SCREEN, imported, make_custom_field, make_import
from tests.screens import Screens

COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "custom:since"},
    {"index": 2, "target": "custom:size", "type": "choice"},
]


def made(organization: Organization, since: str, size: str = "S") -> ImportJob:
    return make_import(organization, f"email,since,size\na@x.org,{since},{size}\n", columns=COLUMNS)


def lent(kept: ImportJob, organization: Organization, since: str, size: str = "S") -> ImportJob:
    job = made(organization, since, size)
    return import_map(job=job, columns=lent_mapping(job=job, mapping=kept.mapping))


def test_what_the_new_file_tells_of_itself_holds(organization: Organization) -> None:
    """A saved order of dates is for files that leave it open: others would be misread."""
    make_custom_field(organization, "since", "date")
    kept = made(organization, "25/12/2024")
    assert kept.mapping[1]["day_first"] is True
    assert lent(kept, organization, "12/25/2024").mapping[1]["day_first"] is False
    assert lent(kept, organization, "03/04/2024").mapping[1]["day_first"] is True


def test_a_new_field_has_the_choices_of_the_new_file(organization: Organization) -> None:
    make_custom_field(organization, "since", "date")
    kept = made(organization, "2024-01-02")
    assert kept.mapping[2]["new_choices"] == ["S"]
    job = imported(lent(kept, organization, "2024-01-02", "XL"))
    assert job.counts == {"created": 1}
    assert Contact.objects.get().custom_fields["size"] == "XL"


def test_the_screen_borrows_it_so(organization: Organization) -> None:
    make_custom_field(organization, "since", "date")
    kept = mapping_save(job=made(organization, "25/12/2024"), name="Monthly", actor=SCREEN)
    job = made(organization, "12/25/2024")
    page = Screens(organization).get(f"imports/{job.pk}/map/?saved={kept.pk}").content.decode()
    assert '<option value="month" selected>' in page


def test_a_file_that_is_not_read_has_no_mapping_to_keep(organization: Organization) -> None:
    job = make_import(organization, "email\na@x.org\n")
    ImportJob.objects.update(columns=[], mapping=[], format={}, status="reading")
    values = {"import_job": job.pk, "name": "Monthly"}
    answer = Program(organization).post("import-mappings/", values)
    assert_problem(answer, answer.status_code, "import_job", "wrong_status")
    assert answer.status_code in (400, 409)
