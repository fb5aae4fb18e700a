"""/api/v1/websites/."""

from typing import Any, ClassVar

import pytest

from contacts.models import ContactEvent
from contacts.services.websites import website_create
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.api_suite import CreateSuite, DetailSuite, ListSuite, Program, assert_problem
from tests.contacts.events import make_event
from tests.factories import make_contact

pytestmark = pytest.mark.django_db


def make_website(organization: Organization, domain: str = "shop.example.org") -> Any:
    with organization_scope(organization):
        return website_create(name="Shop", domain=domain)


class TestWebsiteList(ListSuite):
    covers = ("website-list",)
    path = "websites/"

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_website(organization, f"shop{number}.example.org")


class TestWebsiteDetail(DetailSuite):
    covers = ("website-detail",)
    detail = "websites/{}/"
    methods: ClassVar = {"GET": None, "PATCH": {"name": "Other"}, "DELETE": None}

    def make(self, organization: Organization, number: int = 0) -> Any:
        return make_website(organization)

    def test_its_events_outlive_it(self, home: Organization, program: Program) -> None:
        site = self.make(home)
        made = make_event(make_contact(home), website=site.pk)
        assert program.delete(self.detail_path(site)).status_code == 204
        with organization_scope(home):
            assert ContactEvent.objects.get(pk=made.pk).website_id is None


class TestWebsiteCreate(CreateSuite):
    path = "websites/"
    body: ClassVar = {"name": "Shop", "domain": "shop.example.org"}
    bad_bodies = (
        ({"domain": "shop.example.org"}, "name"),
        ({"name": " ", "domain": "shop.example.org"}, "name"),
        ({"name": "Shop", "domain": "shop"}, "domain"),
        ({"name": "Shop", "domain": "http://[::1"}, "domain"),
        ({"name": "Shop", "domain": "a..example.org"}, "domain"),
        ({"name": "Shop", "domain": "-a.example.org"}, "domain"),
        ({"name": "Shop", "domain": "a b.example.org"}, "domain"),
    )

    @pytest.mark.parametrize(
        ("given", "kept"),
        [
            ("HTTPS://Shop.Example.org:8443/path?q=1", "shop.example.org"),
            ("shop.example.org/", "shop.example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
        ],
    )
    def test_of_an_address_its_domain_is_kept(
        self, program: Program, given: str, kept: str
    ) -> None:
        made = program.post(self.path, self.body | {"domain": given})
        assert (made.status_code, made.json()["domain"]) == (201, kept)

    def test_a_domain_is_one_site(self, program: Program) -> None:
        first = program.post(self.path, self.body).json()
        assert_problem(program.post(self.path, self.body), 400, "domain", "unique")
        second = program.post(self.path, self.body | {"domain": "b.example.org"}).json()
        path = f"{self.path}{second['id']}/"
        assert_problem(program.patch(path, {"domain": first["domain"]}), 400, "domain", "unique")
