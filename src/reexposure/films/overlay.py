"""What is drawn on every frame: the untouched input at the lower left, an EV scale at the lower right."""

from __future__ import annotations

from PIL import Image, ImageDraw, ImageFont, ImageOps

from reexposure import fonts
from reexposure.fonts import ev_text, signed

FINE = 4
"""Shapes are drawn this much larger and reduced, since Pillow draws hard edges."""

PANEL, LINE, METER = (12, 14, 18, 150), (255, 255, 255, 235), (255, 184, 77, 255)


class Overlay:
    """Draws the inset and the scale from ``low`` to ``high`` stops on frames of ``size_px`` (w, h)."""

    def __init__(self, inset: Image.Image, low: float, high: float) -> None:
        width, height = self.size_px = inset.size
        self.low, self.high = min(low, high, 0.0), max(low, high, 0.0)
        self.em = max(11.0, 0.022 * (width * height) ** 0.5)
        self.margin = round(min(1.2 * self.em, 0.06 * min(width, height)))
        self._place_inset(inset)
        free = width - self.inset_box[2] - 2 * self.margin
        self.wide = free >= 19 * self.em
        panel = (int(min(free, 27 * self.em)), round((2.7 if self.wide else 4.3) * self.em))
        self.drawn = panel[0] >= 7 * self.em and panel[1] <= height - 2 * self.margin
        self.panel_px = panel
        self.corner = (width - self.margin - panel[0], height - self.margin - panel[1])
        self.number = ImageFont.truetype(str(fonts.SEMIBOLD), self.em * 1.1)
        self.small = ImageFont.truetype(str(fonts.REGULAR), self.em * 0.72)
        if self.drawn:
            self.still = self._still()

    def __call__(self, frame: Image.Image, ev: float) -> Image.Image:
        """Draw on ``frame``, an RGB picture shown at ``ev`` stops, and return it."""
        frame.paste(self.inset, self.inset_box[:2])
        if self.drawn:
            box = (*self.corner, self.corner[0] + self.panel_px[0], self.corner[1] + self.panel_px[1])
            below = frame.crop(box).convert("RGBA")
            frame.paste(Image.alpha_composite(Image.alpha_composite(below, self.still), self._moving(ev)), box[:2])
        return frame

    def _place_inset(self, inset: Image.Image) -> None:
        width, height = inset.size
        line, edge = max(1, round(self.em * 0.03)), max(1, round(self.em * 0.1))
        small = (max(1, round(width * 0.22)), max(1, round(height * 0.22)))
        framed = ImageOps.expand(inset.resize(small, Image.Resampling.LANCZOS), edge, "white")
        self.inset = ImageOps.expand(framed, line, PANEL[:3])  # white within a dark line is seen on any picture
        edge += line
        top = height - self.margin - self.inset.height
        self.inset_box = (self.margin, top, self.margin + self.inset.width, height - self.margin)
        words = ImageFont.truetype(str(fonts.SEMIBOLD), self.em * 0.72)
        wide = round(words.getlength("Input") + self.em)
        high = round(self.em * 1.25)
        if wide < small[0] and high < small[1] / 2:
            label = Image.new("RGBA", (wide, high), PANEL)
            ImageDraw.Draw(label).text((wide / 2, high / 2), "Input", LINE, words, anchor="mm")
            below = self.inset.crop((edge, edge, edge + wide, edge + high)).convert("RGBA")
            self.inset.paste(Image.alpha_composite(below, label), (edge, edge))

    def _x(self, ev: float) -> float:
        """Where ``ev`` is on the scale, in pixels from the panel's left."""
        left = 6.6 * self.em if self.wide else 1.3 * self.em
        right = self.panel_px[0] - 1.3 * self.em
        return left + (right - left) * (ev - self.low) / (self.high - self.low)

    @property
    def _y(self) -> float:
        """The scale's line, in pixels from the panel's top."""
        return (1.0 if self.wide else 2.6) * self.em

    def _still(self) -> Image.Image:
        """The panel, its line, ticks and their numbers."""
        large = Image.new("RGBA", (self.panel_px[0] * FINE, self.panel_px[1] * FINE))
        draw, em = ImageDraw.Draw(large), self.em * FINE
        draw.rounded_rectangle((0, 0, large.width - 1, large.height - 1), 0.5 * em, PANEL)
        thick = max(FINE, round(0.07 * em))
        y = self._y * FINE
        draw.line((self._x(self.low) * FINE, y, self._x(self.high) * FINE, y), LINE, thick)
        stops = range(-int(-self.low // 1), int(self.high // 1) + 1)
        for stop in {*stops, self.low, self.high}:
            x = self._x(stop) * FINE
            draw.line((x, y - (0.5 if stop == 0 else 0.3) * em, x, y), LINE, thick)
        still = large.resize(self.panel_px, Image.Resampling.BOX)
        words = ImageDraw.Draw(still)
        spacing = self._x(1) - self._x(0)
        step = next(n for n in (1, 2, 3, 5, 10, 100) if n * spacing >= 1.7 * self.em)
        ends = {ev for ev in (self.low, self.high) if ev % 1}
        # A number beside that of an end is left out.
        whole = {s for s in stops if s % step == 0 and all(abs(s - end) * spacing >= 2 * self.em for end in ends)}
        for ev in ends | whole:
            words.text((self._x(ev), self._y + 1.05 * self.em), signed(ev, 2), LINE, self.small, anchor="ms")
        return still

    def _moving(self, ev: float) -> Image.Image:
        """The meter from 0 to ``ev``, its pointer, and the number."""
        large = Image.new("RGBA", (self.panel_px[0] * FINE, self.panel_px[1] * FINE))
        draw, em, y = ImageDraw.Draw(large), self.em * FINE, self._y * FINE
        zero, x = self._x(0) * FINE, self._x(ev) * FINE
        draw.rectangle((min(zero, x), y - 0.07 * em, max(zero, x), y + 0.07 * em), METER)
        draw.ellipse((x - 0.32 * em, y - 0.32 * em, x + 0.32 * em, y + 0.32 * em), METER)
        moving = large.resize(self.panel_px, Image.Resampling.BOX)
        words = ev_text(ev) if abs(ev) < 0.05 else f"{signed(ev)[0]}{abs(ev):.1f} EV"
        where = (
            (5.2 * self.em, self.panel_px[1] / 2) if self.wide else (self.panel_px[0] - 1.2 * self.em, 1.2 * self.em)
        )
        ImageDraw.Draw(moving).text(where, words, LINE, self.number, anchor="rm")
        return moving
