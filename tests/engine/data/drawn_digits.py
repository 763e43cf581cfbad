"""Digits drawn with a pen, each a little different: what a user's drawing looks like."""

import numpy as np
from PIL import Image, ImageDraw

FINE = 3  # drawn so many times larger, then averaged: smooth edges


def arc(x, y, radius_x, radius_y, start, end):
    """Points of an arc in a unit square; degrees, clockwise from the right."""
    angle = np.radians(np.linspace(start, end, 40))
    return np.stack([x + radius_x * np.cos(angle), y + radius_y * np.sin(angle)], axis=1)


def line(*points):
    return np.array(points, float)


def joined(*strokes):
    return np.concatenate(strokes)


# digit -> ways of writing it -> strokes in a unit square, y down
WAYS = {
    0: [[arc(0.5, 0.5, 0.32, 0.48, 0, 365)], [arc(0.5, 0.5, 0.4, 0.48, -100, 270)]],
    1: [
        [line((0.3, 0.25), (0.55, 0.02), (0.55, 0.98))],
        [line((0.5, 0.02), (0.5, 0.98))],
        [line((0.32, 0.22), (0.55, 0.02), (0.55, 0.98)), line((0.3, 0.98), (0.8, 0.98))],
    ],
    2: [
        [joined(arc(0.5, 0.28, 0.33, 0.27, 190, 390), line((0.2, 0.97), (0.85, 0.97)))],
        [joined(arc(0.5, 0.3, 0.3, 0.28, 200, 400), line((0.18, 0.95), (0.85, 0.95)))],
    ],
    3: [[joined(arc(0.47, 0.26, 0.3, 0.25, 200, 450), arc(0.47, 0.74, 0.33, 0.25, -90, 160))]],
    4: [
        [line((0.35, 0.03), (0.15, 0.6), (0.85, 0.6)), line((0.65, 0.3), (0.6, 0.98))],
        [line((0.65, 0.98), (0.65, 0.02), (0.15, 0.65), (0.88, 0.65))],
    ],
    5: [
        [
            joined(
                line((0.8, 0.03), (0.25, 0.03), (0.22, 0.45)),
                arc(0.48, 0.68, 0.33, 0.28, -130, 150),
            )
        ]
    ],
    6: [
        [joined(line((0.68, 0.03), (0.35, 0.35)), arc(0.5, 0.7, 0.3, 0.27, 200, -160))],
        [joined(arc(0.6, 0.5, 0.4, 0.48, 250, 180), arc(0.5, 0.72, 0.3, 0.25, 180, -180))],
    ],
    7: [
        [line((0.15, 0.04), (0.85, 0.04), (0.4, 0.98))],
        [line((0.15, 0.04), (0.85, 0.04), (0.4, 0.98)), line((0.3, 0.5), (0.75, 0.5))],
    ],
    8: [[joined(arc(0.5, 0.26, 0.26, 0.24, 90, -270), arc(0.5, 0.74, 0.32, 0.25, -90, 270))]],
    9: [
        [joined(arc(0.5, 0.3, 0.3, 0.27, 0, 360), line((0.8, 0.3), (0.7, 0.98)))],
        [
            joined(
                arc(0.5, 0.3, 0.3, 0.27, 0, 360),
                line((0.8, 0.3), (0.78, 0.75)),
                arc(0.5, 0.75, 0.28, 0.22, 10, 120),
            )
        ],
    ],
}


def drawn(digit, random, *, pen=20, side=280, ink=0, paper=255):
    """Return a picture of the digit: slanted, shifted and sized a little at random."""
    ways = WAYS[digit]
    height = random.uniform(0.5, 0.85) * side
    width = height * random.uniform(0.6, 0.9)
    turn, slant = random.normal(0, 0.07), random.normal(-0.1, 0.12)
    centre = side / 2 + random.normal(0, 0.06 * side, 2)
    picture = Image.new("L", (side * FINE, side * FINE), paper)
    pencil = ImageDraw.Draw(picture)
    for stroke in ways[random.integers(len(ways))]:
        x = (stroke[:, 0] - 0.5) * width + slant * (stroke[:, 1] - 0.5) * height
        y = (stroke[:, 1] - 0.5) * height
        points = centre + np.stack(
            [x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)], axis=1
        )
        corners = [(float(a), float(b)) for a, b in points * FINE]
        pencil.line(corners, fill=ink, width=pen * FINE, joint="curve")
        for a, b in corners:
            half = pen * FINE / 2
            pencil.ellipse((a - half, b - half, a + half, b + half), fill=ink)
    return picture.resize((side, side), Image.Resampling.BOX)
