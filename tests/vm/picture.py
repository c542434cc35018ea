"""Two machines side by side as an SVG: what `make demo` has seen of a template and its clone."""

from xml.sax.saxutils import escape

WIDTH, LINE, TOP, LEFT, NAMES, COLUMN = 920, 24, 96, 24, 150, 360
STYLE = """
  text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
  .name { fill: #59636e } .head { font-weight: bold; font-size: 15px } .old { fill: #9a3412 } .new { fill: #116329 }
  .box { fill: #f6f8fa; stroke: #d1d9e0 } .arrow { stroke: #59636e; fill: none } .tip { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .name { fill: #9198a1 } .old { fill: #ffa657 } .new { fill: #7ee787 }
    .box { fill: #151b23; stroke: #3d444d } .arrow { stroke: #9198a1 } .tip { fill: #9198a1 }
  }
"""


def shortened(text, longest=42):
    return text if len(text) <= longest else text[:longest - 1] + "…"


def box(left, height, title, lines):
    found = [f'<rect class="box" x="{left}" y="{TOP - 44}" width="{COLUMN}" height="{height}" rx="8"/>',
             f'<text class="head" x="{left + 14}" y="{TOP - 18}">{escape(title)}</text>']
    for number, (text, style) in enumerate(lines):
        found.append(f'<text class="{style}" x="{left + 14}" y="{TOP + 12 + number * LINE}">{escape(shortened(text))}</text>')
    return found


def picture(heads, rows):
    """ROWS: (name, on the template, on the clone)."""
    height = len(rows) * LINE + 64
    left, right = LEFT + NAMES, LEFT + NAMES + COLUMN + 24
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + TOP - 20}" '
             f'viewBox="0 0 {WIDTH} {height + TOP - 20}" role="img">',
             f"<title>{escape(heads[1])} and {escape(heads[2])}: every identifier differs</title>", f"<style>{STYLE}</style>",
             f'<path class="arrow" d="M {left + COLUMN / 2} {TOP - 52} C {left + COLUMN / 2} 12, {right + COLUMN / 2} 12, '
             f'{right + COLUMN / 2} {TOP - 54}"/>',
             f'<path class="tip" d="M {right + COLUMN / 2 - 5} {TOP - 56} l 10 0 l -5 10 z"/>',
             f'<text class="name" x="{(left + right + COLUMN) / 2}" y="18" text-anchor="middle">virt-clone, first boot</text>']
    for number, (name, _, _) in enumerate(rows):
        parts.append(f'<text class="name" x="{LEFT}" y="{TOP + 12 + number * LINE}">{escape(shortened(name, 19))}</text>')
    parts += box(left, height, heads[1], [(old, "old") for _, old, _ in rows])
    parts += box(right, height, heads[2], [(new, "new" if new != old else "") for _, old, new in rows])
    return "\n".join([*parts, "</svg>\n"])
