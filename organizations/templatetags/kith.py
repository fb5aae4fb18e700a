"""What templates need to show times, counts and small charts."""

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import dateformat, timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

register = template.Library()
# What the style sheet leaves of a folded text is as many lines.
FOLDED_LINES, FOLDED_CHARACTERS = 6, 600
_BREAKS = re.compile(r"([@.])(?=.)")


@register.filter
def when(moment: datetime | None) -> str | SafeString:
    """A time as people say it, with the exact one as tooltip."""
    if moment is None:
        return "—"
    local = timezone.localtime(moment)
    spoken = str(naturaltime(moment)).replace("\xa0", " ")
    said, _, finer = spoken.partition(",")
    said += "" if not finer else " from now" if spoken.endswith("from now") else " ago"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), _exact(local), said
    )


@register.filter
def clock(moment: datetime) -> SafeString:
    """The hour and minute of a time, below a heading that says the day, with the exact one as tooltip."""
    local = timezone.localtime(moment)
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.isoformat(),
        _exact(local),
        f"{local:%H:%M}",
    )


def _exact(local: datetime) -> str:
    return f"{dateformat.format(local, 'j F Y, H:i:s')} {local.tzname()}"


@register.filter
def is_long(text: str) -> bool:
    """Whether a text is folded until somebody wants all of it."""
    return len(text) > FOLDED_CHARACTERS or text.count("\n") >= FOLDED_LINES


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address that breaks behind its @ and dots, and not within a word."""
    return mark_safe(_BREAKS.sub(r"\1<wbr>", escape(address)))


@register.filter
def comma(number: int | None) -> str:
    return f"{number or 0:,}"


@register.filter
def percent_of(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


@register.filter
def spark_points(series: Sequence[tuple[Any, int]]) -> str:
    """The points of a polyline, 100 wide and 24 high, for a series of (day, number)."""
    numbers = [number for _, number in series]
    top = max(numbers, default=0) or 1
    step = 100 / max(len(numbers) - 1, 1)
    return " ".join(
        f"{i * step:.1f},{23 - 21 * number / top:.1f}" for i, number in enumerate(numbers)
    )


@register.inclusion_tag("contacts/_tag.html")
def tag_chip(tag: Any, remove: str = "", link: bool = True) -> dict[str, Any]:
    """A tag as a chip in its colour; with `remove`, an address to post to that takes it off."""
    return {"tag": tag, "remove": remove, "link": link}


@register.inclusion_tag("_sort_link.html")
def sort_link(head: Any) -> dict[str, Any]:
    """The head of a column as a link that sorts by it, or turns the order round."""
    return {"head": head}


@register.inclusion_tag("_field.html")
def form_field(field: Any) -> dict[str, Any]:
    """A form's field with its label, help and errors tied to it."""
    noted = []
    if field.help_text:
        noted.append(f"{field.id_for_label}_help")
    if field.errors:
        noted.append(f"{field.id_for_label}_error")
        field.field.widget.attrs["aria-invalid"] = "true"
    if noted:
        field.field.widget.attrs["aria-describedby"] = " ".join(noted)
    is_check = getattr(field.field.widget, "input_type", "") == "checkbox"
    return {"field": field, "is_check": is_check}


@register.filter
def took(duration: timedelta) -> str:
    """How long something took: `0.4 s`, `12 s`, `3 min`."""
    seconds = duration.total_seconds()
    if seconds < 0.05:
        return "an instant"
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


@register.filter
def as_json(document: Any) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)


GROUP_WORDS = {
    "all": "All of these hold",
    "any": "At least one of these holds",
    "none": "None of these holds",
    "not": "This does not hold",
}


@register.filter
def group_words(word: str) -> str:
    """What a group of a rule asks for."""
    return GROUP_WORDS.get(word, word)


# A moment as JSON has it.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$")


@register.filter
def looked_at(value: Any) -> str:
    """The value that a condition looked at, as people read it."""
    if value is None or value == []:
        return "no value"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(value, str) and MOMENT.match(value) and (moment := parse_datetime(value)):
        return dateformat.format(timezone.localtime(moment), "j F Y, H:i")
    return f"{value:g}" if isinstance(value, float) else str(value)
