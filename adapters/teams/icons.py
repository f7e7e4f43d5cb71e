"""Entente's two icons for Teams' package, drawn here: two rings that overlap.

Source: https://learn.microsoft.com/microsoftteams/platform/concepts/build-and-test/apps-package
"""

import struct
import zlib
from math import hypot

COLOUR_SIZE, OUTLINE_SIZE = 192, 32
ACCENT = (0x1F, 0x3A, 0x5F)
LIGHT = (0xFF, 0xFF, 0xFF)
GOLD = (0xF2, 0xC1, 0x4E)

Pixel = tuple[int, int, int, int]


def draw_colour() -> bytes:
    """192 pixels square, in colour, as PNG."""
    return _to_png([[_colour_at(x, y) for x in range(192)] for y in range(192)])


def draw_outline() -> bytes:
    """32 pixels square, white on nothing, as PNG."""
    return _to_png([[_outline_at(x, y) for x in range(32)] for y in range(32)])


def _ring(x: float, y: float, centre: float, size: float) -> float:
    """How much of a pixel a ring covers, between 0 and 1."""
    radius, width = size * 0.22, size * 0.07
    away = abs(hypot(x - centre * size, y - size / 2) - radius)
    return min(max(width / 2 - away + 0.5, 0.0), 1.0)


def _colour_at(x: int, y: int) -> Pixel:
    left, right = (_ring(x + 0.5, y + 0.5, at, COLOUR_SIZE) for at in (0.38, 0.62))
    shown = tuple(
        round(base * (1 - left) + light * left) for base, light in zip(ACCENT, LIGHT, strict=True)
    )
    red, green, blue = (
        round(base * (1 - right) + gold * right) for base, gold in zip(shown, GOLD, strict=True)
    )
    return red, green, blue, 255


def _outline_at(x: int, y: int) -> Pixel:
    covered = max(_ring(x + 0.5, y + 0.5, at, OUTLINE_SIZE) for at in (0.36, 0.64))
    return 255, 255, 255, round(255 * covered)


def _to_png(rows: list[list[Pixel]]) -> bytes:
    raw = b"".join(b"\0" + bytes(value for pixel in row for value in pixel) for row in rows)
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 6, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
