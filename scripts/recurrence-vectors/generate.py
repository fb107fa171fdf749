"""Writes the recurrence vectors; see README.md."""

import datetime as dt
import importlib.metadata
import itertools
import json
import pathlib
import random
import zoneinfo

import tzdata
from dateutil.relativedelta import relativedelta

from reference import UTC, WEEKDAYS, Rule, comes_twice, exists, transitions

OUT = pathlib.Path(__file__).parents[2] / "crates/domain/tests/vectors/recurrence.jsonl"
# Of a history that several zones share, the first in the alphabet is looked at more closely.
TRANSITIONS_OF_FIRST, TRANSITIONS_OF_OTHERS = 6, 2

chance = random.Random(5545)


def vector(group, rule, picks, total=None):
    """`picks` are numbers of slots; those that there are come with what they are."""
    wanted, slots = set(picks), []
    for n, local in enumerate(itertools.islice(rule.wall_times(), max(wanted) + 1)):
        if n in wanted:
            slots.append(rule.slot(n, local))
    found = {"group": group, "rule": rule.on_the_wire(), "rrule": rule.rrule(), "slots": slots}
    if total is not None:
        found["total"] = total
    return found


def every(kind, interval=1, **rest):
    return {"recurrence_type": kind, "recurrence_interval": interval, **rest}


def nth(number, weekday):
    return {"nth": number, "weekday": weekday}


# --- the calendar: every kind of pattern, ends, and slots far away


def calendar_patterns():
    for interval in (1, 2, 3, 10, 365, 999):
        yield every("daily", interval)
    for interval in (1, 2, 4, 53, 999):
        yield every("weekly", interval)
        yield every("weekly", interval, weekdays=["monday", "friday"])
        yield every("weekly", interval, weekdays=["tuesday", "saturday", "sunday"])
    yield every("weekly", 1, weekdays=WEEKDAYS)
    for interval in (1, 2, 3, 5, 7, 12, 18):
        yield every("monthly", interval)
        for day in (1, 15, 28, 29, 30, 31, -1):
            yield every("monthly", interval, month_day=day)
        for number in (1, 2, 4, 5, -1):
            yield every("monthly", interval, nth_weekday=nth(number, chance.choice(WEEKDAYS)))
    for interval in (1, 2, 4, 7):
        yield every("yearly", interval)
        for month, day in ((1, 1), (2, 28), (2, 29), (2, 30), (2, -1), (4, 31), (12, 31)):
            yield every("yearly", interval, month=month, month_day=day)
        for month in (2, 3, 11):
            for number in (1, 5, -1):
                yield every("yearly", interval, month=month, nth_weekday=nth(number, chance.choice(WEEKDAYS)))


def calendar_vectors():
    zones = itertools.cycle(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
    starts = itertools.cycle(
        [
            dt.datetime(2025, 1, 1, 9, 0),
            dt.datetime(2024, 2, 29, 23, 59, 59),
            dt.datetime(1970, 1, 31, 0, 0),
            dt.date(2023, 12, 31),
            dt.datetime(1999, 8, 30, 17, 45),
            dt.datetime(2026, 3, 15, 12, 30),
            dt.date(2028, 2, 29),
        ]
    )
    for pattern in calendar_patterns():
        rule = Rule(pattern, next(zones), next(starts))
        locals_ = list(itertools.islice(rule.wall_times(), 400))
        locals_ = [local for local in locals_ if local.year < 2300]
        if not locals_:
            continue  # a fifth weekday in a February, every seventh year: the same weekday for centuries
        far = [chance.randrange(len(locals_)) for _ in range(4)]
        yield vector("calendar", rule, [*range(8), *far])
        last = locals_[min(chance.randrange(3, 9), len(locals_) - 1)]
        if chance.random() < 0.5:
            rule.count = locals_.index(last) + 1
        else:
            # On the last slot, or on a day without one behind it.
            rule.end_date = last.date() + dt.timedelta(days=chance.choice([0, 0, 0, 1]))
        total = sum(1 for _ in rule.wall_times())
        yield vector("ends", rule, [0, total - 2, total - 1] if total > 1 else [0], total)


def far_vectors():
    """From 1970 into the years after 2100, where dateutil walks and we do not."""
    patterns = [
        every("daily"),
        every("daily", 3),
        every("weekly", 1, weekdays=["monday", "wednesday", "sunday"]),
        every("weekly", 3, weekdays=["saturday"]),
        every("monthly", 1, month_day=31),
        every("monthly", 1, nth_weekday=nth(5, "friday")),
        every("monthly", 5, nth_weekday=nth(5, "tuesday")),
        every("yearly", 1, month=2, month_day=29),
        every("yearly", 1, month=2, nth_weekday=nth(5, "monday")),
    ]
    for pattern in patterns:
        for zone in ("UTC", "Europe/Berlin", "America/Santiago"):
            rule = Rule(pattern, zone, dt.datetime(1970, 1, 2, 2, 30))
            numbers = sum(1 for _ in itertools.takewhile(lambda at: at.year < 2200, rule.wall_times()))
            yield vector("far", rule, [0, *(chance.randrange(numbers) for _ in range(12)), numbers - 1])


# --- clock changes: rules with a slot right in a gap or an overlap


def patterns_that_meet(local):
    """Patterns and starts with a slot on `local`, its date being that of a clock change."""
    day, weekday = local.day, WEEKDAYS[local.weekday()]
    last_of_month = (local + dt.timedelta(days=1)).month != local.month
    turns = chance.randrange(1, 30)

    def weeks_before(interval):
        monday = local - dt.timedelta(days=local.weekday(), weeks=interval * turns)
        return monday + dt.timedelta(days=chance.randrange(7))

    def months_before(interval):
        return (local - relativedelta(months=interval * turns)).replace(day=chance.randrange(1, 29))

    interval = chance.choice([1, 1, 2, 3, 10])
    yield every("daily", interval), local - dt.timedelta(days=interval * turns)
    interval = chance.choice([1, 2, 5])
    yield every("weekly", interval), local - dt.timedelta(weeks=interval * turns)
    weekdays = sorted({weekday, *chance.sample(WEEKDAYS, 2)}, key=WEEKDAYS.index)
    interval = chance.choice([1, 2, 3])
    yield every("weekly", interval, weekdays=weekdays), weeks_before(interval)
    interval = chance.choice([1, 2, 6])
    yield every("monthly", interval, month_day=day), months_before(interval)
    yield every("monthly", interval, nth_weekday=nth((day + 6) // 7, weekday)), months_before(interval)
    before = local - relativedelta(months=interval * turns)
    if before.day == day:
        yield every("monthly", interval), before
    if last_of_month:
        yield every("monthly", interval, month_day=chance.choice([-1, 31])), months_before(interval)
    if (local + dt.timedelta(days=7)).month != local.month:
        yield every("monthly", interval, nth_weekday=nth(-1, weekday)), months_before(interval)
    turns = chance.randrange(1, 9)
    interval = chance.choice([1, 2])
    before = local - relativedelta(years=interval * turns)
    if before.day == day:
        yield every("yearly", interval), before
    yield every("yearly", interval, month=local.month, month_day=day), before.replace(month=1, day=5)
    nth_weekday = nth((day + 6) // 7, weekday)
    yield every("yearly", interval, month=local.month, nth_weekday=nth_weekday), before.replace(month=1, day=5)


def wall_time_between(low, high):
    """At the edges of what is skipped or repeated, or inside of it."""
    low, high = low.replace(tzinfo=None), high.replace(tzinfo=None)
    inside = low + (high - low) * chance.random()
    last = high - dt.timedelta(seconds=1)
    return chance.choice([low, inside.replace(second=0, microsecond=0), inside.replace(microsecond=0), last])


def transition_vectors(name, most):
    zone = zoneinfo.ZoneInfo(name)
    found = transitions(zone)
    gaps = [change for change in found if change[2] > change[1]]
    overlaps = [change for change in found if change[2] < change[1]]
    chosen = chance.sample(gaps, min(len(gaps), most // 2)) + chance.sample(overlaps, min(len(overlaps), most // 2))
    # A day that is skipped whole is looked at always.
    chosen += [change for change in gaps if change[2] - change[1] >= dt.timedelta(hours=23) and change not in chosen]
    for at, before, after in sorted(chosen):
        low, high = sorted([at + before, at + after])
        local = wall_time_between(low, high)
        group = "gap" if after > before else "overlap"
        yield from transition_vector(group, name, zone, local)
        if group == "overlap" and chance.random() < 0.3 and comes_twice(local, zone):
            pattern, _ = chance.choice(list(patterns_that_meet(local)))
            anchor = Rule(every(pattern["recurrence_type"], pattern["recurrence_interval"]), name, local, fold=1)
            yield vector("anchor in overlap", anchor, range(3))
        midnight = any(moment.time() == dt.time() for moment in (low, high)) or high - low > dt.timedelta(hours=20)
        if midnight or chance.random() < 0.1:
            interval = chance.choice([1, 1, 2])
            whole = Rule(every("daily", interval), name, local.date() - dt.timedelta(days=interval * 3))
            if whole.start.year >= 1970:
                yield vector("whole days", whole, range(2, 6))


def transition_vector(group, name, zone, local):
    choices = list(patterns_that_meet(local))
    chance.shuffle(choices)
    for pattern, start in choices:
        if start.year < 1970 or not exists(start, zone) or comes_twice(start, zone):
            continue
        rule = Rule(pattern, name, start)
        met = next(n for n, at in enumerate(rule.wall_times()) if at == local)
        total = None
        if chance.random() < 0.25:
            total = met + 1
            if chance.random() < 0.5:
                rule.count = total
            else:
                rule.end_date = local.date()
        yield vector(group, rule, [0, *range(max(0, met - 1), met + 3)], total)
        return


def zone_vectors():
    seen = set()
    for name in sorted(zoneinfo.available_timezones()):
        found = tuple(transitions(zoneinfo.ZoneInfo(name)))
        most = TRANSITIONS_OF_OTHERS if found in seen else TRANSITIONS_OF_FIRST
        seen.add(found)
        if found:
            yield from transition_vectors(name, most)
        else:
            yield vector("no clock change", Rule(every("daily", 5), name, dt.datetime(2026, 1, 31, 8, 15)), range(3))


# --- rules that count from completion


def completion_vectors():
    zones = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Beirut", "Australia/Lord_Howe", "America/Nuuk"]
    for kind, zone in itertools.product(("daily", "weekly", "monthly", "yearly"), zones):
        start = chance.choice([dt.datetime(2026, 1, 31, 2, 15), dt.datetime(2024, 2, 29, 0, 30), dt.date(2026, 5, 5)])
        rule = Rule(every(kind, chance.choice([1, 2, 3])), zone, start)
        completed = [
            dt.datetime(2026, 1, 1, tzinfo=UTC) + dt.timedelta(seconds=chance.randrange(4 * 366 * 86400))
            for _ in range(10)
        ]
        # The days before clock changes and the ends of months, at all hours.
        completed += [dt.datetime(2026, 3, 27 + day, chance.randrange(24), 59, 59, tzinfo=UTC) for day in range(4)]
        completed += [dt.datetime(2026, 10, 24, 7, tzinfo=UTC), dt.datetime(2027, 1, 31, 11, tzinfo=UTC)]
        found = {"group": "completion", "rule": rule.on_the_wire(), "slots": []}
        found["rule"]["basis"] = "completion"
        found["completions"] = [rule.after_completion(at) for at in completed]
        yield found


def main():
    versions = {"tzdata": tzdata.IANA_VERSION, "dateutil": importlib.metadata.version("python-dateutil")}
    lines = [versions]
    for part in (calendar_vectors(), far_vectors(), zone_vectors(), completion_vectors()):
        lines.extend(part)
    with OUT.open("w") as file:
        for line in lines:
            file.write(json.dumps(line, separators=(",", ":")) + "\n")
    print(f"{len(lines) - 1} vectors, {OUT.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
