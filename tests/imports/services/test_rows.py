"""Every line of a file becomes a record, whatever is in it, and says what is wrong with it."""

from typing import Any

import pytest

from contacts.models import Contact
from imports.models import ImportJob, ImportRecord
from organizations.models import Organization
from tags.models import Tag
from tests.factories import imported, make_contact, make_custom_field, make_import

EMAIL = {"index": 0, "target": "email"}
NAMED = [
    EMAIL,
    {"index": 1, "target": "first_name"},
    {"index": 2, "target": "custom:note", "type": "text"},
]


def run(
    organization: Organization, text: str | bytes, columns: Any = None, **options: Any
) -> ImportJob:
    job = imported(make_import(organization, text, columns=columns or NAMED, **options))
    assert job.total_records == sum(job.counts.values()) == job.records.count()
    return job


def codes(job: ImportJob) -> dict[int, list[tuple[str, str]]]:
    """Column and code of the errors of each line that failed."""
    records = ImportRecord.objects.filter(import_job=job, outcome="failed")
    return {
        record.line_number: [(error["column"], error["code"]) for error in record.errors or []]
        for record in records
    }


def test_line_breaks_and_quotes_inside_of_cells(organization: Organization) -> None:
    text = (
        'email,name,note\nana@example.org,"Ana ""A"" B","one\r\ntwo,\nthree"\nbo@example.org,Bo,\n'
    )
    job = run(organization, text)
    assert job.counts == {"created": 2}
    ana = Contact.objects.get(email="ana@example.org")
    assert ana.first_name == 'Ana "A" B'
    assert ana.custom_fields["note"].splitlines() == ["one", "two,", "three"]
    rows = job.records.order_by("row_number").values_list("row_number", "line_number")
    assert list(rows) == [(1, 2), (2, 5)]


def test_short_and_long_lines(organization: Organization) -> None:
    text = "email,name,note\nshort@example.org\ncommas@example.org,C,n,,,\n"
    lines = "".join(f"p{number}@example.org\n" for number in range(1000))
    job = run(organization, f"{text}{lines}long@example.org,L,n,more\n")
    assert job.counts == {"created": 1002, "failed": 1}
    assert codes(job) == {1004: [("", "too_many_cells")]}
    assert Contact.objects.get(email="short@example.org").first_name is None
    assert job.records.get(line_number=1004).raw == ["long@example.org", "L", "n", "more"]


def test_cells_without_a_header_are_a_column(organization: Organization) -> None:
    """Where the first thousand lines have them; nobody has mapped it, so nothing of it is imported."""
    job = run(organization, "email,name,note\nlong@example.org,L,n,more\n")
    assert job.counts == {"created": 1}
    assert [column["name"] for column in job.columns] == ["email", "name", "note", "Column 4"]


def test_blank_lines_are_skipped(organization: Organization) -> None:
    job = run(organization, "email,name,note\n\nana@example.org,A,\n , ,\t\n")
    assert job.counts == {"created": 1, "skipped": 2}


def test_every_error_of_a_line_is_told(organization: Organization) -> None:
    columns = [
        EMAIL,
        {"index": 1, "target": "phone"},
        {"index": 2, "target": "custom:age", "type": "number"},
    ]
    job = run(organization, "email,phone,age\nbad,123,old\n", columns)
    assert codes(job) == {
        2: [("email", "invalid_email"), ("phone", "no_country_code"), ("age", "invalid_number")]
    }
    assert not Contact.objects.exists()


def test_blank_keys_fail(organization: Organization) -> None:
    job = run(organization, "email,name,note\n,Ana,x\n\u200b,Bo,x\n")
    assert job.counts == {"failed": 2}
    assert {code for line in codes(job).values() for code in line} <= {("email", "key_missing")}


def test_undecodable_bytes_fail_with_their_line(organization: Organization) -> None:
    good = "".join(f"p{number}@example.org,Żółć,\n" for number in range(30)).encode()
    job = run(organization, b"email,name,note\nbad@example.org,Zo\xff\xfe,\n" + good)
    assert job.counts == {"created": 30, "failed": 1}
    assert codes(job) == {2: [("name", "undecodable")]}
    assert job.records.get(line_number=2).raw[1] == "Zo\ufffd\ufffd"
    assert set(Contact.objects.values_list("first_name", flat=True)) == {"Żółć"}


@pytest.mark.parametrize("cell", ["A\0na", "\0"])
def test_nul_characters(organization: Organization, cell: str) -> None:
    job = run(organization, f"email,name,note\nana@example.org,{cell},\nbo@example.org,Bo,\n")
    assert job.counts == {"created": 1, "failed": 1}
    assert codes(job) == {2: [("name", "nul")]}
    assert job.records.get(line_number=2).raw[1] == cell.replace("\0", "\ufffd")


@pytest.mark.parametrize(
    "cell",
    [
        "=SUM(A1)",
        "+1",
        "-5",
        "@handle",
        "'quoted",
        r"\N",
        r"\.",
        r"a\tb\\n",
        "🙂 %s {x}",
        "null",
        "\u2028x",
    ],
)
def test_cells_are_stored_as_they_are(organization: Organization, cell: str) -> None:
    job = run(organization, f"email,name,note\nana@example.org,{cell},{cell}\n")
    ana = Contact.objects.get()
    assert ana.first_name == cell.strip()
    assert ana.custom_fields == {"note": cell.strip()}
    assert job.records.get().raw == ["ana@example.org", cell, cell]


def test_keys_with_backslashes(organization: Organization) -> None:
    columns = [{"index": 0, "target": "external_id"}]
    job = run(organization, 'id\na\\b\n"tab\\\\t"\n\\N\n', columns, match="external_id")
    assert job.counts == {"created": 3}
    keys = set(Contact.objects.values_list("external_id", flat=True))
    assert (
        keys == {"a\\b", "tab\\\\t", "\\N"} == set(job.records.values_list("match_key", flat=True))
    )


def test_very_long_cells(organization: Organization) -> None:
    lines = f"a@example.org,{'x' * 201},\nb@example.org,B,{'y' * 10_001}\nc@example.org,C,{'z' * 10_000}\n"
    job = run(organization, f"email,name,note\n{lines}")
    assert job.counts == {"created": 1, "failed": 2}
    assert codes(job) == {2: [("name", "too_long")], 3: [("note", "too_long")]}


def test_a_cell_beyond_all_measure_ends_the_check(organization: Organization) -> None:
    from imports.jobs import run_import
    from imports.services.control import import_validate

    lines = "".join(f"p{number}@example.org,x,\n" for number in range(2000))
    text = f"email,name,note\n{lines}last@example.org,{'x' * 131_073},\n"
    job = make_import(organization, text, columns=NAMED)
    import_validate(job=job)
    run_import(organization_id=organization.pk, import_id=job.pk)
    job.refresh_from_db()
    assert (job.status, job.validation_status) == ("failed", "failed")
    assert "line 2,002" in job.error


def test_tags_are_split_and_told_apart_by_their_letters(organization: Organization) -> None:
    text = 'email,tags\na@example.org,"VIP, Friend;  old | vip"\nb@example.org,"""Quoted"", [x]"\n'
    text += 'c@example.org,"[""Json"", ""VIP""]"\nd@example.org,"""Two, words"""\n'
    columns = [EMAIL, {"index": 1, "target": "tags"}]
    job = run(organization, text, columns)
    assert codes(job) == {5: [("tags", "separator")]}
    assert set(Contact.objects.values_list("email", "tag_assignments__tag__name")) == {
        ("a@example.org", "VIP"),
        ("a@example.org", "Friend"),
        ("a@example.org", "old"),
        ("b@example.org", "Quoted"),
        ("b@example.org", "[x]"),
        ("c@example.org", "Json"),
        ("c@example.org", "VIP"),
    }


INVISIBLE = "\u200b"


@pytest.mark.parametrize("target", ["first_name", "custom:note", "external_id"])
def test_cells_that_only_look_blank_give_nothing(organization: Organization, target: str) -> None:
    """A zero-width space is what a web page leaves in a cell: it must not wipe out what is known."""
    make_custom_field(organization, "note")
    known = {"first_name": "Ana", "external_id": "7", "custom_fields": {"note": "Kind"}}
    make_contact(organization, email="ana@example.org", **known)
    columns = [EMAIL, {"index": 1, "target": target}]
    job = run(organization, f"email,x\nana@example.org,{INVISIBLE}\n", columns)
    assert job.counts == {"unchanged": 1}
    ana = Contact.objects.get()
    assert {name: getattr(ana, name) for name in known} == known


def test_lines_that_fail_bring_no_tags(organization: Organization) -> None:
    columns = [EMAIL, {"index": 1, "target": "tags"}]
    run(organization, "email,tags\nbad,Ghost\nana@example.org,VIP\n", columns)
    assert list(Tag.objects.values_list("name", flat=True)) == ["VIP"]
