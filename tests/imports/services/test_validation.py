"""The check: what it keeps, what it predicts, and that it writes nothing else."""

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Contact, ContactHistory, ContactOperation, CustomFieldDefinition
from imports.models import ImportJob, ImportRecord
from imports.services import validation
from imports.services.control import import_start, import_validate
from imports.services.uploads import import_map
from organizations.models import Organization
from tags.models import Tag
from tests.factories import SCREEN, checked, imported, make_contact, make_import

KEYS = [{"index": 0, "target": "email"}, {"index": 1, "target": "external_id"}]


def message(job: ImportJob, line: int) -> str:
    return job.records.get(line_number=line).errors[0]["message"]


def test_the_check_makes_nothing(organization: Organization) -> None:
    text = "email,age,tags\nana@example.org,31,VIP\n"
    job = checked(make_import(organization, text, tags=["New"]))
    assert job.predicted_counts == {"created": 1}
    for model in (Contact, ContactHistory, ContactOperation, CustomFieldDefinition, Tag):
        assert not model.objects.exists(), model
    imported(job)
    assert CustomFieldDefinition.objects.get().key == "age"
    assert set(Tag.objects.values_list("name", flat=True)) == {"VIP", "New"}


def test_header_without_lines(organization: Organization) -> None:
    job = checked(make_import(organization, "email,name\n"))
    assert (job.status, job.total_records, job.predicted_counts) == ("validated", 0, {})
    job = imported(job)
    assert (job.status, job.counts) == ("completed", {})


def test_the_first_valid_line_of_a_key_wins(organization: Organization) -> None:
    text = "email,age\nana@example.org,x\nANA@example.org,2\nana@example.org,3\n"
    columns = [
        {"index": 0, "target": "email"},
        {"index": 1, "target": "custom:age", "type": "number"},
    ]
    job = imported(make_import(organization, text, columns=columns))
    outcomes = list(job.records.order_by("row_number").values_list("outcome", flat=True))
    assert outcomes[0] == "failed"
    assert outcomes[2] == "duplicate"
    assert "line 3" in message(job, 4)


def test_keys_that_repeat_far_apart(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "READ_ROWS", 10)
    monkeypatch.setattr(validation, "COMPARE_ROWS", 7)
    lines = "".join(f"p{number % 30}@example.org\n" for number in range(100))
    job = imported(make_import(organization, "email\n" + lines, batch_size=8))
    assert job.counts == job.predicted_counts == {"created": 30, "duplicate": 70}
    assert job.current_batch == 13
    assert "line 2," in message(job, 32)


def test_an_address_on_two_external_ids_fails(organization: Organization) -> None:
    text = "email,id\nana@example.org,1\nAna@example.org,2\n,3\n"
    job = imported(make_import(organization, text, columns=KEYS, match="external_id"))
    assert job.counts == {"created": 2, "failed": 1}
    assert "The e-mail address is on line 2 too" in message(job, 3)


def test_an_external_id_of_somebody_else_fails_naming_them(organization: Organization) -> None:
    owner = make_contact(organization, email="o@example.org", external_id="7", first_name="Ola")
    text = "email,id\nana@example.org,7\n"
    job = checked(make_import(organization, text, columns=KEYS))
    assert job.predicted_counts == {"failed": 1}
    job = imported(job)
    assert job.counts == {"failed": 1}
    assert (
        message(job, 2) == f"The external ID belongs to another contact: Ola (contact {owner.pk})."
    )


def test_an_address_of_somebody_else_fails_naming_them(organization: Organization) -> None:
    owner = make_contact(organization, email="o@example.org")
    make_contact(organization, email="ana@example.org", external_id="1")
    text = "email,id\no@example.org,1\n"
    job = imported(make_import(organization, text, columns=KEYS, match="external_id"))
    assert job.counts == {"failed": 1}
    assert f"o@example.org (contact {owner.pk})" in message(job, 2)
    assert Contact.objects.get(external_id="1").email == "ana@example.org"


def test_others_contacts_are_not_compared_with(organization: Organization) -> None:
    from tests.factories import make_organization

    make_contact(make_organization(), email="ana@example.org", external_id="7")
    job = imported(make_import(organization, "email,id\nana@example.org,7\n", columns=KEYS))
    assert job.counts == {"created": 1}


def test_another_mapping_clears_the_earlier_check(organization: Organization) -> None:
    job = checked(make_import(organization, "email,id\nana@example.org,7\nbad,8\n\n", columns=KEYS))
    assert job.predicted_counts == {"created": 1, "failed": 1, "skipped": 1}
    job = import_map(job=job, columns=[KEYS[1]], match="external_id")
    assert (job.status, job.validation_status) == ("draft", "pending")
    with pytest.raises(ValidationError):
        import_start(job=job, actor=SCREEN)
    job = checked(job)
    assert job.predicted_counts == {"created": 2, "skipped": 1}
    assert ImportRecord.objects.count() == job.total_records == 3
    assert set(ImportRecord.objects.values_list("match_key", flat=True)) == {"7", "8", None}


def test_checking_twice_is_checking_once(organization: Organization) -> None:
    job = checked(make_import(organization, "email,tags\nana@example.org,VIP\nbad,\n"))
    first = list(ImportRecord.objects.order_by("row_number").values())
    predicted = job.predicted_counts
    job = checked(job)
    assert list(ImportRecord.objects.order_by("row_number").values()) == first
    assert job.predicted_counts == predicted


def test_the_world_may_change_after_the_check(organization: Organization) -> None:
    """The run compares anew: what it counts is what it did."""
    job = checked(make_import(organization, "email,name\nana@example.org,Ana\n"))
    make_contact(organization, email="ana@example.org", first_name="Ana")
    from imports.jobs import run_import

    import_start(job=job, actor=SCREEN)
    run_import(organization_id=organization.pk, import_id=job.pk)
    job.refresh_from_db()
    assert (job.predicted_counts, job.counts) == ({"created": 1}, {"unchanged": 1})


def test_too_many_tags_are_a_column_that_is_none_of_tags(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(validation, "MAX_TAGS", 10)
    lines = "".join(f"p{number}@example.org,Tag {number}\n" for number in range(11))
    columns = [KEYS[0], {"index": 1, "target": "tags"}]
    job = checked(make_import(organization, "email,tags\n" + lines, columns=columns))
    assert (job.status, job.validation_status) == ("failed", "failed")
    assert "Is it mapped to the right field?" in job.error
    job = import_map(job=job, columns=[KEYS[0]])
    assert checked(job).predicted_counts == {"created": 11}


def test_a_mapping_without_key_is_not_checked(organization: Organization) -> None:
    job = make_import(organization, "email\nana@example.org\n")
    ImportJob.objects.filter(pk=job.pk).update(mapping=[{"index": 0, "target": None}])
    with pytest.raises(ValidationError) as refused:
        import_validate(job=job)
    assert refused.value.error_dict["columns"][0].code == "key_missing"
