"""How far a run is, in words."""

from __future__ import annotations

from cleaner.run.watch import Standing


def parts_of(event: Standing, size: int | None, speed: float) -> list[str]:
    """Percent, MB, MB a second, time left, documents, rejected: in words, "" for what is not known."""
    read = event.read / 1e6
    left = clock_time((size - event.read) / speed) + " left" if size and speed > 0 else ""
    return [
        f"{event.read / size:4.0%}".strip() if size else "",
        f"{read:,.1f} of {size / 1e6:,.1f} MB" if size else f"{read:,.1f} MB",
        f"{speed / 1e6:,.1f} MB/s" if speed >= 1e6 else f"{speed / 1e3:,.0f} kB/s" if speed >= 500 else "",
        left,
        f"{event.documents:,} document" + ("" if event.documents == 1 else "s"),
        f"{event.rejected:,} rejected",
    ]


def clock_time(seconds: float) -> str:
    """Hours, minutes and seconds.

    >>> clock_time(75), clock_time(3 * 3600 + 62), clock_time(1e9)
    ('1:15', '3:01:02', 'days')
    """
    if seconds >= 100 * 3600:
        return "days"
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
