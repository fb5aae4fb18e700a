"""Files in and out of the admin: through services, by role, and of one organization alone."""

import csv
import io
from typing import Any

import openpyxl
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import CustomFieldDefinition
from organizations.admin_files import MAX_BYTES, MAX_ROWS, XlsxFile
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tags.models import Tag
from tests.factories import make_custom_field, make_organization, make_tag
from tests.screens import Screens

pytestmark = pytest.mark.django_db

TAGS = "admin/tags/tag/"
FIELDS = "admin/contacts/customfielddefinition/"
CSV, XLSX = "0", "1"
FORMULAS = ["=1+1", "+1", "-1", "@sum", "'=x", "plain"]


def upload(screens: Screens, path: str, content: str | bytes, kind: str = CSV) -> Any:
    """The preview of a file."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = "rows.csv"
    return screens.post(f"{path}import/", {"import_file": file, "format": kind})  # type: ignore[dict-item]


def confirm(screens: Screens, path: str, preview: Any) -> Any:
    return screens.post(f"{path}process_import/", preview.context["confirm_form"].initial)


def load(screens: Screens, path: str, content: str | bytes, kind: str = CSV) -> None:
    response = confirm(screens, path, upload(screens, path, content, kind))
    assert response.url == screens.address(path)


def refusal(preview: Any) -> str:
    assert "confirm_form" not in preview.context
    return str(preview.content.decode())


def export(screens: Screens, path: str, kind: str = CSV, **more: Any) -> list[list[str]]:
    response = screens.post(f"{path}export/", {"format": kind, **more})
    assert response.status_code == 200
    if kind == XLSX:
        sheet = openpyxl.load_workbook(io.BytesIO(response.content)).active
        return [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))


def tags_of(organization: Organization) -> dict[str, tuple[str, str]]:
    with organization_scope(organization):
        return {tag.name: (tag.color, tag.description) for tag in Tag.objects.all()}


# Through services


def test_tags_are_previewed_and_then_written(organization: Organization) -> None:
    make_tag(organization, "VIP")
    screens = Screens(organization)
    content = "Name,color,description\nvip,#2563eb,Very\nPress,#c2410c,\n"
    preview = upload(screens, TAGS, content)
    kinds = [row.import_type for row in preview.context["result"].valid_rows()]
    assert kinds == ["update", "new"]
    assert list(tags_of(organization)) == ["VIP"]
    confirm(screens, TAGS, preview)
    assert tags_of(organization) == {"vip": ("#2563eb", "Very"), "Press": ("#c2410c", "")}
    with organization_scope(organization):
        assert {tag.name_key for tag in Tag.objects.all()} == {"vip", "press"}
    assert not LogEntry.objects.exists()


def test_columns_that_a_file_lacks_stay(organization: Organization) -> None:
    screens = Screens(organization)
    load(screens, TAGS, "name,color,description\nVIP,#2563eb,Very\n")
    load(screens, TAGS, "name,description\nVIP,Most\nNew,\n")
    assert tags_of(organization)["VIP"] == ("#2563eb", "Most")


def test_what_is_the_same_is_left_alone(organization: Organization) -> None:
    screens = Screens(organization)
    content = "name,color,description\nVIP,#2563eb,Very\n"
    load(screens, TAGS, content)
    preview = upload(screens, TAGS, content)
    assert [row.import_type for row in preview.context["result"].valid_rows()] == ["skip"]


def test_fields_are_written_by_their_service(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    content = (
        "key,label,type,choices,is_required,is_indexed\n"
        'age,Age in years,number,,yes,yes\nsize,,choice,"S\nM\n M ",no,\n'
    )
    load(Screens(organization), FIELDS, content)
    age, size = CustomFieldDefinition.objects.order_by("key")
    assert (age.label, age.is_required, age.slot) == ("Age in years", True, "number_1")
    assert size.slot is None
    assert (size.label, size.choices, size.is_required) == ("Size", ["S", "M"], False)


def test_refusals_are_shown_by_row_and_nothing_is_written(organization: Organization) -> None:
    make_custom_field(organization, "age", "number")
    screens = Screens(organization)
    tags = upload(screens, TAGS, "name,color\nGood,#2563eb\nBad,red\n,#2563eb\n")
    page = refusal(tags)
    assert [row.number for row in tags.context["result"].invalid_rows] == [2, 3]
    assert "Use a colour such as" in page
    fields = upload(
        screens,
        FIELDS,
        "key,type,is_required\nage,text,\nA b,text,\nsize,choice,\nok,text,perhaps\nx,nope,\n",
    )
    page = refusal(fields)
    assert [row.number for row in fields.context["result"].invalid_rows] == [1, 2, 3, 4, 5]
    for words in ("The type stays number", "Use a–z", "at least one choice", "neither yes nor no"):
        assert words in page
    assert tags_of(organization) == {}
    assert CustomFieldDefinition.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,name\n1,VIP\n", "“id” is not one of: name, color, description"),
        ("organization,name\n1,VIP\n", "“organization” is not one of"),
        ("color\n#2563eb\n", "There has to be a column name"),
        ("name,name\na,b\n", "“name” is not one of"),
        ("name\n" + "".join(f"t{n}\n" for n in range(MAX_ROWS + 1)), "At most 1,000 rows"),
        (b"name\n\xff\xfe\xfa\n", "no CSV file in UTF-8"),
        ("name\n" + "x" * MAX_BYTES, "At most 2 MB"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(
    organization: Organization, content: str | bytes, words: str
) -> None:
    assert words in refusal(upload(Screens(organization), TAGS, content)).replace("&#x27;", "'")
    assert tags_of(organization) == {}


def test_all_or_nothing_where_something_changed_since_the_preview(
    organization: Organization,
) -> None:
    screens = Screens(organization)
    preview = upload(screens, FIELDS, "key,type\none,text\nage,text\n")
    make_custom_field(organization, "age", "number")
    response = confirm(screens, FIELDS, preview)
    assert response.url == screens.address(f"{FIELDS}import/")
    assert "Nothing was imported" in screens.get(f"{FIELDS}import/").content.decode()
    assert [field.key for field in CustomFieldDefinition.objects.all()] == ["age"]


# One organization alone


def test_a_file_with_another_organizations_names_and_ids_touches_none_of_its_rows(
    organization: Organization,
) -> None:
    other = make_organization()
    theirs, their_field = make_tag(other, "VIP"), make_custom_field(other, "age", "number")
    screens = Screens(organization)
    refusal(upload(screens, TAGS, f"id,name,color\n{theirs.pk},Mine,#2563eb\n"))
    refusal(upload(screens, TAGS, f"name,organization_id\nMine,{other.pk}\n"))
    load(screens, TAGS, "name,color\nVIP,#2563eb\n")
    load(screens, FIELDS, "key,type\nage,text\n")
    assert tags_of(other) == {"VIP": (theirs.color, "")}
    assert tags_of(organization) == {"VIP": ("#2563eb", "")}
    assert CustomFieldDefinition.unscoped.get(pk=their_field.pk).type == "number"
    assert CustomFieldDefinition.objects.get().type == "text"


def test_an_export_has_own_rows_alone(organization: Organization) -> None:
    other = make_organization()
    theirs, mine = make_tag(other, "Theirs"), make_tag(organization, "Mine")
    make_custom_field(other, "theirs")
    make_custom_field(organization, "mine")
    screens = Screens(organization)
    assert [row[0] for row in export(screens, TAGS)] == ["name", "Mine"]
    assert [row[0] for row in export(screens, FIELDS, XLSX)] == ["key", "mine"]
    asked = [str(theirs.pk), str(mine.pk)]
    response = screens.post(f"{TAGS}export/", {"format": CSV, "export_items": asked})
    assert b"Theirs" not in response.content


def test_another_organizations_preview_can_not_be_confirmed(organization: Organization) -> None:
    theirs = Screens(make_organization())
    preview = upload(theirs, TAGS, "name\nSecret\n")
    mine = Screens(organization)
    response = confirm(mine, TAGS, preview)
    assert response.url == mine.address(f"{TAGS}import/")
    assert "too old" in mine.get(f"{TAGS}import/").content.decode()
    assert tags_of(organization) == {}
    for name in ("../../../etc/hostname", "nothing"):
        values = preview.context["confirm_form"].initial | {"import_file_name": name}
        assert mine.post(f"{TAGS}process_import/", values).status_code == 302
    confirm(theirs, TAGS, preview)
    assert list(tags_of(theirs.organization)) == ["Secret"]


def test_strangers_find_nothing(organization: Organization) -> None:
    outsider = Screens(organization, user=Screens(make_organization()).user)
    for path in (TAGS, FIELDS):
        for page in ("import/", "process_import/", "export/"):
            assert outsider.get(path + page).status_code == 404
            assert outsider.post(path + page, {"format": CSV}).status_code == 404


@pytest.mark.parametrize(
    ("path", "role", "may_import"),
    [
        (TAGS, Role.VIEWER, False),
        (TAGS, Role.MARKETER, True),
        (FIELDS, Role.MARKETER, False),
        (FIELDS, Role.ADMIN, True),
    ],
)
def test_who_may_edit_may_import(
    organization: Organization, path: str, role: Role, may_import: bool
) -> None:
    screens, owner = Screens(organization, role=role), Screens(organization)
    content = "name\nVIP\n" if path == TAGS else "key,type\nage,number\n"
    expected = 200 if may_import else 403
    assert screens.get(f"{path}import/").status_code == expected
    assert upload(screens, path, content).status_code == expected
    preview = upload(owner, path, content)
    assert confirm(screens, path, preview).status_code == (302 if may_import else 403)
    assert (f"{path}import/" in screens.get(path).content.decode()) is may_import
    assert export(screens, path)


# Formats


@pytest.mark.parametrize("kind", [CSV, XLSX])
def test_no_exported_cell_runs_and_all_come_back(organization: Organization, kind: str) -> None:
    screens = Screens(organization)
    for number, cell in enumerate(FORMULAS):
        values = {"name": f"t{number}", "color": "#2563eb", "description": cell}
        assert screens.post(f"{TAGS}add/", values).status_code == 302
    before = tags_of(organization)
    rows = export(screens, TAGS, kind)
    assert not any(str(cell).startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    response = screens.post(f"{TAGS}export/", {"format": kind})
    Tag.objects.all().delete()
    load(screens, TAGS, response.content, kind)
    assert tags_of(organization) == before


def test_fields_come_back_from_a_workbook(organization: Organization) -> None:
    make_custom_field(organization, "size", "choice", choices=["S", "M"], is_required=True)
    screens = Screens(organization)
    response = screens.post(f"{FIELDS}export/", {"format": XLSX})
    preview = upload(screens, FIELDS, response.content, XLSX)
    assert [row.import_type for row in preview.context["result"].valid_rows()] == ["skip"]
    CustomFieldDefinition.objects.all().delete()
    load(screens, FIELDS, response.content, XLSX)
    size = CustomFieldDefinition.objects.get()
    assert (size.type, size.choices, size.is_required) == ("choice", ["S", "M"], True)


def test_numbers_and_blank_rows_of_a_workbook(organization: Organization) -> None:
    book = openpyxl.Workbook()
    for row in (["name", "description", None], [2024, None, None], [None] * 3, ["VIP", True, None]):
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    load(Screens(organization), TAGS, file.getvalue(), XLSX)
    assert {name: text for name, (_, text) in tags_of(organization).items()} == {
        "2024": "",
        "VIP": "True",
    }


def test_a_workbook_that_unpacks_to_too_much_is_refused(
    organization: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert XlsxFile().get_extension() == "xlsx"
    monkeypatch.setattr("organizations.admin_files.MAX_UNPACKED_BYTES", 100)
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    screens = Screens(organization)
    assert "too large" in refusal(upload(screens, TAGS, book.getvalue(), XLSX))
    assert "no XLSX file" in refusal(upload(screens, TAGS, "name\nVIP\n", XLSX))


def test_csv_and_xlsx_are_all_there_is(organization: Organization) -> None:
    screens = Screens(organization)
    for page in ("import/", "export/"):
        choices = screens.get(TAGS + page).context["form"].fields["format"].choices
        assert [label for value, label in choices if value] == ["csv", "xlsx"]
    assert screens.post(f"{TAGS}export/", {"format": "2"})["Content-Type"].startswith("text/html")


def test_an_export_takes_as_many_queries_for_twenty(organization: Organization) -> None:
    screens = Screens(organization)
    make_tag(organization)
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            export(screens, TAGS)
        counts.append(len(queries))
        for _ in range(20):
            make_tag(organization)
    assert counts[0] == counts[1]
