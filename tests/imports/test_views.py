"""The wizard from upload to undo, as a browser without JavaScript asks for it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactOperation, CustomFieldDefinition
from contacts.patches import patch_maker
from contacts.services.contacts import contact_update
from imports.jobs import run_import
from imports.models import ImportJob
from imports.services.control import import_start, import_validate
from imports.urls import urlpatterns
from organizations.models import Organization
from organizations.roles import Role
from organizations.scope import organization_scope
from tags.models import Tag
from tests.factories import (
    SCREEN,
    cancelled_after,
    checked,
    imported,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
    make_tag,
    make_user,
)

FILE = """email,first name,age,tags
ana@example.org,Ana,31,"VIP, Friend"
bad,Bob,3,
bob@example.org,Bob,x,
cy@example.org,Cy,12,vip
"""
# Ten lines, every other without a fit address.
FAILING = "email\n" + "".join(f"bad {n}\np{n}@example.org\n" for n in range(5))
MAPPING: list[dict[str, Any]] = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "first_name"},
    {"index": 2, "target": "custom:age", "type": "number"},
    {"index": 3, "target": "tags"},
]
COLUMNS = {
    "column-0-target": "email",
    "column-1-target": "first_name",
    "column-2-target": "new",
    "column-2-label": "Age",
    "column-2-key": "age",
    "column-2-type": "number",
    "column-3-target": "tags",
    "column-3-separator": ",;|",
    "match": "email",
    "mode": "upsert",
}
DETAIL_NAMES = [each.name for each in urlpatterns if str(each.pattern).startswith("<int:pk>")]
ACTIONS = ["validate", "start", "pause", "resume", "cancel", "undo", "redo", "format"]


def client_of(organization: Organization, role: str = Role.MARKETER, **options: Any) -> Client:
    client = Client(**options)
    client.force_login(make_user(organization, role))
    return client


@pytest.fixture
def client(organization: Organization) -> Client:
    return client_of(organization)


@pytest.fixture
def at(organization: Organization) -> Callable[..., str]:
    """The address of a page of the wizard."""

    def address(name: str = "list", job: ImportJob | None = None) -> str:
        pattern = next(str(each.pattern) for each in urlpatterns if each.name == name)
        path = pattern.replace("<int:pk>", str(job.pk if job else 0))
        return f"/o/{organization.slug}/imports/{path}"

    return address


def upload(client: Client, address: str, **values: Any) -> Any:
    fields = {"match": "email", "mode": "upsert", "source": "Spring fair"}
    if "file" not in values and "text" not in values:
        values["file"] = SimpleUploadedFile("people.csv", FILE.encode())
    return client.post(address, fields | values)


def made(organization: Organization, text: str = FILE) -> ImportJob:
    """A file that is mapped; the second one finds the custom field that the first has made."""
    with organization_scope(organization):
        known = CustomFieldDefinition.objects.filter(key="age").exists()
    columns = [
        MAPPING[2] | {"type": None} if known and n == 2 else each for n, each in enumerate(MAPPING)
    ]
    return make_import(organization, text, columns=columns)


def texts(response: Any) -> str:
    """The page without markup, white space folded."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def many(number: int) -> str:
    rows = [f"p{n}@example.org,P{n},{n},tag {n}" for n in range(number)]
    return "\n".join(["email,first name,age,tags", *rows, *["bad,Bad,x,"] * number]) + "\n"


class TestList:
    def test_empty_says_what_to_do(self, client: Client, at: Callable[..., str]) -> None:
        page = client.get(at())
        assert "Import your first file" in texts(page)
        assert "sample.csv" in page.content.decode()

    def test_shows_who_what_and_how_it_ended(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        imported(made(organization))
        page = texts(client.get(at()))
        assert "people.csv" in page
        assert "Partially completed" in page
        assert "2 created" in page

    def test_a_draft_is_discarded_from_the_list(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        draft, done = made(organization), imported(make_import(organization, "email\na@x.org\n"))
        page = client.get(at()).content.decode()
        assert f'href="{at("cancel", draft)}"' in page
        assert f'href="{at("cancel", done)}"' not in page
        viewer = client_of(organization, Role.VIEWER).get(at()).content.decode()
        assert at("cancel", draft) not in viewer
        assert "Discard the import" in texts(client.get(at("cancel", draft)))
        client.post(at("cancel", draft))
        assert at("cancel", draft) not in client.get(at()).content.decode()

    def test_a_long_name_is_clipped(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        name = f"{'x' * 226}.csv"
        make_import(organization, FILE, name=name)
        assert f'title="{name}"' in client.get(at()).content.decode()

    def test_pages_by_key(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        jobs = [make_import(organization, FILE, name=f"file-{n}.csv") for n in range(26)]
        first = client.get(at())
        assert jobs[0].file_name not in texts(first)
        cursor = re.search(r'href="(\?cursor=[^"]+)"', first.content.decode())
        assert cursor is not None
        assert jobs[0].file_name in texts(client.get(at() + cursor[1]))
        assert client.get(at() + "?cursor=nonsense").status_code == 200

    def test_query_count_is_constant(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        made(organization)
        one = queries(client, at())
        for _ in range(19):
            made(organization)
        assert queries(client, at()) == one


class TestUpload:
    def test_a_file_leads_to_its_columns(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        response = upload(client, at("new"), tags="Fair, VIP")
        job = ImportJob.objects.get()
        assert response["Location"] == at("map", job)
        assert job.options["constants"] == {
            "source": "Spring fair",
            "tags": {"fair": "Fair", "vip": "VIP"},
        }
        assert job.created_by is not None

    def test_pasted_cells_of_a_spreadsheet(self, client: Client, at: Callable[..., str]) -> None:
        upload(client, at("new"), text="email\tname\nana@example.org\tAna\n")
        assert ImportJob.objects.get().format["delimiter"] == "\t"

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"text": ""}, "Choose a file, or paste its rows."),
            ({"source": ""}, "Say where these people come from"),
            ({"file": SimpleUploadedFile("a.xlsx", b"PK\x03\x04")}, "This file is damaged"),
            ({"file": SimpleUploadedFile("a.csv", b"%PDF-1.7 x")}, "This is a PDF document"),
            ({"file": SimpleUploadedFile("a.csv", b"")}, "empty"),
            ({"tags": "x" * 101}, "100"),
            ({"match": "shoe_size"}, "Select a valid choice"),
        ],
    )
    def test_errors_stand_at_their_field(
        self, client: Client, at: Callable[..., str], values: dict[str, Any], message: str
    ) -> None:
        page = upload(client, at("new"), **values)
        assert page.status_code == 200
        assert message in texts(page)
        assert not ImportJob.objects.exists()

    def test_the_same_file_is_warned_of(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        imported(made(organization))
        upload(client, at("new"))
        job = ImportJob.objects.latest("pk")
        page = texts(client.get(at("map", job)))
        assert "The same file was imported before" in page
        assert "Use its mapping" in page

    def test_the_template_is_recognised_as_it_is(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        make_custom_field(organization, "age", "number")
        header = client.get(at("template")).content.decode()
        assert header.strip().endswith(",age")
        sample = client.get(at("sample")).content
        job = make_import(organization, sample)
        assert {entry["target"] for entry in job.mapping} >= {"email", "first_name", "tags"}
        assert imported(job).status == "completed"


class TestLeavingOut:
    TEXT = "email,phone\na@x.org,12\nbad,12\n"
    COLUMNS = [{"index": 0, "target": "email"}, {"index": 1, "target": "phone"}]

    def test_the_check_offers_lines_without_what_can_not_be_read(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(make_import(organization, self.TEXT, columns=self.COLUMNS))
        assert "Import without it" in client.get(at("detail", job)).content.decode()
        assert client.post(at("leave_out", job), {"column": "x"}).status_code == 404
        client.post(at("leave_out", job), {"column": "1"})
        run_import(organization_id=organization.pk, import_id=job.pk)
        job.refresh_from_db()
        assert job.predicted_counts == {"created": 1, "failed": 1}
        page = client.get(at("detail", job)).content.decode()
        assert "What will be left out" in page
        assert "1 new person</strong> will be subscribed" in page

    def test_likenesses_are_not_accepted_with_the_rest(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        text = "email,Lead Scource,Geburtstag\na@x.org,Fair,2001-02-03\n"
        job = make_import(organization, text, columns=[self.COLUMNS[0]])
        posted = {f"column-{index}-target": "" for index in range(3)} | {"accept": "all"}
        page = client.post(at("map", job), posted).content.decode()
        assert "<strong data-undecided-count>1</strong> of 3 columns wait" in page
        assert "data-guess" in page


class TestMap:
    @pytest.fixture
    def job(self, client: Client, organization: Organization, at: Callable[..., str]) -> ImportJob:
        upload(client, at("new"))
        return ImportJob.objects.latest("pk")

    def test_known_names_are_chosen_and_others_asked_about(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        page = client.get(at("map", job)).content.decode()
        assert '<option value="email" selected>' in page
        assert "Looks like a new custom field “age”?" in page
        assert "ana@example.org" in page

    def test_every_column_needs_a_decision(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        page = client.post(at("map", job), COLUMNS | {"column-2-target": ""})
        assert "Choose what this column holds" in texts(page)
        job.refresh_from_db()
        assert job.status == "draft"

    def test_a_mapping_leads_to_the_check(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        response = client.post(at("map", job), COLUMNS | {"column-3-target": "-"})
        assert response["Location"] == at("detail", job)
        job.refresh_from_db()
        assert job.status == "validating"
        assert job.mapping[2] == {
            "index": 2,
            "target": "custom:age",
            "type": "number",
            "label": "Age",
        }
        assert job.mapping[3] == {"index": 3, "target": None}

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ({"column-1-target": "email"}, "is the target of column"),
            ({"column-2-key": "Ä!"}, "Use a–z, 0–9 and _"),
            ({"column-0-target": "-"}, "contacts are matched by it"),
            ({"column-1-target": "shoe_size"}, "Select a valid choice"),
        ],
    )
    def test_errors_stand_at_their_column(
        self,
        client: Client,
        at: Callable[..., str],
        job: ImportJob,
        values: dict[str, Any],
        message: str,
    ) -> None:
        page = client.post(at("map", job), COLUMNS | values)
        assert page.status_code == 200
        assert message in texts(page)

    @pytest.mark.parametrize(("accept", "chosen"), [("2", "new"), ("all", "new"), ("none", "-")])
    def test_suggestions_are_accepted_without_javascript(
        self, client: Client, at: Callable[..., str], job: ImportJob, accept: str, chosen: str
    ) -> None:
        values = COLUMNS | {"column-2-target": "", "accept": accept}
        page = client.post(at("map", job), values)
        select = page.content.decode().split('name="column-2-target"')[1].split("</select>")[0]
        assert f'<option value="{chosen}" selected>' in select
        job.refresh_from_db()
        assert job.status == "draft"

    def test_values_that_are_no_choices_are_asked_about(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        make_custom_field(organization, "plan", "choice", choices=["Gold"])
        upload(client, at("new"), text="email,plan\na@x.org,Golden\nb@x.org,Golden\nc@x.org,?\n")
        job = ImportJob.objects.latest("pk")
        values = COLUMNS | {"column-1-target": "custom:plan"}
        page = texts(client.post(at("map", job), values))
        assert "say what each stands for" in page
        assert "Golden (2 rows)" in page
        answers = {
            "column-1-value-0": "Golden",
            "column-1-choice-0": "Gold",
            "column-1-value-1": "?",
            "column-1-choice-1": "-",
        }
        response = client.post(at("map", job), values | answers)
        assert response["Location"] == at("detail", job)
        job.refresh_from_db()
        assert job.mapping[1]["choices"] == {"Golden": "Gold", "?": None}

    def test_dates_that_can_be_read_in_two_ways_are_asked_about(
        self, client: Client, at: Callable[..., str]
    ) -> None:
        upload(client, at("new"), text="email,met\na@x.org,03/04/2024\n")
        job = ImportJob.objects.latest("pk")
        new = {"column-1-target": "new", "column-1-key": "met", "column-1-type": "date"}
        page = texts(client.post(at("map", job), COLUMNS | new))
        assert "Say how this column is written" in page
        assert "“03/04/2024” is 3 April 2024 or 4 March 2024?" in page
        client.post(at("map", job), COLUMNS | new | {"column-1-dates": "month"})
        job.refresh_from_db()
        assert (job.status, job.mapping[1]["day_first"]) == ("validating", False)

    def test_what_holds_for_all_is_kept(
        self, client: Client, organization: Organization, at: Callable[..., str], job: ImportJob
    ) -> None:
        consent = {"consent_types": ["newsletter"], "consent_source": "", "consent_text": ""}
        said = COLUMNS | {"source": "Fair", "tags": "VIP", "save_as": "Fairs"} | consent
        page = texts(client.post(at("map", job), said))
        assert "it is kept as the proof" in page
        client.post(at("map", job), said | {"consent_source": "Fair, 3 May"})
        job.refresh_from_db()
        assert job.options["constants"] == {"source": "Fair", "tags": {"vip": "VIP"}}
        assert job.options["consent"]["types"] == ["newsletter"]
        upload(client, at("new"))
        other = ImportJob.objects.latest("pk")
        page = client.get(at("map", other)).content.decode()
        saved = re.search(r"\?saved=\d+", page)
        assert saved
        page = client.get(at("map", other) + saved[0]).content.decode()
        assert '<option value="number" selected>' in page.split('name="column-2-type"')[1]

    def test_a_file_is_read_again_as_its_owner_says(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        wanted = {"encoding": "cp1252", "delimiter": ";", "has_header": "false"}
        part = client.post(at("format", job), wanted, headers={"HX-Request": "true"})
        assert part.content.decode().strip().startswith('<div id="mapping"')
        job.refresh_from_db()
        assert (job.format["delimiter"], job.format["has_header"]) == (";", False)
        assert client.post(at("format", job), wanted)["Location"] == at("map", job)

    def test_a_started_import_is_not_mapped_any_more(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = imported(made(organization))
        assert client.get(at("map", job))["Location"] == at("detail", job)
        page = client.post(at("map", job), COLUMNS, follow=True)
        assert page.redirect_chain == [(at("detail", job), 302)]
        assert "can&#x27;t be changed any more" in page.content.decode()

    def test_query_count_is_constant(
        self, client: Client, organization: Organization, at: Callable[..., str], job: ImportJob
    ) -> None:
        wide = make_import(
            organization, "email," + ",".join(f"c{n}" for n in range(40)) + "\na@b.co"
        )
        assert queries(client, at("map", wide)) == queries(client, at("map", job))


class TestCheck:
    def test_says_its_effect_before_anything_is_written(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        make_contact(organization, email="ana@example.org", first_name="Anna")
        job = checked(made(organization))
        page = texts(client.get(at("detail", job)))
        assert "Create 1 and update 1 contact" in page
        assert "What is wrong with 2 lines" in page
        update = texts(client.get(at("detail", job) + "?bucket=updated"))
        assert "Anna → becomes Ana" in update
        assert Contact.objects.count() == 1

    def test_values_stand_in_the_order_of_the_file_under_its_names(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        text = "PostalCode,first name,email,city\n0150,Ana,ana@example.org,Oslo\n"
        columns = [
            {"index": 0, "target": "custom:postal_code", "type": "text"},
            {"index": 1, "target": "first_name"},
            {"index": 2, "target": "email"},
            {"index": 3, "target": "city"},
        ]
        job = checked(make_import(organization, text, columns=columns))
        page = client.get(at("detail", job))
        (sample,) = page.context["samples"]
        assert list(sample.changes) == ["custom:postal_code", "first_name", "email", "city"]
        said = page.content.decode().partition('class="imp-changes"')[2]
        assert "<dt>PostalCode</dt>" in said
        assert "It also makes the custom field PostalCode ." in texts(page)
        imported(job)
        assert CustomFieldDefinition.objects.get(key="postal_code").label == "PostalCode"

    def test_the_error_file_is_there_before_the_run(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        response = client.get(at("errors", job))
        lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
        assert lines[0] == "email,first name,age,tags,_line,_error"
        assert len(lines) == 3
        assert lines[1].startswith("bad,Bob,3,,3,")

    def test_polling_gets_a_fragment_until_the_stage_changes(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = made(organization)
        import_validate(job=job)
        assert 'hx-trigger="every 1s"' in client.get(at("detail", job)).content.decode()
        part = client.get(at("live", job) + "?seen=validating")
        assert "import-progress" in part.content.decode()
        assert "import-body" not in part.content.decode()
        run_import(organization_id=organization.pk, import_id=job.pk)
        body = client.get(at("live", job) + "?seen=validating")
        assert body["HX-Retarget"] == "#import-body"
        assert "import-start" in body.content.decode()
        assert "every 1s" not in body.content.decode()

    def test_a_second_click_on_start_shows_the_import_running(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        for _ in range(2):
            page = client.post(at("start", job), follow=True)
            assert "Importing" in texts(page)
        assert ContactOperation.objects.filter(kind="import").count() == 1

    def test_what_is_too_early_or_too_late_shows_the_state(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        page = texts(client.post(at("pause", job), follow=True))
        assert "can&#x27;t be paused" in page

    def test_a_file_that_is_refused_says_why(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = made(organization)
        ImportJob.objects.filter(pk=job.pk).update(
            status="failed", error="Line 3 has 1,001 columns."
        )
        page = texts(client.get(at("detail", job)))
        assert "Line 3 has 1,001 columns." in page
        assert "Check again" in page

    def test_query_count_is_constant(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        one, twenty = (checked(made(organization, many(n))) for n in (1, 20))
        assert queries(client, at("detail", one)) == queries(client, at("detail", twenty))


class TestRun:
    def test_pause_resume_cancel(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        client.post(at("start", job))
        assert "Resume" in texts(client.post(at("pause", job), follow=True))
        assert "Pause" in texts(client.post(at("resume", job), follow=True))
        asked = texts(client.get(at("cancel", job)))
        assert "0 of 4 lines are written and stay" in asked
        assert "Cancelled after 0 of 4 lines" in texts(client.post(at("cancel", job), follow=True))

    def test_progress_outlives_a_worker(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        import_start(job=job, actor=SCREEN)
        ImportJob.objects.filter(pk=job.pk).update(
            processed_records=2, claim_token="7" * 32, lease_expires_at="2026-01-01T00:00:00Z"
        )
        page = texts(client.get(at("detail", job)))
        assert "50 %" in page
        assert "The worker has gone. Another takes over" in page

    def test_one_that_gave_up_can_go_on(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = checked(made(organization))
        import_start(job=job, actor=SCREEN)
        ImportJob.objects.filter(pk=job.pk).update(status="failed", error="The disk is full.")
        assert "The disk is full." in texts(client.get(at("detail", job)))
        assert "Importing" in texts(client.post(at("resume", job), follow=True))

    def test_one_that_gave_up_can_be_closed_and_undone(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = imported(made(organization))
        ImportJob.objects.filter(pk=job.pk).update(status="failed", processed_records=2)
        ContactOperation.objects.filter(pk=job.operation_id).update(status="running")
        page = texts(client.post(at("cancel", job), follow=True))
        assert "Undo this import" in page


def edited_since(organization: Organization) -> tuple[ImportJob, Contact]:
    """An import, and one of its people whom somebody has edited since: an undo keeps them."""
    job = imported(made(organization))
    ana = Contact.objects.get(email_key="ana@example.org")
    contact_update(contact=ana, patch=patch_maker().make({"city": "Oslo"}), actor=SCREEN)
    return job, ana


class TestResult:
    @pytest.fixture
    def job(self, organization: Organization) -> ImportJob:
        return imported(made(organization))

    def test_counts_lead_to_the_people(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        page = client.get(at("detail", job))
        assert f"/contacts/?import={job.pk}:created" in page.content.decode()
        assert "Imported, except for 2 lines with errors" in texts(page)

    def test_custom_fields_arrive_with_their_type(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        assert CustomFieldDefinition.objects.get(key="age").type == "number"

    def test_lines_by_outcome_page_by_key(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = imported(made(organization, many(60)))
        first = client.get(at("detail", job) + "?outcome=created")
        assert "p49@example.org" in texts(first)
        assert "p50@example.org" not in texts(first)
        cursor = re.search(r"cursor=([\w-]+)#lines", first.content.decode())
        assert cursor is not None
        address = at("detail", job) + f"?outcome=created&cursor={cursor[1]}"
        assert "p50@example.org" in texts(client.get(address))

    def test_an_address_can_ask_for_one_line(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = imported(made(organization, many(60)))
        page = client.get(at("detail", job) + "?row=58").content.decode()
        assert re.findall(r'<tr id="row-(\d+)"', page)[:3] == ["56", "57", "58"]
        assert re.findall(r'<tr id="row-(\d+)" class="k-selected"', page) == ["58"]
        earlier = re.search(r'href="(\?outcome=[^"]+)">Earlier', page)
        assert earlier is not None
        address = at("detail", job) + earlier[1].replace("&amp;", "&")
        assert 'id="row-55"' in client.get(address).content.decode()

    @pytest.mark.parametrize("row", ["0", "1", "121", "-1", "x", "9" * 30])
    def test_a_line_that_there_is_not_leads_to_the_first(
        self, client: Client, organization: Organization, at: Callable[..., str], row: str
    ) -> None:
        job = imported(made(organization, many(60)))
        page = client.get(at("detail", job) + f"?row={row}").content.decode()
        assert re.findall(r'<tr id="row-(\d+)"', page)[0] == "1"
        assert ">Earlier lines" not in page

    def test_a_cancelled_one_speaks_of_the_lines_that_it_reached(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        job = cancelled_after(make_import(organization, FAILING, batch_size=4), batches=1)
        page = client.get(at("detail", job))
        assert "What is wrong with 2 lines" in texts(page)
        assert [group.count for group in page.context["groups"]] == [2]
        counts = {tile.outcome: tile.count for tile in page.context["tiles"] if tile.count}
        assert counts == {"created": 2, "failed": 2, "not_reached": 6}
        assert '<li aria-current="step">Import</li>' in page.content.decode()
        for outcome, count in counts.items():
            lines = client.get(at("detail", job) + f"?outcome={outcome}").context["page"]
            assert len(lines.rows) == count, outcome
        error_file = b"".join(client.get(at("errors", job)).streaming_content)
        assert len(error_file.splitlines()) == 1 + 2

    def test_query_count_is_constant(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        one, twenty = (imported(made(organization, many(n))) for n in (1, 20))
        assert queries(client, at("detail", one)) == queries(client, at("detail", twenty))

    def test_lines_name_their_people(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        ana = Contact.objects.get(email_key="ana@example.org")
        page = client.get(at("detail", job)).content.decode()
        assert f'/contacts/{ana.pk}/">Ana</a>' in page

    def test_an_error_leads_to_who_has_the_key(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        owner = make_contact(organization, external_id="7", first_name="Ola")
        mapped = make_import(organization, "email,external id\nnew@example.org,7\n")
        for job in (checked(mapped), imported(mapped)):
            page = client.get(at("detail", job)).content.decode()
            link = f'Ola (<a class="k-link" href="/o/{organization.slug}/contacts/{owner.pk}/">contact {owner.pk}</a>).'
            assert page.count(link) == 2

    @pytest.mark.django_db(transaction=True)
    def test_an_undo_says_whom_it_keeps_and_what_it_leaves(
        self,
        organization: Organization,
        at: Callable[..., str],
        run_jobs: Callable[[], int],
    ) -> None:
        client = client_of(organization)
        make_tag(organization, "VIP")
        job, ana = edited_since(organization)
        asked = texts(client.get(at("undo", job)))
        assert "Undo for 1 contact " in asked
        left = "1 tag and 1 custom field that this import made stay"
        assert left in asked
        client.post(at("undo", job))
        run_jobs()
        page = client.get(at("detail", job))
        assert left in texts(page)
        assert "Friend (1 contact), Age ." in texts(page)
        tag, field = Tag.objects.get(name="Friend"), CustomFieldDefinition.objects.get(key="age")
        for link in (f"/tags/{tag.pk}/", f"/custom-fields/{field.pk}/", f"/contacts/{ana.pk}/"):
            assert f'{link}">' in page.content.decode()
        listed = texts(client.get(at()))
        assert "1 taken back · 1 kept, edited since" in listed

    @pytest.mark.django_db(transaction=True)
    def test_undo_says_what_it_keeps_and_can_be_taken_back(
        self,
        organization: Organization,
        at: Callable[..., str],
        run_jobs: Callable[[], int],
    ) -> None:
        client = client_of(organization)
        job, _ = edited_since(organization)
        asked = texts(client.get(at("undo", job)))
        assert "2 contacts are put back" in asked or "1 contact" in asked
        page = client.post(at("undo", job), follow=True)
        assert "Taking it back" in texts(page)
        assert 'hx-trigger="every 1s"' in page.content.decode()
        run_jobs()
        page = texts(client.get(at("detail", job)))
        assert "Undone" in page
        assert "Put it back" in page
        assert not Contact.objects.filter(email_key="cy@example.org").exists()
        assert "Putting it back" in texts(client.post(at("redo", job), follow=True))
        run_jobs()
        assert Contact.objects.filter(email_key="cy@example.org").exists()
        assert "Undo this import" in texts(client.get(at("detail", job)))

    @pytest.mark.django_db(transaction=True)
    def test_several_people_come_back(
        self,
        organization: Organization,
        at: Callable[..., str],
        run_jobs: Callable[[], int],
    ) -> None:
        client = client_of(organization)
        job = imported(made(organization, many(5)))
        client.post(at("undo", job))
        run_jobs()
        assert not Contact.objects.exists()
        asked = texts(client.get(at("redo", job)))
        assert "5 contacts get back" in asked
        assert "can’t be put back" not in asked
        client.post(at("redo", job))
        run_jobs()
        assert Contact.objects.count() == 5

    def test_a_large_undo_is_counted_behind_the_page(
        self, client: Client, at: Callable[..., str], job: ImportJob
    ) -> None:
        ImportJob.objects.filter(pk=job.pk).update(total_records=1_000_000)
        page = client.get(at("undo", job))
        assert 'hx-get="?count"' in page.content.decode()
        part = client.get(at("undo", job) + "?count", headers={"HX-Request": "true"})
        assert part.content.decode().strip().startswith('<div class="k-card')
        assert "Undo for 2 contacts" in texts(part)


class TestConventions:
    """Dates and numbers that can be read in two ways."""

    def test_are_proposed_where_values_tell(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        text = "email;born;paid\na@example.org;31/01/1990;1.234,50\nb@example.org;01/02/1991;2,5\n"
        upload(client, at("new"), file=SimpleUploadedFile("a.csv", text.encode()))
        job = ImportJob.objects.latest("pk")
        page = client.get(at("map", job)).content.decode()
        born = page.split('name="column-1-dates"')[1].split("</select>")[0]
        paid = page.split('name="column-2-decimals"')[1].split("</select>")[0]
        assert '<option value="day" selected>' in born
        assert '<option value="comma" selected>' in paid

    def test_what_is_chosen_is_how_they_are_read(
        self, client: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        text = 'email,born,paid\na@example.org,01/02/1991,"1.234,50"\n'
        upload(client, at("new"), file=SimpleUploadedFile("a.csv", text.encode()))
        job = ImportJob.objects.latest("pk")
        new = {f"column-{n}-target": "new" for n in (1, 2)}
        values = {
            "column-0-target": "email",
            "column-1-key": "born",
            "column-1-type": "date",
            "column-1-dates": "month",
            "column-2-key": "paid",
            "column-2-type": "number",
            "column-2-decimals": "comma",
        }
        client.post(at("map", job), new | values | {"match": "email", "mode": "upsert"})
        run_import(organization_id=organization.pk, import_id=job.pk)
        page = texts(client.get(at("detail", job)))
        assert "2 January 1991" in page
        assert "1234.5" in page
        again = client.get(at("map", job)).content.decode()
        assert '<option value="month" selected>' in again


class TestWhoMay:
    @pytest.fixture
    def viewer(self, organization: Organization) -> Client:
        return client_of(organization, Role.VIEWER)

    @pytest.mark.parametrize("make", [checked, imported], ids=["checked", "imported"])
    def test_a_viewer_sees_but_has_no_buttons(
        self, viewer: Client, organization: Organization, at: Callable[..., str], make: Any
    ) -> None:
        job = make(made(organization))
        page = viewer.get(at("detail", job))
        assert page.status_code == 200
        content = page.content.decode().partition("<main")[2].partition("</main>")[0]
        assert 'method="post"' not in content
        assert "imports/new" not in content
        assert "/undo/" not in content

    def test_a_viewer_sees_a_mapping_that_is_locked(
        self, viewer: Client, organization: Organization, at: Callable[..., str]
    ) -> None:
        page = viewer.get(at("map", made(organization))).content.decode()
        assert '<fieldset class="k-stack" disabled>' in page
        assert "Check the file" not in page

    @pytest.mark.parametrize("name", [*ACTIONS, "map"])
    def test_a_viewer_may_not_act(
        self, viewer: Client, organization: Organization, at: Callable[..., str], name: str
    ) -> None:
        job = made(organization)
        assert viewer.post(at(name, job)).status_code == 403
        job.refresh_from_db()
        assert job.status == "draft"

    def test_a_viewer_may_not_upload(self, viewer: Client, at: Callable[..., str]) -> None:
        assert viewer.get(at("new")).status_code == 403
        assert upload(viewer, at("new")).status_code == 403

    @pytest.mark.parametrize("name", DETAIL_NAMES)
    @pytest.mark.parametrize("method", ["get", "post"])
    def test_other_organizations_imports_are_not_there(
        self, client: Client, at: Callable[..., str], name: str, method: str
    ) -> None:
        job = checked(made(make_organization()))
        assert getattr(client, method)(at(name, job)).status_code in (404, 405)
        assert client.get(at(name, job)).status_code in (404, 405)

    @pytest.mark.parametrize("name", ["validate", "start", "pause", "resume", "format"])
    def test_actions_are_never_done_by_reading(
        self, client: Client, organization: Organization, at: Callable[..., str], name: str
    ) -> None:
        assert client.get(at(name, made(organization))).status_code == 405

    @pytest.mark.parametrize("name", ACTIONS)
    def test_forms_of_other_sites_are_refused(
        self, organization: Organization, at: Callable[..., str], name: str
    ) -> None:
        strict = client_of(organization, enforce_csrf_checks=True)
        assert strict.post(at(name, made(organization))).status_code == 403
