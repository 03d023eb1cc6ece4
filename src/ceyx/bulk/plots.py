"""Plots as SVG, to stand in a page: columns over time, a line that rises, a histogram, bars. Colours are the page's, by class.

What a value is shows where a pointer rests on it, which needs no script.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from math import floor, log10
from typing import NamedTuple

WIDTH, HEIGHT = 460, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 14, 28
_ACROSS, _DOWN = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
_TIMES = (0.25, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800)


class Series(NamedTuple):
    """Values of one kind, one for each stretch."""

    name: str
    look: str
    """The class that colours it."""
    values: Sequence[float]


class Axis:
    """From values to places, upwards."""

    def __init__(self, most: float, shown: Callable[[float], str]) -> None:
        self.ticks = nice(most)
        self.most = max(self.ticks[-1], most)
        self.shown = shown

    def __call__(self, value: float) -> float:
        return TOP + _DOWN * (1 - value / self.most)

    def drawn(self) -> Iterator[str]:
        for tick in self.ticks:
            y = round(self(tick), 1)
            yield f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}"/>'
            yield f'<text class="tick" x="{LEFT - 6}" y="{y + 4}" text-anchor="end">{escape(self.shown(tick))}</text>'


def columns(
    label: str,
    series: Sequence[Series],
    stretch: float,
    shown: Callable[[float], str],
    pauses: Sequence[tuple[float, float]] = (),
) -> str:
    """Series on top of each other over time; `stretch` is the seconds that a value stands for."""
    count = len(series[0].values)
    sums = [sum(each.values[n] for each in series) for n in range(count)]
    axis = Axis(max(sums), shown)
    wide = _ACROSS / count
    parts = [*axis.drawn(), *_time_axis(stretch * count), *_pauses(pauses, stretch * count)]
    below = [0.0] * count
    for each in series:
        if any(each.values):
            path = []
            for n, value in enumerate(each.values):
                if value:
                    top, bottom = axis(below[n] + value), axis(below[n])
                    path.append(f"M{_at(n, wide)} {bottom:.1f}V{top:.1f}h{wide:.2f}V{bottom:.1f}z")
                below[n] += value
            parts.append(f'<path class="{each.look}" d="{"".join(path)}"/>')
    for n in range(count):
        said = ", ".join(f"{each.name} {shown(each.values[n])}" for each in series)
        parts.append(_spot(n, wide, f"at {time_of(n * stretch)}: {said}"))
    return _svg(label, parts)


def rising(
    label: str, one: Series, stretch: float, shown: Callable[[float], str], pauses: Sequence[tuple[float, float]] = ()
) -> str:
    """A line over time, and the area below it."""
    count = len(one.values)
    axis, wide = Axis(max(one.values), shown), _ACROSS / count
    points = [f"{LEFT} {axis(0):.1f}", *(f"{LEFT + (n + 1) * wide:.1f} {axis(value):.1f}" for n, value in enumerate(one.values))]
    line = "L".join(points)
    parts = [*axis.drawn(), *_time_axis(stretch * count), *_pauses(pauses, stretch * count)]
    parts += [f'<path class="{one.look} faint" d="M{line}V{axis(0):.1f}z"/>', f'<path class="line {one.look}" d="M{line}"/>']
    parts += [_spot(n, wide, f"until {time_of((n + 1) * stretch)}: {shown(value)}") for n, value in enumerate(one.values)]
    return _svg(label, parts)


def histogram(label: str, values: Sequence[float], marks: Iterable[tuple[str, float]], look: str, count: int = 40) -> str:
    """How many values there are of each size, and marks. `values` are in order; what is far beyond counts as the last."""
    ninety_nine = values[int(0.99 * (len(values) - 1))]
    end = nice(max(ninety_nine * 1.15, 0.001))[-1]
    end = max(end, ninety_nine * 1.02)
    found = [0] * count
    for value in values:
        found[min(int(value / end * count), count - 1)] += 1
    axis, wide = Axis(max(found), short), _ACROSS / count
    parts = list(axis.drawn())
    for tick in nice(end, 5):
        x = LEFT + tick / end * _ACROSS
        parts.append(f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 9}" text-anchor="middle">{plain(tick)} s</text>')
    path = "".join(
        f"M{_at(n, wide)} {axis(0):.1f}V{axis(value):.1f}h{wide - 1:.2f}V{axis(0):.1f}z" for n, value in enumerate(found) if value
    )
    parts.append(f'<path class="{look}" d="{path}"/>')
    for n, (name, value) in enumerate(marks):
        x = round(LEFT + min(value / end, 1) * _ACROSS, 1)
        anchor, beside = ("end", x - 4) if x > WIDTH - RIGHT - 70 else ("start", x + 4)
        parts.append(f'<line class="mark" x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>')
        said = f"{escape(name)} {plain(value)} s"
        parts.append(f'<text class="mark" x="{beside}" y="{TOP + 10 + 15 * n}" text-anchor="{anchor}">{said}</text>')
    for n, value in enumerate(found):
        beyond = " and beyond" if n == count - 1 else ""
        parts.append(_spot(n, wide, f"{plain(n * end / count)} to {plain((n + 1) * end / count)} s{beyond}: {value:,} answers"))
    return _svg(label, parts)


def bars(label: str, counted: Sequence[tuple[str, int]], look: str) -> str:
    """A bar for each of these, in their order."""
    most, each = max(count for _, count in counted), 38
    parts = []
    for n, (name, count) in enumerate(counted):
        y = n * each
        wide = max(_ACROSS * count / most, 2)
        parts.append(f'<text class="name" x="0" y="{y + 13}">{escape(name if len(name) <= 60 else name[:59] + "…")}</text>')
        parts.append(f'<rect class="{look}" x="0" y="{y + 18}" width="{wide:.1f}" height="10" rx="2"/>')
        parts.append(f'<text class="tick" x="{wide + 6:.1f}" y="{y + 27}">{count:,}</text>')
    return _svg(label, parts, len(counted) * each)


# ---- parts


def _svg(label: str, parts: Iterable[str], height: int = HEIGHT) -> str:
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'


def _at(n: int, wide: float) -> str:
    return f"{LEFT + n * wide:.2f}"


def _spot(n: int, wide: float, said: str) -> str:
    """A place where a pointer may rest."""
    where = f'x="{_at(n, wide)}" y="{TOP}" width="{wide:.2f}" height="{_DOWN}"'
    return f'<rect class="spot" {where}><title>{escape(said)}</title></rect>'


def _time_axis(seconds: float) -> Iterator[str]:
    step = next((each for each in _TIMES if seconds / each <= 6), seconds / 5)
    for n in range(int(seconds / step + 0.001) + 1):
        x = LEFT + n * step / seconds * _ACROSS
        anchor = "end" if x > WIDTH - RIGHT - 16 else "middle"
        yield f'<text class="tick" x="{x:.1f}" y="{HEIGHT - 9}" text-anchor="{anchor}">{time_of(n * step)}</text>'


def _pauses(pauses: Sequence[tuple[float, float]], seconds: float) -> Iterator[str]:
    for at, long in pauses:
        x = round(LEFT + at / seconds * _ACROSS, 1)
        where = f'x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"'
        yield f'<line class="pause" {where}><title>paused for {time_of(long)}</title></line>'


# ---- numbers


def nice(most: float, about: int = 4) -> list[float]:
    """Round numbers from 0 on, some `about` of them, the last of which is not far below `most`."""
    if most < 1e-12:
        return [0.0, 1.0]
    rough = most / about
    size = 10.0 ** floor(log10(rough))
    step = next(size * each for each in (1, 2, 2.5, 5, 10) if size * each >= rough * 0.9999)
    return [round(n * step, 12) for n in range(int(most / step + 1e-9) + 1)]


def short(value: float) -> str:
    """1.5M for 1500000."""
    for size, name in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{name}"
    return f"{value:.3g}"


def plain(value: float) -> str:
    """To three digits, and never in powers of ten."""
    return f"{value:,.0f}" if value >= 100 else f"{float(f'{value:.3g}'):.9f}".rstrip("0").rstrip(".")


def time_of(seconds: float) -> str:
    """How long something took: 1.5 s, 12 min, 2 h 30 min, 3 d."""
    if seconds < 100 and seconds != 60:
        return f"{plain(round(seconds, 2))} s"
    minutes = round(seconds / 60)
    if minutes < 100:
        return f"{minutes} min" if abs(seconds - 60 * minutes) < 1 else f"{int(seconds // 60)} min {int(seconds % 60)} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h" if hours else f"{days} d"
