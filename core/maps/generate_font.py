#!/usr/bin/env python
"""Writes DejaVuSans.ttf beside itself: the letters of DejaVu Sans that maps need.

    pip download --no-deps matplotlib==3.11.2 && unzip matplotlib-3.11.2-*.whl 'matplotlib/mpl-data/fonts/ttf/*' -d wheel
    pip install fonttools==4.68.0
    python core/maps/generate_font.py wheel/matplotlib/mpl-data/fonts/ttf
"""
import pathlib, sys
from fontTools import subset

HERE = pathlib.Path(__file__).parent
# ASCII, Latin 1, and minus, dashes, dots, superscripts, arrows and comparisons of units and titles.
LETTERS = [*range(0x20, 0x7F), *range(0xA0, 0x100), *map(ord, "–—·…−⁰⁴⁵⁶⁷⁸⁹⁻≤≥→°µ%‰")]


def main():
    options = subset.Options()
    options.layout_features, options.hinting, options.notdef_outline = [], False, True
    options.drop_tables += ["GPOS", "GSUB", "GDEF", "kern", "FFTM", "prep", "fpgm", "cvt "]
    options.name_IDs, options.glyph_names = [0, 1, 2, 13, 14], False
    options.recalc_timestamp = False
    font = subset.load_font(pathlib.Path(sys.argv[1]) / "DejaVuSans.ttf", options)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=LETTERS)
    cutter.subset(font)
    subset.save_font(font, HERE / "DejaVuSans.ttf", options)


if __name__ == "__main__":
    main()
