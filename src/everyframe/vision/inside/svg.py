"""The picture of a network as SVG."""

from __future__ import annotations

from xml.sax.saxutils import escape

from everyframe.vision.inside.curves import bends
from everyframe.vision.inside.picture import ARROW, PAPER, Arrow, Color, Picture, Rect, Words, width_of


def to_svg(picture: Picture) -> str:
    """Return the text of an SVG file."""
    wide, high = round(picture.width), round(picture.height)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
        " font-family=\"Rubik, 'DejaVu Sans', Arial, sans-serif\">",
        f'<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 1 10 5 0 9z" fill="{_hex(ARROW)}"/></marker></defs>',
        f'<rect width="100%" height="100%" fill="{_hex(PAPER)}"/>',
        *(_part(part) for part in picture.parts),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _part(part: Rect | Words | Arrow) -> str:
    if isinstance(part, Rect):
        fill = _hex(part.fill) if part.fill else "none"
        dashes = ' stroke-dasharray="5 4"' if part.dashed else ""
        return (
            f'<rect x="{part.x:.1f}" y="{part.y:.1f}" width="{part.width:.1f}" height="{part.height:.1f}"'
            f' rx="8" fill="{fill}" stroke="{_hex(part.line)}" stroke-width="1.4"{dashes}/>'
        )
    if isinstance(part, Words):
        # As wide as it was laid out, whatever letters the reader has.
        wide = width_of(part.text, part.size, bold=part.bold)
        long = f' textLength="{wide:.0f}" lengthAdjust="spacingAndGlyphs"'
        weight = ' font-weight="600"' if part.bold else ""
        return (
            f'<text x="{part.x:.1f}" y="{part.y:.1f}" font-size="{part.size}" fill="{_hex(part.color)}"'
            f"{weight}{long if part.text else ''}>{escape(part.text)}</text>"
        )
    first = part.points[0]
    curves = ("C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in bend[1:]) for bend in bends(part.points))
    way = " ".join([f"M{first[0]:.1f} {first[1]:.1f}", *curves])
    return f'<path d="{way}" fill="none" stroke="{_hex(ARROW)}" stroke-width="1.6" marker-end="url(#tip)"/>'


def _hex(color: Color) -> str:
    return "#" + "".join(f"{value:02x}" for value in color)
