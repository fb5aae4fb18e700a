"""Inheritable suites for the API: an endpoint that declares a class has its tests.

`covers` of an IsolationSuite names the URL names whose tenant isolation the class tests; a test fails for a URL
of `config.api_urls` that none names (tests/config/test_api_urls.py).
"""

import json
from typing import Any, ClassVar

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from organizations.models import Organization
from organizations.roles import Role
from tests.factories import make_api_key, make_organization

ROOT = "/api/v1/"
PROBLEM = "application/problem+json"


class Program:
    """A client with an API key. Paths are below /api/v1/; bodies are JSON."""

    def __init__(self, organization: Organization, role: str = Role.ADMIN) -> None:
        self.organization = organization
        self.key, self.text = make_api_key(organization, role)
        self.client = Client(raise_request_exception=True)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """A request; the caller's organization scope does not reach the view."""
        address = path if path.startswith(("/", "http")) else ROOT + path
        content = (
            {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        )
        return self.client.generic(method, address, **content, headers=self.headers(**headers))

    def headers(self, **headers: str) -> dict[str, str]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return {"Authorization": f"Bearer {self.text}"} | named

    def get(self, path: str, **headers: str) -> Any:
        return self.send("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.send("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any) -> Any:
        return self.send("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Any:
        return self.send("DELETE", path, body)

    def upload(self, path: str, **fields: Any) -> Any:
        headers = self.headers(**fields.pop("headers", {}))
        return self.client.post(ROOT + path, fields, headers=headers)


def assert_problem(
    response: Any, status: int, path: str | None = None, code: str | None = None
) -> Any:
    """The response is a problem document with this status and, where given, an error at `path` with `code`."""
    assert response.status_code == status, response.content
    assert response["Content-Type"].startswith(PROBLEM)
    document = response.json()
    assert set(document) == {"type", "title", "status", "detail", "errors"}
    assert document["status"] == status
    assert document["detail"]
    found = [(error["path"], error["code"]) for error in document["errors"]]
    if path is not None:
        assert path in [each for each, _ in found], found
    if code is not None:
        assert code in [each for _, each in found], found
    return document


@pytest.mark.django_db
class IsolationSuite:
    """Two organizations; what belongs to the other one is not there."""

    covers: ClassVar[tuple[str, ...]] = ()

    @pytest.fixture
    def home(self) -> Organization:
        return make_organization()

    @pytest.fixture
    def other(self) -> Organization:
        return make_organization()

    @pytest.fixture
    def program(self, home: Organization) -> Program:
        return Program(home)

    @pytest.fixture
    def viewer(self, home: Organization) -> Program:
        return Program(home, Role.VIEWER)

    def make(self, organization: Organization, number: int = 0) -> Any:
        """One object of the endpoint, with all that it can have."""
        raise NotImplementedError


class ListSuite(IsolationSuite):
    """`path` lists what `make` makes."""

    path: ClassVar[str]
    key: ClassVar[str] = "id"
    # Query string → how many of the two objects it lets through. `{0}` is the first's id.
    filters: ClassVar[dict[str, int]] = {}
    bad_queries: ClassVar[tuple[str, ...]] = ()

    def list_path(self, organization: Organization) -> str:
        return self.path

    def test_lists_what_there_is(self, home: Organization, program: Program) -> None:
        path = self.list_path(home)
        made = [self.make(home, number) for number in range(2)]
        document = program.get(path).json()
        assert set(document) == {"next", "previous", "results"}
        keys = {row[self.key] for row in document["results"]}
        assert keys == {getattr(each, self.key, None) or each.pk for each in made}

    def test_does_not_list_what_is_others(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        path = self.list_path(home)
        self.make(other)
        assert program.get(path).json()["results"] == []

    def test_needs_a_key(self, home: Organization, client: Client) -> None:
        response = client.get(ROOT + self.list_path(home))
        assert_problem(response, 401)
        assert response["WWW-Authenticate"] == "Bearer"

    def test_filters(self, home: Organization, program: Program) -> None:
        path = self.list_path(home)
        first, _ = (self.make(home, number) for number in range(2))
        for query, count in self.filters.items():
            response = program.get(f"{path}?{query.format(getattr(first, self.key, None))}")
            assert response.status_code == 200, (query, response.content)
            assert len(response.json()["results"]) == count, query

    def test_refuses_unknown_parameters_and_values(
        self, home: Organization, program: Program
    ) -> None:
        path = self.list_path(home)
        general = (
            "nonsense=1",
            "ordering=nonsense",
            "fields=nonsense",
            "page_size=501",
            "page_size=x",
        )
        for query in (*general, "cursor=nonsense", "count=nonsense", *self.bad_queries):
            assert_problem(program.get(f"{path}?{query}"), 400, query.partition("=")[0])

    def test_pages_forth_and_back(self, home: Organization, program: Program) -> None:
        path = self.list_path(home)
        for number in range(5):
            self.make(home, number)
        expected = [row[self.key] for row in program.get(path).json()["results"]]
        first = program.get(f"{path}?page_size=2&count=true").json()
        assert (first["count"], first["count_capped"], first["previous"]) == (5, False, None)
        second = program.get(first["next"]).json()
        third = program.get(second["next"]).json()
        pages = [first, second, third]
        assert [row[self.key] for page in pages for row in page["results"]] == expected
        assert third["next"] is None
        back = program.get(second["previous"]).json()
        assert back["results"] == first["results"]

    def test_shows_the_fields_that_are_asked_for(
        self, home: Organization, program: Program
    ) -> None:
        path = self.list_path(home)
        self.make(home)
        (row,) = program.get(f"{path}?fields={self.key}").json()["results"]
        assert set(row) == {self.key}

    def test_queries_do_not_depend_on_the_number_of_objects(
        self, home: Organization, program: Program
    ) -> None:
        path = self.list_path(home)
        self.make(home, 0)
        program.get(path)
        one = self._queries(program, path)
        for number in range(1, 20):
            self.make(home, number)
        assert self._queries(program, path) == one

    def _queries(self, program: Program, path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert program.get(path).status_code == 200
        return len(captured)


class DetailSuite(IsolationSuite):
    """`detail` is the path of one object; `methods` those that its address knows, with a body that is fine."""

    detail: ClassVar[str]
    methods: ClassVar[dict[str, Any]] = {"GET": None}
    read_only_fields: ClassVar[str | None] = "id"

    def detail_path(self, made: Any) -> str:
        return self.detail.format(made.pk)

    def test_others_are_not_there(
        self, home: Organization, other: Organization, program: Program
    ) -> None:
        path = self.detail_path(self.make(other))
        for method, body in self.methods.items():
            assert_problem(program.send(method, path, body), 404)

    def test_unknown_ids_are_not_there(self, program: Program) -> None:
        for number in (0, 10**9, 10**18, 10**30):
            path = self.detail.format(number)
            assert_problem(
                program.send(next(iter(self.methods)), path, next(iter(self.methods.values()))), 404
            )

    def test_answers_or_says_why_not(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        for method, body in self.methods.items():
            response = program.send(method, path, body)
            assert response.status_code in (200, 202, 204, 409), (method, response.content)

    def test_a_viewer_can_not_write(self, home: Organization, viewer: Program) -> None:
        path = self.detail_path(self.make(home))
        for method, body in self.methods.items():
            response = viewer.send(method, path, body)
            if method == "GET":
                assert response.status_code in (200, 409), response.content
            else:
                assert_problem(response, 403, code="permission_denied")

    def test_other_methods_are_refused(self, home: Organization, program: Program) -> None:
        path = self.detail_path(self.make(home))
        response = program.send("PUT", path, {})
        assert_problem(response, 405)
        assert set(self.methods) <= set(response["Allow"].replace(" ", "").split(","))

    def test_leaves_no_scope_behind(self, home: Organization, program: Program) -> None:
        from organizations.scope import NoOrganizationScope, current_organization_id

        path = self.detail_path(self.make(home))
        program.send(next(iter(self.methods)), path, next(iter(self.methods.values())))
        with pytest.raises(NoOrganizationScope):
            current_organization_id()


class CreateSuite(IsolationSuite):
    """`path` takes `body` by POST."""

    path: ClassVar[str]
    body: ClassVar[dict[str, Any]]
    # Bodies that are refused → the path of an error.
    bad_bodies: ClassVar[tuple[tuple[Any, str], ...]] = ()
    status: ClassVar[int] = 201
    needed_role: ClassVar[str] = Role.MARKETER

    def test_creates(self, program: Program) -> None:
        response = program.post(self.path, self.body)
        assert response.status_code == self.status, response.content

    def test_roles(self, home: Organization) -> None:
        for role in Role:
            if not role.covers(Role(self.needed_role)):
                assert_problem(Program(home, role).post(self.path, self.body), 403)

    def test_refuses_what_is_wrong(self, program: Program) -> None:
        for body, path in self.bad_bodies:
            assert_problem(program.post(self.path, body), 400, path)

    def test_refuses_what_is_no_object(self, program: Program) -> None:
        for body in ([], "text", 5, None, [[]]):
            response = program.client.generic(
                "POST",
                ROOT + self.path,
                json.dumps(body),
                content_type="application/json",
                headers=program.headers(),
            )
            assert_problem(response, 400)

    def test_happens_once_for_an_idempotency_key(self, program: Program) -> None:
        first = program.post(self.path, self.body, Idempotency_Key="a")
        again = program.post(self.path, self.body, Idempotency_Key="a")
        assert (again.status_code, again.json()) == (first.status_code, first.json())
        assert again["Idempotent-Replayed"] == "true"
