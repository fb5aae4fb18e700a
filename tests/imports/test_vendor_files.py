"""Real files of other products, imported through the API as a marketer would, with the exact figures."""

import csv
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count

from contacts.models import Contact, ContactHistory
from imports.models import ImportJob, ImportRecord
from organizations.models import Organization
from organizations.scope import organization_scope
from tags.models import Tag
from tests.api_suite import Program, assert_problem
from tests.factories import make_contact, make_organization
from tests.shared_data import shared_file, shared_names

pytestmark = pytest.mark.django_db(transaction=True)

Check = Callable[[], object]
BUCKETS = ("created", "updated", "unchanged", "duplicate", "protected", "skipped", "failed")


@dataclass(frozen=True)
class VendorFile:
    """A file, the choices that differ from what is suggested (by column name), and what has to come out."""

    path: str
    counts: Mapping[str, int]
    columns: Mapping[str, Any] = field(default_factory=dict)
    match: str = "email"
    mode: str = "upsert"
    has_header: bool | None = None
    # The organization's, for phone numbers that name none.
    country: str = ""
    name: str = ""
    before: tuple["VendorFile", ...] = ()
    # Addresses of people who have opted out before.
    opted_out: tuple[str, ...] = ()
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.path} {self.name}".strip()


GHOST_NAMED = VendorFile(
    "ghost/members-update-named.csv",
    {"created": 1},
    values={
        "member+update@example.com": {
            "first_name": "Original",
            "last_name": "Name",
            "custom_fields": {"note": "Original note"},
        }
    },
)
ACCOUNT_COLUMNS = {"ACCOUNTNUMBER__C": "external_id", "ORACLE_ID__C": ("custom:oracle", "text")}
SALESFORCE_INSERT = VendorFile(
    "salesforce/insertAccountCsv.csv",
    {"created": 100},
    columns=ACCOUNT_COLUMNS,
    match="external_id",
    country="US",
    values={
        "ACCT_7": {
            "company_name": "account insert #7",
            "phone": "+14155550007",
            "custom_fields": {
                "type": "Account",
                "website": "http://www.accountinsert7.com",
                "annualrevenue": 7000,
                "oracle": "1-00007",
            },
        }
    },
)
BULK = [f"member+bulk_unsubscribe_test_{number}@example.com" for number in range(1, 9)]

FILES = [
    VendorFile(
        "chatwoot/contacts.csv",
        {"created": 6},
        values={
            "tolunney4@si.edu": {
                "first_name": "Tina",
                "last_name": "O'Lunney",
                "external_id": "3540d40a-5567-4f28-af98-5583a7ddbc56",
                "custom_fields": {"id": 5, "gender": "Bigender", "ip_address": "219.181.212.8"},
            }
        },
    ),
    # Line 4 repeats an address; its phone number is short, but India has numbers of that length.
    VendorFile(
        "chatwoot/invalid_contacts.csv",
        {"created": 5, "duplicate": 1},
        values={"cuzzell0@mozilla.org": {"first_name": "Clarice", "phone": "+918484848484"}},
    ),
    # “+453 3331 9991” has a digit too many for Denmark.
    VendorFile(
        "chinook/Customer.csv",
        {"created": 58, "failed": 1},
        values={
            "luisg@embraer.com.br": {
                "first_name": "Luís",
                "last_name": "Gonçalves",
                "company_name": "Embraer - Empresa Brasileira de Aeronáutica S.A.",
                "phone": "+551239235555",
                "external_id": "1",
            }
        },
    ),
    # One number has a 1 but no +.
    VendorFile(
        "chinook/Employee.csv",
        {"created": 7, "failed": 1},
        columns={"EmployeeId": "external_id"},
    ),
    VendorFile(
        "chinook/Employee.csv",
        {"created": 8},
        columns={"EmployeeId": "external_id"},
        country="CA",
        name="in Canada",
        values={
            "steve@chinookcorp.com": {"phone": "+17808369987", "job_title": "Sales Support Agent"}
        },
    ),
    VendorFile(
        "dittofeed/missing-email-users.csv",
        {"created": 5},
        match="external_id",
        values={
            "a4ef2311-cd4c-4e5d-9d21-7c3e8b29c7b1": {
                "first_name": "Alice",
                "last_name": "Johnson",
                "email": None,
            }
        },
    ),
    VendorFile(
        "dittofeed/missing-headers-users.csv",
        {"created": 5},
        columns={"Column 1": "external_id", "Column 3": "first_name", "Column 4": "last_name"},
        has_header=False,
        values={
            "johndoe@example.com": {
                "first_name": "John",
                "external_id": "d1bdf186-7dd9-485e-9f93-6e0e3f3e6b8a",
            }
        },
    ),
    VendorFile("dittofeed/missing-some-identifiers.csv", {"created": 3, "failed": 2}),
    VendorFile(
        "dittofeed/missing-some-identifiers.csv",
        {"created": 3, "failed": 2},
        match="external_id",
        name="by external ID",
    ),
    VendorFile(
        "dittofeed/subscription-group-actions.csv",
        {"created": 5},
        columns={"action": "is_subscribed"},
        country="US",
        values={
            "johndoe@example.com": {"is_subscribed": True, "phone": "+11234567890"},
            "janedoe@example.com": {"is_subscribed": False},
            "bob@example.com": {"is_subscribed": True},
        },
    ),
    # Five people, of whom three would be subscribed again: those who opted out stay out.
    VendorFile(
        "dittofeed/subscription-group-actions.csv",
        {"created": 2, "updated": 2, "protected": 1},
        columns={"action": "is_subscribed"},
        country="US",
        name="after opt-outs",
        opted_out=("johndoe@example.com", "janedoe@example.com", "bob@example.com"),
        values={
            "johndoe@example.com": {"is_subscribed": False, "first_name": "John"},
            "janedoe@example.com": {"is_subscribed": False, "first_name": "Jane"},
            "bob@example.com": {"is_subscribed": False, "first_name": "Bob"},
        },
    ),
    VendorFile("dittofeed/users.csv", {"created": 5}, country="US"),
    VendorFile("dittofeed/users.csv", {"failed": 5}, name="no country for the phones"),
    VendorFile(
        "dittofeed/users.csv",
        {"skipped": 5},
        columns={"phone": None},
        mode="update",
        name="nobody to update",
    ),
    VendorFile("ghost/members-duplicate-emails.csv", {"created": 1, "duplicate": 1}),
    VendorFile(
        "ghost/members-duplicate-mapping.csv",
        {"created": 1},
        values={"member+dup@example.com": {"is_subscribed": True}},
    ),
    VendorFile(
        "ghost/members-for-bulk-unsubscribe.csv",
        {"created": 8},
        tags={"bulk-unsubscribe-test": 8},
    ),
    VendorFile(
        "ghost/members-for-bulk-unsubscribe.csv",
        {"protected": 8},
        opted_out=tuple(BULK),
        name="who have left",
        values={BULK[0]: {"is_subscribed": False}},
        tags={"bulk-unsubscribe-test": 8},
    ),
    VendorFile(
        "ghost/members-formula-like-values.csv",
        {"created": 2},
        values={
            "formula@example.com": {"first_name": "-5", "custom_fields": {"note": "+44 123"}},
            "formula2@example.com": {
                "first_name": "=SUM(A1)",
                "custom_fields": {"note": "@handle"},
            },
        },
    ),
    VendorFile(
        "ghost/members-future-created-at.csv",
        {"created": 1},
        values={
            "member+future@example.com": {"custom_fields": {"created_at": "9999-01-01T00:00:00Z"}}
        },
    ),
    VendorFile("ghost/members-headers-only.csv", {}),
    VendorFile(
        "ghost/members-invalid-values.csv",
        {"created": 1, "failed": 2},
        tags={"more-labels": 1},
    ),
    VendorFile(
        "ghost/members-invalid-values.csv",
        {"failed": 3},
        columns={"complimentary_plan": ("custom:complimentary_plan", "boolean")},
        name="with a yes/no field",
    ),
    VendorFile(
        "ghost/members-mapped-subscribed.csv",
        {"created": 2},
        columns={"boletin": "is_subscribed"},
        values={
            "member+mapped_sub_1@example.com": {"is_subscribed": True},
            "member+mapped_sub_2@example.com": {"is_subscribed": False},
        },
    ),
    VendorFile(
        "ghost/members-ragged-row.csv",
        {"created": 2},
        values={
            "ragged-first@example.com": {"first_name": None, "custom_fields": {}},
            "ragged-full@example.com": {"first_name": "Bob", "custom_fields": {"note": "a note"}},
        },
    ),
    GHOST_NAMED,
    # Blank cells give nothing: they don't wipe out what is known.
    VendorFile(
        "ghost/members-update-blank.csv",
        {"unchanged": 1},
        columns={"note": ("custom:note", None)},
        before=(GHOST_NAMED,),
        values=GHOST_NAMED.values,
    ),
    replace(GHOST_NAMED, counts={"unchanged": 1}, before=(GHOST_NAMED,), name="twice"),
    replace(
        GHOST_NAMED, counts={"skipped": 1}, before=(GHOST_NAMED,), mode="create", name="create only"
    ),
    VendorFile(
        "ghost/members-with-mappings.csv",
        {"created": 1},
        columns={"nombre": "full_name"},
        values={"member+mapped_1@example.com": {"first_name": "Hannah"}},
    ),
    VendorFile(
        "ghost/valid-members-import.csv",
        {"created": 2},
        values={
            "jbloggs@example.com": {"first_name": "joe", "is_subscribed": True},
            "test@example.com": {
                "is_subscribed": False,
                "custom_fields": {"note": "test note", "created_at": "1991-10-02T20:30:31Z"},
            },
        },
        tags={"test-label": 1},
    ),
    VendorFile(
        "ghost/valid-members-labels.csv",
        {"created": 2},
        tags={"label": 1, "another-label": 1, "and-one-more": 1},
    ),
    VendorFile(
        "laudspeaker/3-customers-for-segemnt.csv",
        {"created": 3},
        values={"ilighton0@deviantart.com": {"phone": "+18327156365"}},
    ),
    VendorFile("laudspeaker/correctness_testing.csv", {"created": 41}),
    VendorFile("laudspeaker/empty-customers-for-segemnt.csv", {"skipped": 1}),
    VendorFile(
        "laudspeaker/example.csv",
        {"created": 10},
        country="US",
        values={"mruse5@163.com": {"phone": "+19912363458", "external_id": "6"}},
    ),
    VendorFile(
        "mailchimp/cleaned.csv",
        {"created": 5},
        values={
            "c2@example.com": {
                "first_name": "Simet",
                "last_name": "Lut",
                "custom_fields": {
                    "member_rating": 1,
                    "optin_time": "2018-02-12T10:54:27Z",
                    "confirm_time": "2018-02-12T10:54:27Z",
                    "clean_time": "2020-06-25T15:12:06Z",
                },
            }
        },
        tags={"Editors": 4},
    ),
    VendorFile(
        "mailchimp/subscribed.csv",
        {"created": 5},
        values={"s5@example.com": {"first_name": "Dolor", "company_name": "Lorem Co."}},
        tags={"Lorem Editors": 4},
    ),
    VendorFile("mailchimp/unsubscribed.csv", {"created": 5}, tags={"Lorem Editors": 4}),
    VendorFile(
        "salesforce/accountData.csv",
        {"created": 423},
        match="external_id",
        country="US",
        values={
            "001x0000002xLCVAA2": {
                "company_name": "Gravity Investments",
                "city": "FORT COLLINS",
                "country": "US",
            }
        },
    ),
    SALESFORCE_INSERT,
    VendorFile(
        "salesforce/upsertAccountCsvTemplate.csv",
        {"updated": 100},
        columns=ACCOUNT_COLUMNS,
        match="external_id",
        country="US",
        before=(SALESFORCE_INSERT,),
        values={
            "ACCT_0": {
                "company_name": "account Upsert #0",
                "custom_fields": {
                    "type": "Account",
                    "website": "http://www.accountupsert0.com",
                    "annualrevenue": 0,
                    "oracle": "1-000000",
                },
            }
        },
    ),
    VendorFile(
        "salesforce/upsertAccountCsvTemplate.csv",
        {"created": 100},
        columns={"ORACLE_ID__C": "external_id"},
        match="external_id",
        country="US",
        name="by another key",
        values={"1-000000": {"company_name": "account Upsert #0", "phone": "+14155550000"}},
    ),
]
REFUSED = "dittofeed/missing-identifiers.csv"


class Import:
    """One import, step by step through the API; the jobs are worked off in this process."""

    def __init__(self, program: Program, path: Path, run_jobs: Callable[[], int], **fields: str):
        self.program, self.run_jobs = program, run_jobs
        with path.open("rb") as file:
            response = program.upload("imports/", file=file, **fields)
        assert response.status_code == 201, response.content
        self.document = response.json()
        assert self.document["status"] == "draft"

    @property
    def address(self) -> str:
        return f"imports/{self.document['id']}/"

    def read_as(self, **chosen: Any) -> None:
        response = self.program.patch(self.address, chosen)
        assert response.status_code == 200, response.content
        self.document = response.json()

    def mapping(self, choices: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What is suggested, but for some columns, by name."""
        unknown = set(choices) - {column["name"] for column in self.document["columns"]}
        assert not unknown
        return [self._entry(column, choices) for column in self.document["columns"]]

    def _entry(self, column: Mapping[str, Any], choices: Mapping[str, Any]) -> dict[str, Any]:
        suggestion = column["suggestion"]
        chosen = choices.get(column["name"], (suggestion["target"], suggestion["type"]))
        target, kind = chosen if isinstance(chosen, tuple) else (chosen, None)
        return {"index": column["index"], "target": target} | ({"type": kind} if kind else {})

    def map(self, choices: Mapping[str, Any]) -> Any:
        return self.program.post(f"{self.address}mapping/", {"columns": self.mapping(choices)})

    def step(self, name: str) -> dict[str, Any]:
        """A step that is done in the background, to its end."""
        response = self.program.post(f"{self.address}{name}/")
        assert response.status_code == 202, response.content
        assert self.run_jobs() >= 1
        self.document = self.program.get(self.address).json()
        return self.document

    def preview(self) -> dict[str, Any]:
        response = self.program.get(f"{self.address}preview/")
        assert response.status_code == 200, response.content
        return response.json()

    def outcomes(self) -> Counter[str]:
        """The outcome of each line, as the API lists them."""
        found: Counter[str] = Counter()
        address = f"{self.address}records/?page_size=500&fields=row_number,outcome"
        while address:
            page = self.program.get(address).json()
            found.update(row["outcome"] for row in page["results"])
            address = page["next"]
        return found


def full(counts: Mapping[str, int]) -> dict[str, int]:
    return dict.fromkeys(BUCKETS, 0) | dict(counts)


def run(program: Program, given: VendorFile, run_jobs: Callable[[], int]) -> Import:
    """From the upload to the end, with the figures compared at every step."""
    path = shared_file(f"vendor/{given.path}")
    work = Import(program, path, run_jobs, match=given.match, mode=given.mode)
    if given.has_header is not None:
        work.read_as(has_header=given.has_header)
    response = work.map(given.columns)
    assert response.status_code == 200, response.content
    before = world()
    checked = work.step("validate")
    assert (checked["status"], checked["validation_status"]) == ("validated", "validated")
    assert checked["predicted_counts"] == work.preview()["counts"] == full(given.counts)
    assert world() == before, "the check changed the world"
    ended = work.step("start")
    assert ended["status"] == ("partially_completed" if given.counts.get("failed") else "completed")
    assert ended["counts"] == full(given.counts)
    assert ended["processed_records"] == ended["total_records"] == sum(given.counts.values())
    assert work.outcomes() == +Counter(given.counts)
    return work


def world() -> tuple[int, int, int]:
    """Contacts, changes and tags of everybody."""
    return Contact.unscoped.count(), ContactHistory.unscoped.count(), Tag.unscoped.count()


def expect_rows(work: Import, given: VendorFile) -> None:
    """The figures are the rows in the tables."""
    job = ImportJob.objects.get(pk=work.document["id"])
    records = ImportRecord.objects.filter(import_job=job)
    groups = records.values_list("outcome").order_by("outcome").annotate(Count("row_number"))
    assert dict(groups) == +Counter(given.counts)
    assert all(record.predicted == record.outcome for record in records)
    assert all(
        bool(record.errors) == (record.outcome in ("failed", "duplicate")) for record in records
    )
    history = ContactHistory.objects.filter(operation=job.operation_id)
    kinds = Counter(history.values_list("change_type", flat=True))
    assert kinds["created"] == given.counts.get("created", 0)
    assert kinds["updated"] >= given.counts.get("updated", 0)
    written = {"created", "updated", "unchanged", "protected"}
    touched = {record.contact_id for record in records if record.outcome in written}
    assert touched == set(Contact.objects.filter(pk__in=touched).values_list("pk", flat=True))
    assert len(touched) == sum(given.counts.get(name, 0) for name in written)


def expect_values(given: VendorFile) -> None:
    for key, values in given.values.items():
        by = "email_key" if "@" in key else "external_id"
        contact = Contact.objects.get(**{by: key})
        assert {name: getattr(contact, name) for name in values} == dict(values)
    counts = dict(Tag.objects.filter(contact_count__gt=0).values_list("name", "contact_count"))
    assert counts == dict(given.tags)


@pytest.mark.parametrize("given", FILES, ids=str)
def test_file(given: VendorFile, run_jobs: Callable[[], int]) -> None:
    shared_file(f"vendor/{given.path}")
    organization = make_organization(country=given.country)
    for address in given.opted_out:
        make_contact(organization, email=address, is_subscribed=False)
    program = Program(organization)
    for earlier in given.before:
        run(program, earlier, run_jobs)
    work = run(program, given, run_jobs)
    with organization_scope(organization):
        expect_rows(work, given)
        expect_values(given)


def test_file_without_anything_to_tell_people_apart_by(run_jobs: Callable[[], int]) -> None:
    program = Program(make_organization())
    work = Import(program, shared_file(f"vendor/{REFUSED}"), run_jobs)
    document = assert_problem(work.map({}), 400, "columns", "key_missing")
    assert "e-mail address" in document["errors"][0]["message"]
    assert_problem(program.post(f"{work.address}validate/"), 400, "columns", "key_missing")
    assert_problem(program.post(f"{work.address}start/"), 409, "status", "wrong_status")
    assert world() == (0, 0, 0)


def test_empty_file_is_refused() -> None:
    for content in (b"", b"\r\n\r\n", b"\xef\xbb\xbf"):
        file = BytesIO(content)
        file.name = "nobody.csv"
        response = Program(make_organization()).upload("imports/", file=file)
        assert_problem(response, 400, "file", "empty")
    assert ImportJob.unscoped.count() == 0


def test_every_file_has_an_expectation() -> None:
    shared_file("vendor")
    expected = {f"vendor/{given.path}" for given in FILES} | {f"vendor/{REFUSED}"}
    assert expected == set(shared_names("vendor/*/*.csv"))


@pytest.fixture
def japan(tmp_path: Path) -> Path:
    """Every postcode of Japan: CP932, no header, no e-mail."""
    with zipfile.ZipFile(shared_file("large/ken_all.zip")) as archive:
        (name,) = [name for name in archive.namelist() if name.lower().endswith(".csv")]
        return Path(archive.extract(name, tmp_path))


def test_large_file_in_another_encoding(japan: Path, run_jobs: Callable[[], int]) -> None:
    """Postcodes as external IDs: a town with several districts has one line for each of them."""
    organization: Organization = make_organization()
    work = Import(Program(organization), japan, run_jobs, match="external_id", batch_size="5000")
    work.read_as(encoding="cp932", has_header=False)
    assert len(work.document["columns"]) == 15
    mapping = [
        {"index": 2, "target": "external_id"},
        {"index": 6, "target": "custom:prefecture", "type": "text"},
        {"index": 7, "target": "city"},
    ]
    response = work.program.post(f"{work.address}mapping/", {"columns": mapping})
    assert response.status_code == 200, response.content
    with japan.open(encoding="cp932", newline="") as file:
        rows = list(csv.reader(file))
    first = {row[2]: row for row in reversed(rows)}
    assert len(rows) == 124_822
    expected = full({"created": len(first), "duplicate": len(rows) - len(first)})
    assert work.step("validate")["predicted_counts"] == work.preview()["counts"] == expected
    ended = work.step("start")
    assert (ended["status"], ended["counts"]) == ("completed", expected)
    assert ended["total_records"] == ended["processed_records"] == len(rows)
    with organization_scope(organization):
        groups = (
            ImportRecord.objects.values_list("outcome").order_by().annotate(Count("row_number"))
        )
        assert full(dict(groups)) == expected
        people = Contact.objects.values_list("external_id", "city", "custom_fields__prefecture")
        assert set(people) == {(key, row[7], row[6]) for key, row in first.items()}
