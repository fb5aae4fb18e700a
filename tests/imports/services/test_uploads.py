"""Taking files in: what is refused at once, what is found out, what can be said better."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from contacts.models import Contact
from imports.models import ImportJob
from imports.services.control import import_start
from imports.services.uploads import import_create, import_map, import_reread
from organizations.models import Organization
from tests.factories import SCREEN, checked, imported, make_import

EMAIL = [{"index": 0, "target": "email"}]


def upload(content: bytes, **options: Any) -> ImportJob:
    return import_create(file=ContentFile(content, name="people.csv"), actor=SCREEN, **options)


def error_of(error: pytest.ExceptionInfo[ValidationError], path: str) -> ValidationError:
    (found,) = error.value.error_dict[path]
    return found


@pytest.fixture
def keeps_nothing(organization: Organization) -> Iterator[None]:
    """No file is left behind. (Other tests' organizations had the same number, and left theirs.)"""
    folder = f"imports/{organization.pk}"
    default_storage.save(f"{folder}/other.csv", ContentFile(b""))
    before = set(default_storage.listdir(folder)[1])
    yield
    assert set(default_storage.listdir(folder)[1]) == before


@pytest.mark.usefixtures("keeps_nothing")
@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf\r\n"])
def test_empty_files_are_refused(organization: Organization, content: bytes) -> None:
    with pytest.raises(ValidationError) as refused:
        upload(content)
    assert error_of(refused, "file").code == "empty"
    assert not ImportJob.objects.exists()


@pytest.mark.usefixtures("keeps_nothing")
def test_more_columns_than_a_file_may_have(organization: Organization) -> None:
    names = ",".join(f"column {number}" for number in range(1001))
    with pytest.raises(ValidationError) as refused:
        upload(names.encode())
    found = error_of(refused, "file")
    assert found.code == "too_many_columns"
    assert "Line 1 has 1,001 columns" in found.message


def test_five_hundred_columns(organization: Organization) -> None:
    header = ",".join(["email", *(f"c{number}" for number in range(499))])
    line = ",".join(["ana@example.org", *(str(number) for number in range(499))])
    columns = EMAIL + [
        {"index": index, "target": f"custom:c{index - 1}", "type": "number"}
        for index in range(1, 500)
    ]
    job = imported(make_import(organization, f"{header}\n{line}\n", columns=columns))
    assert (job.status, job.counts) == ("completed", {"created": 1})
    ana = Contact.objects.get()
    assert ana.custom_fields == {f"c{number}": number for number in range(499)}


def test_columns_of_one_name_are_told_apart(organization: Organization) -> None:
    job = upload(b"email,email,,Email\na@example.org,b@example.org,x,y\n")
    assert [column["name"] for column in job.columns] == ["email", "email (2)", "Column 3", "Email"]
    assert [entry["target"] for entry in job.mapping].count("email") == 1
    job = imported(import_map(job=job, columns=[{"index": 1, "target": "email"}]))
    assert Contact.objects.get().email == "b@example.org"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-8"])
def test_encodings_and_marks(organization: Organization, encoding: str) -> None:
    text = "E-Mail;Vorname;Stadt\nbjoern@example.org;Björn;Köln\njuergen@example.org;Jürgen;Düsseldorf\n"
    job = imported(make_import(organization, text.encode(encoding)))
    assert [column["name"] for column in job.columns] == ["E-Mail", "Vorname", "Stadt"]
    assert set(Contact.objects.values_list("email", "first_name", "city")) == {
        ("bjoern@example.org", "Björn", "Köln"),
        ("juergen@example.org", "Jürgen", "Düsseldorf"),
    }


def test_what_people_say_of_a_file_is_taken_as_given(organization: Organization) -> None:
    job = upload("Имя|mail@example.org\n".encode("cp1251"))
    job = import_reread(job=job, encoding="cp1251", delimiter="|", has_header=False)
    assert [column["samples"] for column in job.columns] == [["Имя"], ["mail@example.org"]]
    job = import_map(
        job=job, columns=[{"index": 0, "target": "first_name"}, {"index": 1, "target": "email"}]
    )
    assert imported(job).counts == {"created": 1}
    assert Contact.objects.get().first_name == "Имя"


def test_reading_anew_drops_the_check(organization: Organization) -> None:
    job = checked(make_import(organization, "email,name\nana@example.org,Ana\n"))
    job = import_reread(job=job, has_header=False)
    assert (job.status, job.validation_status) == ("draft", "pending")
    with pytest.raises(ValidationError) as refused:
        import_start(job=job, actor=SCREEN)
    assert error_of(refused, "status").code == "wrong_status"


def test_an_import_that_has_run_is_not_changed(organization: Organization) -> None:
    job = imported(make_import(organization, "email\nana@example.org\n"))
    for change in (
        lambda: import_map(job=job, columns=EMAIL),
        lambda: import_reread(job=job, has_header=False),
    ):
        with pytest.raises(ValidationError) as refused:
            change()
        assert error_of(refused, "status").code == "wrong_status"


@pytest.mark.usefixtures("keeps_nothing")
@pytest.mark.parametrize("options", [{"batch_size": 0}, {"match": "name"}, {"mode": "delete"}])
def test_unknown_choices_are_refused(organization: Organization, options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        upload(b"email\nana@example.org\n", **options)
    assert set(refused.value.error_dict) == set(options)


def test_source_and_tags_for_everybody(organization: Organization) -> None:
    text = "email,source,tags\nana@example.org,,\nbo@example.org,Shop,VIP\n"
    job = imported(make_import(organization, text, source="Fair", tags=["Met in Oslo"]))
    assert job.counts == {"created": 2}
    people = Contact.objects.order_by("email").values_list("source", "tag_assignments__tag__name")
    assert list(people.order_by("email", "tag_assignments__tag__name")) == [
        ("Fair", "Met in Oslo"),
        ("Shop", "Met in Oslo"),
        ("Shop", "VIP"),
    ]
