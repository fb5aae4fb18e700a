from collections import Counter

import pytest

from imports.mapping.languages import LANGUAGES, Language
from imports.mapping.synonyms import (
    TARGETS,
    compact,
    is_inverted,
    is_known_header,
    normalized,
    target_of,
    vocabulary_of,
)


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
    assert set(vocabulary_of([]).words.values()) == set(TARGETS)


def test_headers_become_words() -> None:
    assert normalized("  HTTPServer_Höhe (cm):") == "http server hohe cm"


@pytest.mark.parametrize(
    "header",
    [
        "E-mail (obrigatório)",
        "E-mail* (Obligatorio) :",
        "e-mail (verplicht)",
        "E-MAIL [obligatoire]",
        "e-mail (obbligatorio)*",
    ],
)
def test_what_a_form_says_about_a_field_is_no_part_of_its_name(header: str) -> None:
    assert normalized(header) == "e mail"


each_language = pytest.mark.parametrize(
    "language", LANGUAGES, ids=["french", "spanish", "portuguese", "italian", "dutch"]
)


def spellings(names: str) -> list[str]:
    return [" ".join(name.split()) for name in names.split(",")]


def compacted(language: Language) -> list[str]:
    return [compact(name) for names in language.names.values() for name in spellings(names)]


@each_language
def test_every_target_has_a_name_in_every_language(language: Language) -> None:
    assert set(language.names) == set(TARGETS)
    assert all(compacted(language))


@each_language
def test_no_spelling_belongs_to_two_targets_nor_is_there_twice(language: Language) -> None:
    assert [name for name, count in Counter(compacted(language)).items() if count > 1] == []


@each_language
def test_a_language_does_not_repeat_english_and_german(language: Language) -> None:
    assert [name for name in compacted(language) if target_of(name)] == []


@each_language
def test_every_name_of_a_language_leads_to_its_target(language: Language) -> None:
    beside = [name for names in language.only_beside.values() for name in spellings(names)]
    vocabulary = vocabulary_of([*compacted(language), *beside])
    for target, names in language.names.items():
        for name in spellings(names):
            for spelling in (name, name.upper(), compact(name)):
                found = vocabulary.target_of(spelling)
                assert found is not None
                assert found[0] == target
                assert is_known_header(spelling) is (target not in {"is_subscribed", "is_active"})


@each_language
def test_what_says_no_is_never_consent_in_any_language(language: Language) -> None:
    assert all(is_inverted(name) for name in spellings(language.opted_out))
    assert [name for name in compacted(language) if is_inverted(name)] == []


@each_language
def test_a_language_changes_english_and_german_by_its_false_friends_only(
    language: Language,
) -> None:
    english = vocabulary_of(["email"])
    found = vocabulary_of(compacted(language))
    false_friends = {compact(name) for name in spellings(language.false_friends)} - {""}
    changed = {name for name in english.targets if found.targets.get(name) != english.targets[name]}
    assert changed == false_friends


def test_english_and_german_files_are_read_without_other_languages() -> None:
    everywhere = vocabulary_of([])
    assert vocabulary_of(everywhere.targets) is everywhere
    assert [name for name in everywhere.targets if is_inverted(name)] == []


@pytest.mark.parametrize("cell", ["active", "Actif", "Abonné", "suscrito", "désabonné", "Baja"])
def test_what_flags_say_is_no_header(cell: str) -> None:
    assert not is_known_header(cell)


@pytest.mark.parametrize(
    ("headers", "header", "target"),
    [
        (["Prénom", "Titre"], "Titre", None),
        (["Prénom", "Civilité", "Titre"], "Titre", "job_title"),
        (["Nome", "Apelido", "Celular"], "Apelido", None),
        (["Nome", "Apelido", "Telemóvel"], "Apelido", "last_name"),
        (["Voornaam", "Titel"], "Titel", None),
        (["Vorname", "Titel"], "Titel", "job_title"),
        (["Cognome", "Firma"], "Firma", None),
        (["Voornaam", "Firma"], "Firma", "company_name"),
        (["Nombre", "Estado"], "Estado", None),
        (["Cognome", "Stato"], "Stato", None),
        (["Cognome", "Titolo", "Note"], "Note", None),
        (["Cognome", "Nome", "Data"], "Data", None),
        (["Voornaam", "Land"], "Land", "country"),
        (["Prénom", "Nom Prénom"], "Nom Prénom", None),
    ],
)
def test_false_friends(headers: list[str], header: str, target: str | None) -> None:
    found = vocabulary_of(headers).target_of(header)
    assert (found and found[0]) == target
