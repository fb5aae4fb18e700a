"""The builder of rules: the page, its parts for htmx, and saving. Works with plain forms too."""

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from contacts.rules.compiler import contacts_of
from contacts.rules.nodes import Node
from contacts.rules.reading import rule_read
from contacts.rules.sentences import sentence_of
from contacts.rules.source import NUMBER
from contacts.rules.spans import DATE, DURATION
from contacts.rules.world import World
from contacts.selectors.contact_list import contacts_found
from organizations.api.problems import validation_errors
from organizations.roles import EDIT
from organizations.screens import render_part, render_screen, role_required
from segments.builder.documents import Written, document_of
from segments.builder.drafts import GROUPS, Draft, act, condition, draft_of, group
from segments.builder.filling import draft_from, is_drawable
from segments.builder.from_filters import document_from_filters
from segments.builder.inputs import Row, row_of
from segments.builder.vocabulary import Vocabulary, vocabulary
from segments.models import Segment
from segments.selectors.counting import rule_size, some_of
from segments.selectors.explaining import rule_explained
from segments.selectors.impact import impact
from segments.services.segments import segment_create, segment_update
from segments.views import segment_or_404

SAMPLES = 5
# Faults that speak of JSON, in the words of the inputs.
SAID = {
    DURATION: "Give a whole number of days, weeks or hours, such as 30.",
    DATE: "Give a date such as 2026-01-31, or today, yesterday or tomorrow.",
    NUMBER: "Give a number.",
}


@dataclass(slots=True)
class Builder:
    """A rule on the page: its draft, or its JSON where the inputs can't say it all; and what is wrong with it."""

    vocabulary: Vocabulary
    draft: Draft
    text: str | None = None
    errors: dict[str, list[str]] = field(default_factory=dict)
    # The inputs that they are about, by node.
    invalid: dict[str, set[str]] = field(default_factory=dict)
    other_errors: list[str] = field(default_factory=list)
    focus: str = ""

    @property
    def nodes(self) -> "Shown":
        return _shown(self.draft, self, None)

    def written(self) -> Written:
        return document_of(self.draft, self.vocabulary)

    def document(self) -> Any:
        """The rule as JSON. Raises ValidationError for a text that is none."""
        if self.text is None:
            return self.written().document
        try:
            return json.loads(self.text)
        except json.JSONDecodeError as error:
            message = f"This is no JSON: line {error.lineno}, column {error.colno} can’t be read."
            raise ValidationError({"rules": message}) from error
        except (ValueError, RecursionError) as error:
            message = (
                "This is no JSON that can be read: it is nested too deep, or has a number too long."
            )
            raise ValidationError({"rules": message}) from error

    def tell(self, error: ValidationError) -> None:
        """Put what is wrong beside the nodes that it is about."""
        written = self.written()
        for each in validation_errors(error):
            key, name = written.place_of(each["path"]) if self.text is None else ("", "")
            if key:
                draft = next(node for node in self.draft.walk() if node.key == key)
                self.errors.setdefault(key, []).append(self._said(draft, each))
                is_known = self.vocabulary.find(draft.value("about")) is not None
                self.invalid.setdefault(key, set()).add(name if is_known else "about")
            elif each["path"] == "conflict":
                self.other_errors.append(each["message"])
            elif each["path"] not in ("name", "description"):
                self.other_errors.append(f"{each['path']}: {each['message']}")

    def _said(self, draft: Draft, error: dict[str, str]) -> str:
        """A fault in the words of the inputs: who fills them in need not know the language of rules."""
        if draft.is_group and not draft.children:
            return "Add a condition to this group, or remove it."
        if not draft.is_group and self.vocabulary.find(draft.value("about")) is None:
            return "Choose what this condition is about."
        if error["code"] == "required":
            return "Something is not filled in here."
        return SAID.get(error["message"], error["message"])


@dataclass(slots=True)
class Shown:
    """A node on the page: its inputs or children, its errors, and where it may be moved."""

    draft: Draft
    parent: str
    row: Row | None
    children: list["Shown"]
    errors: list[str]
    invalid: set[str]
    is_root: bool


def _shown(draft: Draft, builder: Builder, parent: Draft | None) -> Shown:
    row = None if draft.is_group else row_of(draft, builder.vocabulary)
    if row is not None and row.choice is not None and row.choice.shape == "related":
        # Of whom they are related to, more may be asked.
        draft.children = draft.children[:1] or [group("all")]
    elif row is not None:
        # What it was about before may have had some.
        draft.children = []
    return Shown(
        draft=draft,
        parent=parent.key if parent else "",
        row=row,
        children=[_shown(child, builder, draft) for child in draft.children],
        errors=builder.errors.get(draft.key, []),
        invalid=builder.invalid.get(draft.key, set()),
        is_root=parent is None,
    )


def _builder(form: QueryDict, segment: Segment | None) -> Builder:
    """What was posted."""
    known = vocabulary(without=segment)
    text = form.get("rules_json") if form.get("mode") == "json" else None
    builder = Builder(known, draft_of(form), text)
    if action := form.get("do", ""):
        builder.focus = act(builder.draft, action)
    if action == "inputs":
        _draw(builder)
    if action == "json":
        builder.text = json.dumps(builder.written().document, indent=2, ensure_ascii=False)
    return builder


def _draw(builder: Builder) -> None:
    """From JSON back to the inputs, where these can say it all."""
    try:
        document = builder.document()
        rule_read(document, world=World(timezone.now()))
    except ValidationError as error:
        builder.tell(error)
        return
    if is_drawable(document, builder.vocabulary):
        builder.draft, builder.text = draft_from(document), None
    else:
        builder.other_errors.append("The inputs can’t say all that this rule says: it stays JSON.")


def _fresh(segment: Segment | None, filters: dict[str, str]) -> Builder:
    """The rule of a segment, or of the filters of a list, or an empty one."""
    known = vocabulary(without=segment)
    document = segment.rules if segment else document_from_filters(filters)
    if document is None:
        return Builder(known, group("all", [condition()]))
    if is_drawable(document, known):
        return Builder(known, draft_from(document))
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return Builder(known, group("all", [condition()]), text)


def _page(
    request: Any,
    builder: Builder,
    segment: Segment | None,
    *,
    values: dict[str, str],
    name_error: str = "",
    review: Any = None,
    shown: str = "",
    **more: Any,
) -> HttpResponse:
    context = more | {
        "segment": segment,
        "builder": builder,
        "node": builder.nodes,
        "groups": GROUPS,
        "values": values,
        "name_error": name_error,
        "review": review,
        "shown": shown,
        "opened": segment.updated_at.isoformat() if segment else "",
    }
    title = f"Rules of {segment.name}" if segment else "New segment"
    return render_screen(request, "segments/build.html", context, title=title)


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def segment_new(request: Any) -> HttpResponse:
    """Build and save a new segment; `?from=list&city=…` begins with the filters of a list."""
    if request.method == "GET":
        filters = {name: str(value) for name, value in request.GET.items() if value}
        return _page(request, _fresh(None, filters), None, values={"name": "", "description": ""})
    return _posted(request, None)


@require_http_methods(["GET", "POST"])
@role_required(EDIT)
def segment_edit(request: Any, pk: int) -> HttpResponse:
    """Change a segment's rules; what that does to its members is shown before it is saved."""
    segment = Segment.objects.filter(pk=pk).first()
    if segment is None and request.POST.get("opened"):
        return _rescued(request)
    segment = segment or segment_or_404(pk)
    if segment.rules is None:
        return HttpResponseRedirect(reverse("segments:detail", args=[pk]))
    if request.method == "GET":
        values = {"name": segment.name, "description": segment.description}
        return _page(request, _fresh(segment, {}), segment, values=values)
    return _posted(request, segment)


def _rescued(request: Any) -> HttpResponse:
    """What was filled in for a segment that somebody has deleted meanwhile."""
    builder = _builder(request.POST, None)
    builder.other_errors.append(
        "Somebody has deleted this segment meanwhile. Saving makes a new one of what is here."
    )
    values = {name: request.POST.get(name, "").strip() for name in ("name", "description")}
    return _page(request, builder, None, values=values)


def _posted(request: Any, segment: Segment | None) -> HttpResponse:
    builder = _builder(request.POST, segment)
    values = {name: request.POST.get(name, "").strip() for name in ("name", "description")}
    if request.POST.get("do") or "save" not in request.POST:
        return _page(request, builder, segment, values=values, **_asked(builder, request.POST))
    try:
        document = builder.document()
        _require_latest(segment, request.POST)
        if segment is None:
            made = segment_create(rules=document, user=request.user, **values)
            messages.success(request, f"The segment {made.name} was made, and is being computed.")
            return HttpResponseRedirect(reverse("segments:detail", args=[made.pk]))
        shown = _digest(document, segment.rules)
        if document != segment.rules and request.POST.get("confirmed") != shown:
            review = impact(segment=segment, rules=document)
            more: dict[str, Any] = {
                "review": review,
                "shown": shown,
                "is_other": "confirmed" in request.POST,
            }
            return _page(request, builder, segment, values=values, **more)
        segment_update(segment=segment, rules=document, user=request.user, **values)
    except ValidationError as error:
        builder.tell(error)
        names = getattr(error, "error_dict", {}).get("name", [])
        name_error = " ".join(message for each in names for message in each.messages)
        # Both are told at once.
        name_error = name_error or ("" if values["name"] else "Give it a name.")
        return _page(
            request, builder, segment, values=values, name_error=name_error, is_refused=True
        )
    messages.success(request, "The segment was saved.")
    return HttpResponseRedirect(reverse("segments:detail", args=[segment.pk]))


def _asked(builder: Builder, form: QueryDict) -> dict[str, Any]:
    """What scripts ask for by themselves: without them, a button does."""
    if form.get("do") != "refresh":
        return {}
    other = Builder(builder.vocabulary, builder.draft, builder.text)
    return _counted(other) | _tried(other, form)


def _require_latest(segment: Segment | None, form: QueryDict) -> None:
    """Refuse to overwrite in silence what somebody else saved since the form was opened; the next time is on purpose."""
    opened = form.get("opened", "")
    if segment is not None and opened and opened != segment.updated_at.isoformat():
        message = f"Somebody else changed {segment.name} since you opened this. Saving once more overwrites that."
        raise ValidationError({"conflict": message})


def _digest(*documents: Any) -> str:
    """What is saved has to be what was shown, of the rules that were there then."""
    return hashlib.sha256(json.dumps(documents, sort_keys=True).encode()).hexdigest()


@require_POST
@role_required(EDIT)
def rule_part(request: Any, pk: int | None = None) -> HttpResponse:
    """The rule of the form after one of its buttons was pressed."""
    segment = segment_or_404(pk) if pk else None
    builder = _builder(request.POST, segment)
    context = {"builder": builder, "node": builder.nodes, "groups": GROUPS, "segment": segment}
    return render_part(request, "segments/build.html#rule", context)


@require_POST
@role_required(EDIT)
def rule_count(request: Any) -> HttpResponse:
    """The rule of the form as a sentence, how many contacts it means, and some of them."""
    builder = _builder(request.POST, None)
    return render_part(
        request, "segments/build.html#count", _counted(builder) | {"builder": builder}
    )


def _counted(builder: Builder) -> dict[str, Any]:
    world = World(timezone.now())
    context: dict[str, Any] = {}
    node = _read(builder, world)
    if node is not None:
        size = rule_size(node=node, world=world)
        found = contacts_of(node, world).defer("search_vector").order_by("-pk")
        context |= {
            "size": size,
            "sentence": sentence_of(node, world),
            "samples": some_of(found, SAMPLES) if size.count else [],
        }
    return context


@require_POST
@role_required(EDIT)
def rule_try(request: Any) -> HttpResponse:
    """The rule of the form tried on one contact: each condition with its truth and value."""
    builder = _builder(request.POST, None)
    context = _tried(builder, request.POST) | {"builder": builder}
    return render_part(request, "segments/build.html#tried", context)


def _tried(builder: Builder, form: QueryDict) -> dict[str, Any]:
    world, text = World(timezone.now()), form.get("try", "").replace("\0", "").strip()
    found, node = contacts_found(text), _read(builder, world)
    context: dict[str, Any] = {"tried": text, "is_unfinished": node is None}
    if len(found) > 1:
        return context | {"candidates": found}
    if node is not None and found:
        document = builder.document()
        tree = rule_explained(node=node, document=document, contact_id=found[0].pk, world=world)
        context |= {"contact": found[0], "tree": tree}
    return context


def _read(builder: Builder, world: World) -> Node | None:
    try:
        return rule_read(builder.document(), world=world)
    except ValidationError as error:
        builder.tell(error)
        return None
