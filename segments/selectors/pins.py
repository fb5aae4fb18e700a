"""What people call the keys by which contacts are pinned to segments."""

from collections.abc import Collection

from segments.models import Segment

# What values of such keys mean, of a segment by rules and of one that is kept by hand.
PIN_WORDS = {True: "put in by hand", False: "kept out by hand", None: "not by hand"}


def pin_labels(keys: Collection[str]) -> dict[str, str]:
    """The names of the segments that keys of history speak of. One query, and none without such keys."""
    asked = [key for key in keys if key.startswith("segment:")]
    ids = {key: int(key.removeprefix("segment:")) for key in asked}
    names = dict(Segment.objects.filter(pk__in=ids.values()).values_list("pk", "name"))
    return {
        key: f"Segment {names[pk]}" if pk in names else f"Segment {pk} (deleted)"
        for key, pk in ids.items()
    }
