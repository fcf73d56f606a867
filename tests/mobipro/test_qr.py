"""The QR code: its modules are those of the standard's encoder, with a quiet zone, in two fixed colours."""

import re

import qrcode

from mobipro import qr

ADDRESS = "https://vernetzung.example.org/treffen/feedback/123.1.kJabcdefghijklmnopqrst/"


def modules_of(drawing, size):
    """The dark modules of the drawing's path, as a matrix."""
    grid = [[False] * size for _ in range(size)]
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v10h-\d+z", drawing):
        for step in range(int(width) // 10):
            grid[int(y) // 10][int(x) // 10 + step] = True
    return grid


def test_drawing_has_the_modules_of_the_code():
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=qr.QUIET_ZONE)
    code.add_data(ADDRESS)
    code.make(fit=True)
    expected = code.get_matrix()
    assert modules_of(qr.svg(ADDRESS, "Code"), len(expected)) == expected


def test_it_is_one_image_with_a_name_and_a_white_quiet_zone():
    drawing = qr.svg(ADDRESS, "Rückmeldung & mehr")
    assert 'role="img"' in drawing
    assert "<title>Rückmeldung &amp; mehr</title>" in drawing
    assert 'fill="#FFFFFF"' in drawing
    size = int(re.search(r'viewBox="0 0 (\d+)', drawing)[1]) // 10
    grid = modules_of(drawing, size)
    assert not any(any(row) for row in [*grid[:4], *grid[-4:]])
    assert "style=" not in drawing
