"""/api/v1/operations/."""

from typing import Any, ClassVar

from contacts.models import ContactOperation
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import DetailSuite, ListSuite, Program, assert_problem
from tests.factories import make_contact


def make_operation(organization: Organization) -> ContactOperation:
    make_contact(organization, tags=["VIP"])
    with organization_scope(organization):
        return ContactOperation.objects.latest("pk")


class TestOperationList(ListSuite):
    covers = ("operation-list",)
    path = "operations/"
    filters = {
        "kind=manual": 2,
        "kind=import": 0,
        "status=done": 2,
        "source=screen": 2,
        "source=api": 0,
    }
    bad_queries = ("kind=nope", "status=nope", "source=nope")

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_operation(organization)


class OperationDetailSuite(DetailSuite):
    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_operation(organization)


class TestOperationDetail(OperationDetailSuite):
    covers = ("operation-detail",)
    detail = "operations/{}/"


class TestUndoPreview(OperationDetailSuite):
    covers = ("operation-undo-preview",)
    detail = "operations/{}/undo-preview/"


class TestUndo(OperationDetailSuite):
    covers = ("operation-undo",)
    detail = "operations/{}/undo/"
    methods: ClassVar = {"POST": {}}

    def test_an_operation_is_undone_once_and_put_back(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        operation = make_operation(home)
        path = f"operations/{operation.pk}/undo/"
        undo = program.post(path).json()
        assert_problem(program.post(path), 409, "", "not_undoable")
        run_jobs()
        assert program.get("contacts/").json()["results"] == []
        preview = program.get(f"operations/{operation.pk}/undo-preview/").json()
        assert (preview["is_possible"], bool(preview["reason"])) == (False, True)
        assert program.post(f"operations/{undo['id']}/undo/").status_code == 202
        run_jobs()
        assert len(program.get("contacts/").json()["results"]) == 1


class TestPause(OperationDetailSuite):
    covers = ("operation-pause",)
    detail = "operations/{}/pause/"
    methods: ClassVar = {"POST": {}}

    def test_an_undo_waits_and_goes_on(
        self, home: Organization, program: Program, run_jobs: Any
    ) -> None:
        undo = program.post(f"operations/{make_operation(home).pk}/undo/").json()
        paused = program.post(self.detail.format(undo["id"]))
        assert paused.json()["status"] == "paused"
        run_jobs()
        assert len(program.get("contacts/").json()["results"]) == 1
        resumed = program.post(f"operations/{undo['id']}/resume/")
        assert resumed.json()["status"] == "pending"
        run_jobs()
        assert program.get("contacts/").json()["results"] == []


class TestResume(OperationDetailSuite):
    covers = ("operation-resume",)
    detail = "operations/{}/resume/"
    methods: ClassVar = {"POST": {}}
