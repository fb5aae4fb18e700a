"""What a mapping may say, and where its errors are."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts.models import Contact
from imports.services.uploads import import_map
from organizations.models import Organization
from tests.factories import imported, make_custom_field, make_import

FILE = "email,id,name,when,amount,wants\nana@example.org,7,Ana,01/02/2024,1.5,Red\n"
EMAIL = {"index": 0, "target": "email"}


def errors(organization: Organization, *entries: dict[str, Any], **options: Any) -> dict[str, str]:
    """The code of each error, by path."""
    job = make_import(organization, FILE, columns=[EMAIL])
    with pytest.raises(ValidationError) as refused:
        import_map(job=job, columns=list(entries), **options)
    job.refresh_from_db()
    assert job.mapping[0]["target"] == "email", "a refused mapping is not kept"
    return {path: each[0].code for path, each in refused.value.error_dict.items()}


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"index": 6, "target": "city"}, "unknown_column"),
        ({"index": -1, "target": "city"}, "unknown_column"),
        ({"index": True, "target": "city"}, "unknown_column"),
        ({"target": "city"}, "unknown_column"),
        ({"index": 0, "target": "city"}, "repeated"),
        ({"index": 1, "target": "email"}, "repeated"),
        ({"index": 1, "target": "deleted_at"}, "unknown_target"),
        ({"index": 1, "target": "email_key"}, "unknown_target"),
        ({"index": 1, "target": 5}, "invalid"),
        ({"index": 1, "target": "custom:Age!", "type": "number"}, "invalid"),
        ({"index": 1, "target": "custom:age"}, "type_missing"),
        ({"index": 1, "target": "custom:age", "type": "integer"}, "type_missing"),
        ({"index": 1, "target": "custom:age", "type": "choice", "new_choices": "x"}, "choices"),
        ({"index": 1, "target": "city", "write": "sometimes"}, "write"),
        ({"index": 1, "target": "tags", "write": "fill"}, "write"),
        ({"index": 1, "target": "further_email", "erase_blanks": True}, "write"),
        ({"index": 1, "target": "is_subscribed", "erase_blanks": True}, "erase_blanks"),
        ({"index": 1, "target": "company_name", "link": "yes"}, "invalid"),
        ({"index": 1, "target": "preference:gossip"}, "unknown_target"),
        ({"index": 1, "target": "custom:score", "type": "text"}, "type"),
        ({"index": 1, "target": "tags", "separator": "x"}, "separator"),
    ],
)
def test_an_entry_that_is_wrong(
    organization: Organization, entry: dict[str, Any], code: str
) -> None:
    make_custom_field(organization, "score", "number")
    assert errors(organization, EMAIL, entry) == {"columns.1": code}


def test_the_key_has_to_be_mapped(organization: Organization) -> None:
    assert errors(organization, {"index": 2, "target": "first_name"}) == {"columns": "key_missing"}
    assert errors(organization, EMAIL, match="external_id") == {"columns": "key_missing"}


def test_columns_that_are_not_named_are_left_out(organization: Organization) -> None:
    job = make_import(organization, FILE, columns=[EMAIL, {"index": 2, "target": "first_name"}])
    assert [entry["target"] for entry in job.mapping] == ["email", None, "first_name", *[None] * 3]
    imported(job)
    ana = Contact.objects.get()
    assert (ana.first_name, ana.external_id, ana.custom_fields) == ("Ana", None, {})


def test_several_columns_of_tags(organization: Organization) -> None:
    text = 'email,a,b\nana@example.org,"VIP, Friend",Old|vip\n'
    columns = [
        EMAIL,
        {"index": 1, "target": "tags", "separator": ","},
        {"index": 2, "target": "tags", "separator": "|"},
    ]
    imported(make_import(organization, text, columns=columns))
    names = Contact.objects.values_list("tag_assignments__tag__name", flat=True)
    assert set(names) == {"VIP", "Friend", "Old"}


def test_fields_with_choices(organization: Organization) -> None:
    make_custom_field(organization, "wants", "multi_choice", choices=["Red", "Blue"])
    text = "email,wants\na@example.org,red; BLUE\nb@example.org,Green\n"
    job = imported(
        make_import(organization, text, columns=[EMAIL, {"index": 1, "target": "custom:wants"}])
    )
    assert job.counts == {"created": 1, "failed": 1}
    assert Contact.objects.get().custom_fields == {"wants": ["Red", "Blue"]}
    (error,) = job.records.get(outcome="failed").errors
    assert (error["column"], error["code"]) == ("wants", "unknown_choice")
