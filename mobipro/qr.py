"""An address → its QR code as SVG (ISO/IEC 18004), black on white also in dark mode: cameras need the contrast."""

import qrcode
from django.utils.safestring import SafeString
from qrcode.constants import ERROR_CORRECT_M

from mobipro.svg import picture, tag

QUIET_ZONE = 4  # modules around the code, which the standard demands
MODULE = 10.0  # of the drawing; the page decides the size


def svg(address: str, label: str) -> SafeString:
    """The code as one image with a name."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(address)
    code.make(fit=True)
    rows = code.get_matrix()
    size = len(rows) * MODULE
    drawn = "".join(_row(row, y * MODULE) for y, row in enumerate(rows))
    ground = tag("rect", x=0, y=0, width=size, height=size, fill="#FFFFFF")
    path = tag("path", d=drawn, fill="#000000", shape_rendering="crispEdges")
    return picture(ground + path, width=size, height=size, label=label, name="qr-code")


def _row(row: list[bool], y: float) -> str:
    """One path piece for each run of dark modules."""
    parts, start = [], None
    for x, dark in enumerate([*row, False]):
        if dark and start is None:
            start = x
        elif not dark and start is not None:
            width = (x - start) * MODULE
            parts.append(f"M{start * MODULE:.0f} {y:.0f}h{width:.0f}v{MODULE:.0f}h-{width:.0f}z")
            start = None
    return "".join(parts)
