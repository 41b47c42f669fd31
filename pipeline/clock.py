"""Moments and dates as people read them, in no locale but this one."""

from __future__ import annotations

import datetime

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def clock(seconds: float) -> str:
    """ "12:34" or "1:02:33": the second that has begun."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def webvtt_time(seconds: float) -> str:
    """hh:mm:ss.mmm, to the nearest millisecond."""
    minutes, milliseconds = divmod(round(seconds * 1000), 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{milliseconds // 1000:02}.{milliseconds % 1000:03}"


def day(date: str) -> str | None:
    """ "9 November 2023" of an ISO 8601 date or date and time, None of anything else."""
    try:
        found = datetime.date.fromisoformat(date[:10])
    except ValueError:
        return None
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"
