"""Plots as SVG: bars, a line over a logarithmic axis, a time line. They follow the reader's light or dark scheme."""

from xml.sax.saxutils import escape

WIDTH, LEFT, TOP, ROW = 760, 250, 56, 34
STYLE = """
  text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
  .head { font-weight: bold; font-size: 15px } .name { fill: #59636e } .bar { fill: #0969da } .line { stroke: #0969da; fill: none; stroke-width: 2 }
  .axis { stroke: #d1d9e0 } .dot { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .name { fill: #9198a1 } .bar, .dot { fill: #4493f8 } .line { stroke: #4493f8 } .axis { stroke: #3d444d }
  }
"""


def _page(title, height, parts):
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" role="img">',
                      f"<title>{escape(title)}</title>", f"<style>{STYLE}</style>",
                      f'<text class="head" x="16" y="28">{escape(title)}</text>', *parts, "</svg>\n"])


def _name(text, y):
    return f'<text class="name" x="{LEFT - 12}" y="{y}" text-anchor="end">{escape(text[:29])}</text>'


def bars(title, rows, unit):
    """ROWS: (name, value)."""
    most = max(value for _, value in rows) or 1
    parts = []
    for number, (name, value) in enumerate(rows):
        y = TOP + number * ROW
        wide = (WIDTH - LEFT - 140) * value / most
        parts += [_name(name, y + 17), f'<rect class="bar" x="{LEFT}" y="{y}" width="{wide:.1f}" height="22" rx="3"/>',
                  f'<text x="{LEFT + wide + 8:.1f}" y="{y + 17}">{value:g} {escape(unit)}</text>']
    return _page(title, TOP + len(rows) * ROW + 16, parts)


def growth(title, points, unit):
    """POINTS: (number, value), both shown on logarithmic axes as far as they go."""
    from math import log10
    low, high = log10(points[0][0]), log10(points[-1][0])
    bottom, top = (log10(min(value for _, value in points)), log10(max(value for _, value in points)))
    height, left, right = 300, 80, WIDTH - 120

    def place(number, value):
        x = left + (right - left) * (log10(number) - low) / ((high - low) or 1)
        y = height - 50 - (height - 50 - TOP - 20) * (log10(value) - bottom) / ((top - bottom) or 1)
        return x, y

    places = [place(*point) for point in points]
    parts = [f'<path class="axis" d="M {left - 20} {height - 30} H {right + 60}"/>',
             '<path class="line" d="M ' + " L ".join(f"{x:.1f} {y:.1f}" for x, y in places) + '"/>']
    for (number, value), (x, y) in zip(points, places):
        parts += [f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="4"/>', f'<text x="{x:.1f}" y="{y - 12:.1f}" text-anchor="middle">{value:.3g} {escape(unit)}</text>',
                  f'<text class="name" x="{x:.1f}" y="{height - 10}" text-anchor="middle">{number}</text>']
    return _page(title, height, parts)


def time_line(title, stages, end):
    """STAGES: (seconds from the beginning, what); each lasts until the next one; END: when the last one was over."""
    ends = [at for at, _ in stages[1:]] + [end]
    return spans(title, [(what, at, until) for (at, what), until in zip(stages, ends)])


def spans(title, rows):
    """ROWS: (what, from when, until when), in seconds; they may overlap."""
    parts = []
    scale = (WIDTH - LEFT - 100) / (max(until for _, _, until in rows) or 1)
    for number, (what, at, until) in enumerate(rows):
        y = TOP + number * ROW
        parts += [_name(what, y + 17), f'<rect class="bar" x="{LEFT + at * scale:.1f}" y="{y}" width="{max((until - at) * scale, 1.5):.1f}" height="22" rx="3"/>',
                  f'<text x="{LEFT + until * scale + 8:.1f}" y="{y + 17}">{until - at:.2f} s</text>']
    return _page(title, TOP + len(rows) * ROW + 16, parts)
