"""Two machines side by side as an SVG: what `make demo` has seen of a template and its clone. So narrow that it can be read on a
phone: a long identifier is told apart by its beginning."""

from xml.sax.saxutils import escape

LINE, TOP, GAP, PAD, LETTER, LONGEST = 24, 82, 8, 10, 7.83, 17
NAMES, COLUMN = 132, round(LONGEST * LETTER) + 2 * PAD
WIDTH = NAMES + 2 * COLUMN + 2 * GAP
STYLE = """
  text { font: 13px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #1f2328 }
  .name { fill: #59636e } .head { font-weight: bold } .old { fill: #9a3412 } .new { fill: #116329 }
  .box { fill: #f6f8fa; stroke: #d1d9e0 } .arrow { stroke: #59636e; fill: none } .tip { fill: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .name { fill: #9198a1 } .old { fill: #ffa657 } .new { fill: #7ee787 }
    .box { fill: #151b23; stroke: #3d444d } .arrow { stroke: #9198a1 } .tip { fill: #9198a1 }
  }
"""


def shortened(text, longest=LONGEST):
    return text if len(text) <= longest else text[:longest - 1] + "…"


def box(left, height, title, lines):
    found = [f'<rect class="box" x="{left}" y="{TOP - 40}" width="{COLUMN}" height="{height}" rx="8"/>',
             f'<text class="head" x="{left + PAD}" y="{TOP - 18}">{escape(title)}</text>']
    for number, (text, style) in enumerate(lines):
        found.append(f'<text class="{style}" x="{left + PAD}" y="{TOP + 8 + number * LINE}">{escape(shortened(text))}</text>')
    return found


def picture(heads, rows):
    """ROWS: (name, on the template, on the clone)."""
    height = len(rows) * LINE + 48
    left, right = NAMES, NAMES + COLUMN + GAP
    from_x, to_x = left + COLUMN / 2, right + COLUMN / 2
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height + TOP - 34}" '
             f'viewBox="0 0 {WIDTH} {height + TOP - 34}" role="img">',
             f"<title>{escape(heads[1])} and {escape(heads[2])}: every identifier differs</title>", f"<style>{STYLE}</style>",
             f'<path class="arrow" d="M {from_x} {TOP - 44} C {from_x} 18, {to_x} 18, {to_x} {TOP - 48}"/>',
             f'<path class="tip" d="M {to_x - 5} {TOP - 50} l 10 0 l -5 9 z"/>',
             f'<text class="name" x="{(from_x + to_x) / 2}" y="14" text-anchor="middle">virt-clone, boot</text>']
    for number, (name, _, _) in enumerate(rows):
        parts.append(f'<text class="name" x="0" y="{TOP + 8 + number * LINE}">{escape(shortened(name, 16))}</text>')
    parts += box(left, height, heads[1], [(old, "old") for _, old, _ in rows])
    parts += box(right, height, heads[2], [(new, "new" if new != old else "") for _, old, new in rows])
    return "\n".join([*parts, "</svg>\n"])
