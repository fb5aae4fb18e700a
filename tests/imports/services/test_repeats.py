"""Keys that repeat over a file: of each the first line that is imported wins, whatever became of those before it."""

import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imports.models import ImportJob
from imports.services import validation
from organizations.models import Organization
from organizations.scope import organization_scope
from tests.factories import (
    checked,
    imported,
    make_contact,
    make_custom_field,
    make_import,
    make_organization,
)

COLUMNS = [
    {"index": 0, "target": "email"},
    {"index": 1, "target": "external_id"},
    {"index": 2, "target": "further_email"},
    {"index": 3, "target": "custom:age", "type": "number"},
]
HEADER = "email,id,other,age"
Line = tuple[str, str, str, str]
lines_ = st.lists(
    st.tuples(
        st.sampled_from(("", "a@x.org", "b@x.org", "c@x.org", "d@x.org")),
        st.sampled_from(("", "1", "2", "3")),
        st.sampled_from(("", "a@x.org", "b@x.org", "c@x.org", "d@x.org")),
        st.sampled_from(("", "", "5", "bad")),
    ),
    max_size=9,
)
people_ = st.lists(
    st.tuples(st.sampled_from(("a@x.org", "b@x.org", "c@x.org")), st.sampled_from(("1", "2", "3"))),
    unique_by=(lambda each: each[0], lambda each: each[1]),
    max_size=3,
)
IMPORTED = ("created", "updated", "unchanged")
Person = tuple[str, str]


def check(
    organization: Organization, lines: list[Line], match: str = "email", mode: str = "upsert"
) -> ImportJob:
    text = "\n".join([HEADER, *(",".join(line) for line in lines), ""])
    return checked(make_import(organization, text, columns=COLUMNS, match=match, mode=mode))


def predicted(job: ImportJob) -> list[str]:
    return list(job.records.order_by("row_number").values_list("predicted", flat=True))


def one_by_one(
    lines: list[Line], match: str, mode: str, people: list[Person], is_required: bool
) -> list[bool]:
    """Which lines are imported when they are read one by one: those that can be by themselves, and of which no line
    that is imported has a key.
    """
    taken: set[tuple[str, str]] = set()
    found = []
    for line in lines:
        keys = keys_of(line, match)
        is_imported = is_fit(line, match, mode, people, is_required) and not keys & taken
        taken |= keys if is_imported else set()
        found.append(is_imported)
    return found


def keys_of(line: Line, match: str) -> set[tuple[str, str]]:
    email, key, other, _ = line
    addresses = {("address", part) for part in (email, other) if part}
    return addresses | ({("id", key)} if key else set())


def is_fit(line: Line, match: str, mode: str, people: list[Person], is_required: bool) -> bool:
    """Whether a line that is alone in its file would be imported."""
    email, key, other, age = line
    own = (email or other) if match == "email" else key
    found = next((each for each in people if own == each[match == "external_id"]), None)
    others = [each for each in people if each != found]
    taken = {("address", each[0]) for each in others} | {("id", each[1]) for each in others}
    is_left_out = mode == ("create" if found else "update")
    is_short = is_required and not found and not age
    is_bad = age == "bad" or not own or is_left_out or is_short
    return not is_bad and not keys_of(line, match) & taken


@pytest.mark.django_db
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lines=lines_,
    match=st.sampled_from(("email", "external_id")),
    mode=st.sampled_from(("upsert", "create", "update")),
    people=people_,
    is_required=st.booleans(),
)
def test_it_is_as_if_lines_were_read_one_by_one(
    lines: list[Line], match: str, mode: str, people: list[Person], is_required: bool
) -> None:
    organization = make_organization()
    with organization_scope(organization):
        for email, key in people:
            make_contact(organization, email=email, external_id=key)
        make_custom_field(organization, "age", "number", is_required=is_required)
        job = check(organization, lines, match, mode)
        expected = one_by_one(lines, match, mode, people, is_required)
        assert [outcome in IMPORTED for outcome in predicted(job)] == expected
        told_of = set(
            job.records.filter(predicted__in=IMPORTED).values_list("line_number", flat=True)
        )
        for record in job.records.filter(errors__isnull=False):
            (error, *_) = record.errors
            if error["code"] in ("duplicate", "repeated"):
                told = re.search(r"is on line (\d+)", error["message"])
                assert told is not None
                assert int(told[1]) in told_of


def test_who_repeats_a_line_that_fails_is_imported(organization: Organization) -> None:
    lines = [("a@x.org", "1", "", ""), ("b@x.org", "1", "c@x.org", ""), ("b@x.org", "2", "", "")]
    job = check(organization, lines)
    assert predicted(job) == ["created", "failed", "created"]


def test_who_repeats_a_line_that_the_comparison_fails_is_imported(
    organization: Organization,
) -> None:
    make_contact(organization, email="c@x.org", external_id="1")
    lines = [("a@x.org", "1", "", ""), ("a@x.org", "2", "", ""), ("a@x.org", "3", "", "")]
    job = check(organization, lines)
    assert predicted(job) == ["failed", "created", "duplicate"]
    (error,) = job.records.get(row_number=3).errors
    assert error["message"] == "The same contact is on line 3, which is the one that is imported."
    assert imported(job).counts == {"failed": 1, "created": 1, "duplicate": 1}


def test_lines_that_the_mode_leaves_out_keep_nobody_out(organization: Organization) -> None:
    make_contact(organization, email="b@x.org")
    lines = [("a@x.org", "1", "", ""), ("a@x.org", "", "", ""), ("b@x.org", "1", "", "")]
    assert predicted(check(organization, lines, mode="update")) == ["skipped", "skipped", "updated"]


def test_a_duplicate_repeats_a_line_that_is_imported(organization: Organization) -> None:
    lines = [("a@x.org", "", "", ""), ("b@x.org", "", "a@x.org", ""), ("b@x.org", "", "", "")]
    job = check(organization, lines)
    assert predicted(job) == ["created", "duplicate", "created"]
    (error,) = job.records.get(row_number=2).errors
    assert error["message"] == "a@x.org is on line 2 too, which is the one that is imported."


def chain(length: int) -> list[Line]:
    """Each line has an address of the one before it: every second one is imported."""
    return [(f"p{number}@x.org", "", f"p{number + 1}@x.org", "") for number in range(length)]


@pytest.mark.parametrize(("rounds", "expected"), [(20, 5), (2, 2)])
def test_chains_end(
    organization: Organization, monkeypatch: pytest.MonkeyPatch, rounds: int, expected: int
) -> None:
    """After some rounds who still waits is left out: no key is ever imported twice."""
    monkeypatch.setattr(validation, "MAX_ROUNDS", rounds)
    outcomes = predicted(check(organization, chain(10)))
    assert (outcomes.count("created"), outcomes.count("duplicate")) == (expected, 10 - expected)
    assert outcomes[:3] == ["created", "duplicate", "created"]


def test_rounds_are_steps_of_their_own(organization: Organization) -> None:
    from imports.services.control import import_validate
    from organizations.services.leases import lease_take

    text = "\n".join([HEADER, *(",".join(line) for line in chain(6)), ""])
    job = import_validate(job=make_import(organization, text, columns=COLUMNS))
    lease, seen = lease_take(work=job), []
    assert lease is not None
    while job.status == "validating":
        seen.append((job.phase, job.cursor))
        validation._step(job, lease, 1e12)
        job.refresh_from_db()
    repeats: list[Any] = [cursor for phase, cursor in seen if phase == "repeats"]
    assert repeats == [0, 1, 2]
