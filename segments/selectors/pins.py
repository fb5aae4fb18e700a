"""What people call the keys by which contacts are pinned to segments."""

from collections.abc import Collection

from segments.models import Segment


def pin_labels(keys: Collection[str]) -> dict[str, str]:
    """By hand in, or kept out of, each segment that keys of history speak of. One query, and none without such keys."""
    asked = [key for key in keys if key.startswith("segment:")]
    ids = {key: int(key.removeprefix("segment:")) for key in asked}
    names = dict(Segment.objects.filter(pk__in=ids.values()).values_list("pk", "name"))
    return {
        key: f"By hand in {names[pk]}" if pk in names else f"By hand in segment {pk} (deleted)"
        for key, pk in ids.items()
    }
