import pytest

from imports.mapping.synonyms import TARGETS, is_inverted, names_of_targets, normalized, target_of


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("E-Mail", "email"),
        ("eMail_Address", "email"),
        ("EMAIL ADDRESS", "email"),
        ("E-mail 1 - Value", "email"),
        ("email_addr", "email"),
        ("E-Mail-Adresse *", "email"),
        ("Record ID", "external_id"),
        ("CustomerId", "external_id"),
        ("External_Id__c", "external_id"),
        ("Kundennummer", "external_id"),
        ("Phone 1 - Value", "phone"),
        ("Mobile Phone", "phone"),
        ("MobilePhone", "phone"),
        ("Telefon", "phone"),
        ("firstName", "first_name"),
        ("FNAME", "first_name"),
        ("Given Name", "first_name"),
        ("Vorname", "first_name"),
        ("Surname", "last_name"),
        ("Nachname", "last_name"),
        ("name", "full_name"),
        ("Organization Name", "company_name"),
        ("Organisation", "company_name"),
        ("Account Name", "company_name"),
        ("Firma", "company_name"),
        ("Title", "job_title"),
        ("Job Title", "job_title"),
        ("MailingCity", "city"),
        ("Business City", "city"),
        ("Ort", "city"),
        ("Country/Region", "country"),
        ("CC", "country"),
        ("Ländercode", "country"),
        ("Laendercode", "country"),
        ("Preferred language", "language"),
        ("Sprache", "language"),
        ("TIMEZONE", "timezone"),
        ("Time Zone", "timezone"),
        ("LeadSource", "source"),
        ("subscribed_to_emails", "is_subscribed"),
        ("Accepts Email Marketing", "is_subscribed"),
        ("labels", "tags"),
        ("Group Membership", "tags"),
        ("Schlagwörter", "tags"),
    ],
)
def test_names_of_other_products_are_known(header: str, target: str) -> None:
    found = target_of(header)
    assert found is not None
    assert found[0] == target
    assert 0.95 <= found[1] <= 1.0


@pytest.mark.parametrize(
    "header", ["note", "Notes", "created_at", "Address", "Fax", "Column 3", ""]
)
def test_other_names_are_not(header: str) -> None:
    assert target_of(header) is None


@pytest.mark.parametrize(
    "header",
    [
        "Unsubscribed",
        "opt-out",
        "HasOptedOutOfEmail",
        "Email Opt Out",
        "Unsubscribed from all email",
    ],
)
def test_inverted_consent_is_never_consent(header: str) -> None:
    assert is_inverted(header)
    assert target_of(header) is None


def test_every_name_leads_to_a_target_and_every_target_has_names() -> None:
    assert set(names_of_targets().values()) == set(TARGETS)


def test_headers_become_words() -> None:
    assert normalized("  HTTPServer_Höhe (cm):") == "http server hohe cm"
