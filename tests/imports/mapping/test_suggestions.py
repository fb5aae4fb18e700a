import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imports.mapping.suggestions import Suggestion, custom_key, suggest
from imports.mapping.synonyms import TARGETS
from imports.reading.file_format import detect
from imports.reading.header import Column, read_header
from imports.reading.shapes import Shape
from tests.imports.mapping.header_rows import HEADER_ROWS
from tests.shared_data import shared_file, shared_names

FLAGS = ("is_subscribed", "is_active")


def column(name: str, shape: Shape = "text", fill: int = 100, index: int = 0) -> Column:
    return Column(index, name, ("x",) if fill else (), fill, shape)


def of_file(name: str) -> dict[str, Suggestion]:
    path = shared_file(name)
    columns = read_header(path, detect(path))
    return {found.name: made for found, made in zip(columns, suggest(columns), strict=True)}


def accepted(name: str) -> dict[str, str | None]:
    return {header: made.target for header, made in of_file(name).items() if made.accepted}


def test_the_column_with_values_goes_before_the_blank_one() -> None:
    found = of_file("vendor/ghost/members-duplicate-mapping.csv")
    assert found["email_addr"].target == "email"
    assert found["Email"].target is None


def test_the_shape_finds_addresses_under_an_unknown_name() -> None:
    found = of_file("vendor/ghost/members-with-mappings.csv")["correo_electrpnico"]
    assert (found.target, found.confidence, found.accepted) == ("email", 0.8, True)


def test_mailchimp() -> None:
    assert accepted("vendor/mailchimp/subscribed.csv") == {
        "Email Address": "email",
        "First Name": "first_name",
        "Last Name": "last_name",
        "Company": "company_name",
        "Position": "job_title",
        "TIMEZONE": "timezone",
        "CC": "country",
        "EUID": "external_id",
        "TAGS": "tags",
    }


def test_ghost() -> None:
    assert accepted("vendor/ghost/valid-members-import.csv") == {
        "email": "email",
        "name": "full_name",
        "subscribed_to_emails": "is_subscribed",
        "labels": "tags",
    }


def test_salesforce_accounts_are_companies() -> None:
    found = accepted("vendor/salesforce/accountData.csv")
    assert found["NAME"] == "company_name"
    assert found["BILLINGCITY"] == "city"


def test_a_file_without_header_is_mapped_by_shape() -> None:
    assert accepted("vendor/dittofeed/missing-headers-users.csv") == {"Column 2": "email"}


@pytest.mark.parametrize("name", shared_names("vendor/*/*.csv"))
def test_no_target_is_suggested_twice(name: str) -> None:
    targets = [made.target for made in of_file(name).values() if made.target]
    assert len(targets) == len(set(targets))


def test_nearly_known_names_are_never_accepted() -> None:
    (found,) = suggest([column("Vornamme")])
    assert (found.target, found.accepted) == ("first_name", False)
    assert found.confidence <= 0.6
    assert "nearly" in found.reason


@pytest.mark.parametrize("header", ["Organisation", "Organization", "Organisatin"])
def test_organisation_is_never_a_phone(header: str) -> None:
    (found,) = suggest([column(header)])
    assert found.target == "company_name"


@pytest.mark.parametrize("header", ["Unsubscribed", "Email Opt Out", "opted_out"])
def test_who_opted_out_is_known(header: str) -> None:
    (found,) = suggest([column(header, "boolean")])
    assert (found.target, found.accepted) == ("opted_out", True)
    (found,) = suggest([column(header, "number")])
    assert found.target != "is_subscribed"


def test_values_that_cannot_be_keep_a_name_from_being_taken() -> None:
    (found,) = suggest([column("Newsletter", "text")])
    assert found.target == "custom:newsletter"
    (found,) = suggest([column("Contact", "email")])
    assert found.target == "email"
    (found,) = suggest([column("Subscriber", "boolean")])
    assert found.target != "email"


def test_name_beside_vorname_is_the_last_name() -> None:
    found = suggest([column("Vorname"), column("Name", index=1)])
    assert [made.target for made in found] == ["first_name", "last_name"]


@pytest.mark.parametrize("row", HEADER_ROWS.values(), ids=HEADER_ROWS)
def test_header_rows_of_other_languages(row: dict[str, str | None]) -> None:
    columns = [
        column(name, "boolean" if target in FLAGS else "text", index=index)
        for index, (name, target) in enumerate(row.items())
    ]
    found = suggest(columns)
    assert {
        each.name: made.target if made.accepted else None
        for each, made in zip(columns, found, strict=True)
    } == row


@pytest.mark.parametrize("header", ["Désabonné", "De baja", "Descadastrado", "Afgemeld"])
def test_who_opted_out_is_known_in_other_languages(header: str) -> None:
    (found,) = suggest([column(header, "boolean")])
    assert (found.target, found.accepted) == ("opted_out", True)


def test_what_is_nearly_a_name_of_the_language_of_the_file_is_shown() -> None:
    found = suggest([column("Prénom"), column("Téléphonne mobil", index=1)])
    assert (found[1].target, found[1].accepted) == ("phone", False)
    (found_alone,) = suggest([column("Voornam")])
    assert found_alone.target == "first_name"
    assert "vorname" in found_alone.reason or "vornamen" in found_alone.reason


@pytest.mark.parametrize("header", ["Actif", "Activo", "Attivo", "Active", "Aktiv"])
def test_active_is_yes_or_no(header: str) -> None:
    assert [made.target for made in suggest([column(header, "boolean")])] == ["is_active"]
    assert [made.accepted for made in suggest([column(header, "text")])] == [False]


def test_a_whole_name_beside_its_parts_is_ignored() -> None:
    headers = ["First name", "Last name", "Name"]
    found = suggest([column(name, index=index) for index, name in enumerate(headers)])
    assert [made.target for made in found] == ["first_name", "last_name", None]


@pytest.mark.parametrize(
    ("shape", "type"),
    [("number", "number"), ("date", "date"), ("datetime", "datetime"), ("boolean", "boolean"),
     ("url", "url"), ("text", "text"), ("tags", "text")],
)  # fmt: skip
def test_unknown_columns_can_become_custom_fields(shape: Shape, type: str) -> None:
    (found,) = suggest([column("Shoe Size", shape)])
    assert found.target == "custom:shoe_size"
    assert (found.type, found.accepted) == (type, False)
    assert found.confidence < 0.5


def test_the_second_column_of_a_name_can_become_a_custom_field() -> None:
    found = suggest([column("Phone"), column("Mobile", fill=90, index=1)])
    assert [made.target for made in found] == ["phone", "custom:mobile"]


def test_a_second_column_of_addresses_is_a_further_one() -> None:
    columns = [
        Column(index, name, ("a@x.org",), 100, "email")
        for index, name in enumerate(("email", "other mail", "third"))
    ]
    found = suggest(columns)
    assert [made.target for made in found] == ["email", "further_email", "custom:third"]
    assert not found[1].accepted


@given(st.text(max_size=80), st.integers(0, 500))
def test_keys_of_custom_fields_are_plain(name: str, index: int) -> None:
    key = custom_key(name, index)
    assert re.fullmatch("[a-z][a-z0-9_]{0,49}", key)


@given(
    st.lists(
        st.builds(
            Column,
            st.just(0),
            st.one_of(
                st.text(max_size=30), st.sampled_from(["email", "Name", "id", "Telefon", "x"])
            ),
            st.just(("x",)),
            st.integers(0, 100),
            st.sampled_from(["email", "phone", "number", "boolean", "text", "tags"]),
        ),
        max_size=12,
    )
)
def test_every_column_gets_one_suggestion_and_no_target_two(columns: list[Column]) -> None:
    placed = [
        Column(index, found.name, found.samples, found.fill_percent, found.shape)
        for index, found in enumerate(columns)
    ]
    made = suggest(placed)
    targets = [suggestion.target for suggestion in made if suggestion.target]
    assert [suggestion.index for suggestion in made] == list(range(len(placed)))
    assert len(targets) == len(set(targets))
    suggested = {*TARGETS, "further_email"}
    assert all(target in suggested or target.startswith("custom:") for target in targets)
    json.dumps([suggestion.as_dict() for suggestion in made])
