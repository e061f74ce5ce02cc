"""Encodes messages for entries of core/tables/names.tsv, and prints what ecCodes then calls them, as dump_names.py does.

    encode_names.py OUT.grib2 START STRIDE SEED

Every STRIDE-th (entry, file) from START on is encoded with its conditions met, and once more with one thing changed at random: what
a rule does with messages that nearly match is what can go wrong. The messages are written to OUT.grib2 in the order of the lines.
"""
import json, pathlib, random, sys

import eccodes
from dump_names import names

TABLE = pathlib.Path(__file__).parents[2] / "core" / "tables" / "names.tsv"
CENTRES = {"cnmc": 80, "ecmf": 98, "edzw": 78, "efkl": 86, "egrr": 74, "ekmi": 94, "eswi": 82, "kwbc": 7, "lfpw": 85}
STATUS = {"tigge": 4, "s2s": 6, "uerra": 8, "destine": 12, "lcgcr": 14, "wpmip": 16}
CLASSES = {"cerise": 50, "era": 23, "era6": 40, "fire": 39, "hydro": 42, "hydro_legacy": 35, "nextgems": 53}
SECTION_1 = ("discipline", "localTablesVersion", "productionStatusOfProcessedData", "tablesVersion", "subCentre", "marsClass")
FLAGS = ("is_chemical", "is_chemical_srcsink", "is_aerosol", "is_aerosol_optical")
TEMPLATES = [0, 8, 1, 11, 5, 9, 40, 42, 41, 43, 45, 46, 48, 50, 76, 78, 32, 31, 57, 67, 103, 144, 70, 72, 105, 106, 128, 143]
TEMPLATES += [number for number in range(0, 229) if number not in TEMPLATES]
SURFACES = [1, 2, 7, 8, 10, 20, 100, 101, 102, 103, 104, 105, 106, 108, 109, 111, 114, 151, 152, 160, 168, 174, 185, 191, 192, 193, 200, 214, 254, 255]


def entries():
    """[(folder, file, conditions)], a condition a (key, text)."""
    short, folder, found = {}, None, []
    for line in TABLE.read_text().splitlines():
        parts = line.split("\t")
        if line.startswith("#") or parts[0] == "parameter":
            continue
        if parts[0] == "key":
            short[parts[1]] = parts[2]
        elif parts[0] == "folder":
            folder = parts[1]
        else:
            numbers = zip(("discipline", "parameterCategory", "parameterNumber"), parts[2].split("."))
            conditions = [(key, value) for key, value in numbers if value != "*"]
            conditions += [(short[key], value) for key, value in (one.split("=") for one in (parts[3].split() if len(parts) > 3 else []))]
            found += [(folder, file, conditions) for file in parts[0]]
    return found


class Encoder:
    def __init__(self):
        self.sample = eccodes.codes_grib_new_from_samples("GRIB2")
        self.templates = {}
        self.defined = {}

    def has(self, template, key):
        if template not in self.defined:
            handle = eccodes.codes_clone(self.sample)
            try:
                eccodes.codes_set(handle, "productDefinitionTemplateNumber", template)
                self.defined[template] = handle
            except eccodes.CodesInternalError:
                self.defined[template] = None
        handle = self.defined[template]
        return handle is not None and eccodes.codes_is_defined(handle, key)

    def template(self, conditions, ensemble):
        """The first product template that has the keys, with the flags asked for."""
        asked = {key: value for key, value in conditions if key not in SECTION_1}
        name = (tuple(sorted(asked)), tuple(asked.get(flag) for flag in FLAGS), ensemble)
        if name not in self.templates:
            def fits(template):
                flags = all(str(eccodes.codes_get_long(self.defined[template], flag)) == asked.get(flag, "0") for flag in FLAGS)
                keys = all(self.has(template, "typeOfStatisticalProcessing" if key == "stepType" else key) for key in asked if key not in ("gridDefinitionTemplateNumber", "numberOfGridInReference"))
                return flags and keys and (not ensemble or self.has(template, "perturbationNumber"))
            self.templates[name] = next((t for t in TEMPLATES if self.has(t, "discipline") and fits(t)), None)
        return self.templates[name]

    def message(self, folder, file, conditions, change=None, ensemble=False):
        """An encoded message, or None where ecCodes cannot encode it."""
        handle = eccodes.codes_clone(self.sample)
        try:
            template = self.template(conditions, ensemble)
            if template is None:
                return None
            self.identify(handle, folder, file)
            self.settle(handle, "productDefinitionTemplateNumber", template)
            grids = [c for c in conditions if c[0] in ("gridDefinitionTemplateNumber", "numberOfGridInReference")]
            for key, value in sorted(grids) + [c for c in conditions if c not in grids]:
                if key not in FLAGS:
                    self.settle(handle, "typeOfStatisticalProcessing" if key == "stepType" else key, value)
            for key, value in change or []:
                self.settle(handle, key, value)
            return eccodes.codes_get_message(handle)
        except eccodes.CodesInternalError:
            return None
        finally:
            eccodes.codes_release(handle)

    def identify(self, handle, folder, file):
        """What makes ecCodes look in that folder's file."""
        before = file == "l"
        eccodes.codes_set(handle, "tablesVersion", 32 if before else 35)
        centre = CENTRES.get(folder, 98 if before or file == "c" or folder in CLASSES else 34)
        eccodes.codes_set(handle, "centre", centre)
        if before and centre != 98:
            eccodes.codes_set(handle, "subCentre", 98)
        if folder in STATUS:
            eccodes.codes_set(handle, "productionStatusOfProcessedData", STATUS[folder])
        mars_class = CLASSES.get(folder, 19 if file == "c" else None)
        if mars_class is not None:
            eccodes.codes_set(handle, "setLocalDefinition", 1)
            eccodes.codes_set(handle, "marsClass", mars_class)

    def settle(self, handle, key, value):
        value = "missing" if value == "?" else value
        if isinstance(value, str) and value.startswith("["):
            numbers = [int(number) for number in value[1:-1].split(",")]
            eccodes.codes_set(handle, "numberOfTimeRanges", len(numbers))
            eccodes.codes_set_array(handle, key, numbers)
        elif value == "missing":
            eccodes.codes_set_missing(handle, key)
        else:
            eccodes.codes_set(handle, key, int(value))


def changes(chance, conditions):
    """One thing changed at random: (conditions, changes)."""
    asked = dict(conditions)
    kind = chance.randrange(7)
    surface = [(f"{what}{place}FixedSurface", value) for place in ("First", "Second")
               for what, value in (("typeOf", chance.choice(SURFACES)), ("scaleFactorOf", chance.choice([0, 0, 1, 2, -2, "missing"])), ("scaledValueOf", chance.choice([0, 2, 7, 10, 100, 850, 5000, 50000, "missing"])))]
    if kind == 0:
        return conditions, chance.sample(surface[:3] if chance.random() < 0.5 else surface, 3)
    if kind == 1:
        return conditions, [("localTablesVersion", chance.choice([0, 1, 4, 255]))]
    if kind == 2 and "typeOfStatisticalProcessing" in asked and not asked["typeOfStatisticalProcessing"].startswith("["):
        return conditions, [("typeOfStatisticalProcessing", chance.choice([0, 1, 2, 3, 4, 6, 8, 10, 11, 102, 195, 255])), ("lengthOfTimeRange", chance.choice([0, 1, 3, 6, 24])), ("indicatorOfUnitForTimeRange", chance.choice([0, 1, 2, 3, 13]))]
    if kind == 3 and "typeOfStatisticalProcessing" not in asked:
        return conditions + [("typeOfStatisticalProcessing", str(chance.choice([0, 1, 2, 3, 6])))], []
    if kind == 4:
        drop = chance.choice(conditions)
        return [one for one in conditions if one != drop or one[0] in ("discipline", "parameterCategory", "parameterNumber")], []
    if kind == 5:
        return conditions, [("centre", chance.choice([7, 34, 54, 74, 78, 80, 82, 84, 85, 86, 94, 98, 255])), ("tablesVersion", chance.choice([2, 4, 19, 32, 33, 34, 35]))]
    return conditions, [("indicatorOfUnitOfTimeRange", chance.choice([0, 1, 2, 10, 11, 13])), ("forecastTime", chance.choice([0, 0, 6, 90, 3600, 1000001]))]


def main():
    out = sys.argv[1]
    start, stride, seed = map(int, sys.argv[2:5])
    chance, encoder = random.Random(seed), Encoder()
    failed = 0
    with open(out, "wb") as stream:
        for folder, file, conditions in entries()[start::stride]:
            other, change = changes(chance, conditions)
            for message in (encoder.message(folder, file, conditions), encoder.message(folder, file, other, change, chance.random() < 0.3)):
                if message is None:
                    failed += 1
                    continue
                handle = eccodes.codes_new_from_message(message)
                print(json.dumps({"file": f"{folder} {file} {conditions}", "index": 0, "offset": stream.tell(), "names": names(handle)}))
                eccodes.codes_release(handle)
                stream.write(message)
    print(json.dumps({"error": "not encoded", "count": failed}))


if __name__ == "__main__":
    main()
