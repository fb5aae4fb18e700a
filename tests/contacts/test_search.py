"""The search box: what people type finds whom they mean, and nothing that is stored or typed breaks it."""

import contextlib
import json
import sys
import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts.cleaning.errors import CleaningError
from contacts.cleaning.texts import clean_text, fold_key
from contacts.folding import folded
from contacts.models import Contact
from contacts.patches import patch_maker
from contacts.search import only_word, search_query
from contacts.selectors.contact_list import ORDERS, contact_list, contact_split
from contacts.selectors.searching import common_words, contact_search
from contacts.services.contacts import contacts_delete, contacts_upsert
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import SCREEN, make_contact, make_organization
from tests.shared_data import shared_file

NASTY = [
    "ﷺ" * 200,
    "a" * 200,
    "é" * 200,
    "\U0001f468‍\U0001f469‍\U0001f467" * 20,
    "Å" * 200,
    "İ" * 200,
    "ß" * 200,
    "﷽" * 200,
    "㌀" * 200,
    "a" * 49 + "ﷺ" * 150,
    "ﷺ " * 100,
    "'" * 200,
    "\\" * 200,
    "& | ! <-> ( ) :*",
    "a:* & !b",
    "\u2028\u2029\u0085",
    "%_\\%",
    "$1 ${x} %(name)s %s {plan}",
]


def found(text: str) -> set[str | None]:
    return set(Contact.objects.search(text).values_list("first_name", flat=True))


@pytest.mark.parametrize(
    "text",
    [
        "Ana",
        "an",
        "ANA",
        "aNa mar",
        "maria ana",
        "  Ana\tMaría ",
        "Núñez",
        "nunez",
        "NUN",
        "núñ",
        "acme",
        "Acme Rock",
        "ana.nunez",
        "ana.nunez@example.co.uk",
        "ANA.NUNEZ@EXAMPLE.CO.UK",
        "nunez@exam",
        "example",
        "example.co.uk",
        "co uk",
        "newsletter",
        "ana.nunez+newsletter",
        "CRM-00042",
        "crm",
        "00042",
        "ana acme crm",
        '"Ana"',
        "(ana)",
        "ana,",
    ],
)
def test_words_and_parts_of_them_find(organization: Organization, text: str) -> None:
    make_contact(
        organization,
        first_name="Ana María",
        last_name="Núñez-Ås",
        company_name="ACME Röck & Co. (Oslo)",
        email="Ana.Nunez+newsletter@example.co.uk",
        external_id="CRM-00042",
    )
    make_contact(organization, first_name="Bob", email="bob@elsewhere.org", external_id="9")
    assert found(text) == {"Ana María"}


@pytest.mark.parametrize("text", ["bna", "aria", "ana bob", "0042", "xample", "na@"])
def test_other_words_do_not(organization: Organization, text: str) -> None:
    make_contact(organization, first_name="Ana María", last_name="Núñez", email="nunez@example.org")
    make_contact(organization, first_name="Bob", email="bob@elsewhere.org", external_id="00042")
    assert "Ana María" not in found(text)


@pytest.mark.parametrize(
    "text",
    [
        "+4722334455",
        "+47 22 33 44 55",
        "004722334455",
        "22334455",
        "22 33 44 55",
        "22-33-44-55",
        "(22) 33.44.55",
        "+47 22 33",
        "22 33 4",
        "4722334455",
    ],
)
def test_telephone_numbers_are_found_as_people_write_them(
    organization: Organization, text: str
) -> None:
    make_contact(organization, first_name="Ana", phone="+4722334455")
    make_contact(organization, first_name="Bob", phone="+4791919191")
    assert found(text) == {"Ana"}


@pytest.mark.parametrize(
    "text", ["020 7183 8750", "+44 20 7183 8750", "(020) 7183 8750", "020 7183"]
)
def test_the_zero_of_the_national_form_does_not_matter(
    organization: Organization, text: str
) -> None:
    make_contact(organization, first_name="Ana", phone="+442071838750")
    make_contact(organization, first_name="Bob", phone="+442071830000")
    assert "Ana" in found(text)


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("Ångström", "angstrom"),
        ("angstrom", "ÅNGSTRÖM"),
        ("Straße", "straße"),
        ("ŁUKASZ", "łukasz"),
        ("Ελένη", "ελενη"),
        ("Йосиф", "иосиф"),
        ("ﬁnn", "finn"),
        ("Ａｎａ", "ana"),
        ("山田", "山"),
        ("e\u0301va", "éva"),
        ("İbrahim", "ibrahim"),
        ("Nguyễn", "nguyen"),
    ],
)
def test_case_accents_and_widths_are_folded(
    organization: Organization, stored: str, typed: str
) -> None:
    make_contact(organization, first_name=stored)
    assert found(typed) == {clean_text(stored, 200)}


def test_numbers_that_are_no_telephone_numbers_are_found(organization: Organization) -> None:
    make_contact(organization, first_name="Ana", external_id="2026-00017")
    make_contact(organization, first_name="Bob", external_id="0099887")
    assert found("2026-00017") == found("2026-000") == found("00017") == {"Ana"}
    assert found("0099887") == {"Bob"}


def test_blank_finds_all_and_only_separators_find_none(organization: Organization) -> None:
    make_contact(organization, first_name="Ana")
    assert found("") == found("  ") == {"Ana"}
    assert found("...") == found("@") == set()


def test_neither_the_deleted_nor_other_organizations_are_found(organization: Organization) -> None:
    gone = make_contact(organization, first_name="Ana")
    contacts_delete(ids=[gone.pk], actor=SCREEN)
    other = make_organization()
    make_contact(other, first_name="Ana")
    assert found("ana") == set()
    with organization_scope(other):
        assert found("ana") == {"Ana"}


def naughty() -> list[str]:
    return json.loads(shared_file("strings/blns.json").read_text(encoding="utf-8"))


def store(texts: list[str]) -> dict[str, str]:
    """Contacts with the texts as names; what is refused is left out. External ids by text."""
    rows = {}
    for number, text in enumerate(texts):
        with contextlib.suppress(CleaningError):
            name = clean_text(text, 200) or None
            names = dict.fromkeys(("first_name", "last_name", "company_name"), name)
            rows[text] = (f"id{number}", names | {"external_id": f"id{number}"})
    _, written = contacts_upsert(
        rows=list(rows.values()), match="external_id", mode="upsert", actor=SCREEN
    )
    assert {each.outcome for each in written} == {"created"}
    return {text: key for text, (key, _) in rows.items()}


def test_naughty_strings_are_stored_and_found_by_themselves(organization: Organization) -> None:
    texts = list(dict.fromkeys(text[:200] for text in naughty() + NASTY))
    keys = store(texts)
    lost = []
    for text in texts:
        matches = set(Contact.objects.search(text).values_list("external_id", flat=True))
        if text in keys and search_query(text) and keys[text] not in matches:
            lost.append(text)
    assert lost == []


def test_any_length_of_text_can_be_searched(organization: Organization) -> None:
    for text in [
        *NASTY,
        "x " * 3000,
        "ﷺ" * 5000,
        "\0",
        "a\0b",
        "\ud800",
        ".....",
        "( - ) ",
        "٣٤٥٦٧",
    ]:
        list(Contact.objects.search(text)[:1])


def test_addresses_of_any_kind_are_found_by_themselves(organization: Organization) -> None:
    for email in ["o'brien@x.org", "a+b_c-d@x-y.org", "δοκιμή@παράδειγμα.org"]:
        contact = make_contact(organization, email=email, first_name=email)
        assert contact in Contact.objects.search(email)


ASSIGNED = st.characters(
    codec="utf-8", exclude_categories=("Cn", "Co", "Cs"), exclude_characters="\0"
)
NAMES = st.lists(st.text(ASSIGNED, max_size=200), min_size=40, max_size=40)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(texts=NAMES)
@example(texts=["ΑΣ ΣΑ Σ", "İI ı", "ß ẞ", "ǅ", "ﷺ", "a\u0345", "Ά", "\u1fb3\u1fbc", "𐐀", "ꭰ"])
def test_the_database_folds_as_python_does(texts: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"select {folded('t.value')} from unnest(%s::text[]) with ordinality as t (value, n) "
            "order by n",
            [texts],
        )
        stored = [" ".join(value.split()) for (value,) in cursor.fetchall()]
    assert stored == [fold_key(text) for text in texts]


@pytest.mark.django_db
def test_every_character_folds_the_same_in_the_database() -> None:
    """Of those that Python knows: PostgreSQL may know a newer Unicode."""
    letters = [
        chr(n)
        for n in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(n)) not in ("Cn", "Co", "Cs")
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"select t.value, {folded('t.value')} from unnest(%s::text[]) as t (value)", [letters]
        )
        differing = {
            letter: stored
            for letter, stored in cursor.fetchall()
            if " ".join(stored.split()) != fold_key(letter)
        }
    assert differing == {}


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=st.text(ASSIGNED, max_size=300))
def test_a_query_is_one_that_postgresql_reads(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select %s::tsquery", [search_query(text)])


def test_a_patch_of_names_searches_like_its_parts(organization: Organization) -> None:
    patch = patch_maker().make({"first_name": "x" * 200, "last_name": "ﷺ" * 200})
    contacts_upsert(rows=[(None, patch)], match="email", mode="upsert", actor=SCREEN)
    assert Contact.objects.search("x" * 200).count() == 1
    assert Contact.objects.search("x" * 20).count() == 1
    assert Contact.objects.search("ﷺ" * 200).count() == 1


SYLLABLES = st.lists(
    st.sampled_from(
        [
            "To",
            "tom",
            "Ål",
            "a",
            "'o",
            "Σα",
            "é",
            " ",
            "-",
            "ß",
            "ﷺ",
            "İ",
            "to\ud7ff",
            "🙂",
            "\x02to",
        ]
    ),
    max_size=4,
).map("".join)


@pytest.mark.django_db
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(names=st.lists(SYLLABLES, min_size=1, max_size=12), text=SYLLABLES)
@example(names=["Tom", "Ann Tom", "Toby Tomson", "", "🙂 Tom"], text="tom")
@example(names=["\x02to Tom", "\x1eto Tom", "\x1fto Tom"], text="tom")
def test_a_search_in_two_parts_finds_the_same(names: list[str], text: str) -> None:
    organization = make_organization()
    with organization_scope(organization):
        for number, name in enumerate(names):
            patch = patch_maker().make(
                {"first_name": name, "email": f"{'to' * (number % 2)}m{number}@x.org"}
            )
            contacts_upsert(rows=[(None, patch)], match="email", mode="upsert", actor=SCREEN)
        found = set(Contact.objects.search(text))
        for name in ("name", "email"):
            parts = contact_split(filters={"q": text}, order=ORDERS[name])
            if parts is not None:
                inside, outside = set(parts.inside), set(parts.outside)
                assert inside | outside == found
                assert not inside & outside
                assert set(parts.certain) <= inside
        assert (parts is None) == (len(only_word(text)) < 2)


@pytest.fixture
def many(organization: Organization) -> None:
    """Three hundred people with addresses at one place, every tenth of them a Tom, as the statistics know."""
    patches = [
        patch_maker().make(
            {"email": f"m{number}@example.com", "first_name": "N7" if number % 10 else "Tom"}
        )
        for number in range(300)
    ]
    contacts_upsert(
        rows=[(None, each) for each in patches], match="email", mode="create", actor=SCREEN
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze contacts")


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("text", "common"),
    [
        ("tom", set()),
        ("example.com", {"example", "com"}),
        ("Tom EXAMP", {"examp"}),
        ("nobody", set()),
        ("", set()),
        ("'", set()),
        ("\\ %s {", set()),
    ],
)
def test_words_that_most_contacts_have(text: str, common: set[str]) -> None:
    assert common_words(text) == common


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("text", ["example.com", "tom com", "com m7", "m1 com nobody", *NASTY])
def test_common_words_are_met_in_rows_and_find_the_same(text: str) -> None:
    everybody = Contact.objects.all()
    assert set(contact_search(everybody, text)) == set(everybody.search(text))


@pytest.mark.usefixtures("many")
def test_an_index_is_asked_for_rare_words_alone() -> None:
    plan = contact_list(filters={"q": "tom com"}).explain()
    assert "search_vector @@ '''tom'':*'" in plan
    assert "ts_match_vq(search_vector, '''com'':*'" in plan
    assert contact_split(filters={"q": "com"}, order=ORDERS["email"]) is None
