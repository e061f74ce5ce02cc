//! Values of real files, against what ecCodes decodes.
#![expect(clippy::print_stdout, reason = "the counts are the proof")]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use gik_core::grib::field::order::Order;
use gik_core::grib::field::{Message, decode, decode_into};
use gik_core::grib::grid::Grid;
use gik_core::grib::representation::Representation;
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::{Packed, Scratch, unpack};
use gik_core::grib::{Header, messages};
use gik_tests::{fixture, oracle};
use serde_json::Value;

/// What ecCodes says of one field.
struct Known {
    file: String,
    path: PathBuf,
    offset: u64,
    field: usize,
    values: Result<Vec<f64>, String>,
}

/// The fields of a folder, one after the other as `dump_values.py` prints them.
struct Oracle {
    child: Child,
    printed: BufReader<std::process::ChildStdout>,
}

impl Oracle {
    fn of(folder: &PathBuf) -> Self {
        let script = fixture::workspace().join("tests/python/dump_values.py");
        let scratch = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpack");
        std::fs::create_dir_all(&scratch).unwrap();
        let mut child = Command::new(oracle::python(oracle::Stack::Zarr2))
            .arg(script)
            .args([&scratch, folder])
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .expect("python starts");
        let printed = BufReader::with_capacity(1 << 20, child.stdout.take().expect("a pipe"));
        Self { child, printed }
    }
}

impl Iterator for Oracle {
    type Item = Known;

    fn next(&mut self) -> Option<Known> {
        let mut line = String::new();
        if self.printed.read_line(&mut line).expect("a line") == 0 {
            assert!(self.child.wait().expect("python ends").success());
            return None;
        }
        let line: Value = serde_json::from_str(&line).expect("JSON");
        let count = usize::try_from(line["count"].as_u64().unwrap()).unwrap();
        let mut octets = vec![0; count * 8];
        self.printed.read_exact(&mut octets).expect("values");
        let values = octets.as_chunks::<8>().0.iter();
        Some(Known {
            file: line["file"].as_str().unwrap().to_owned(),
            path: line["path"].as_str().unwrap().into(),
            offset: line["offset"].as_u64().unwrap(),
            field: usize::try_from(line["field"].as_u64().unwrap()).unwrap(),
            values: match line.get("error") {
                Some(error) => Err(error.as_str().unwrap().to_owned()),
                None => Ok(values.map(|octets| f64::from_le_bytes(*octets)).collect()),
            },
        })
    }
}

/// The headers of a file, by offset and number of the field.
struct File {
    octets: Vec<u8>,
    fields: BTreeMap<(u64, usize), Header>,
}

impl File {
    fn open(path: &Path) -> Self {
        Self::parse(std::fs::read(path).unwrap())
    }

    fn parse(octets: Vec<u8>) -> Self {
        let mut fields = BTreeMap::new();
        for piece in messages(&octets) {
            if let Piece::Message { fields: found, .. } = piece {
                for header in found {
                    fields.insert((header.message.offset, header.field), header);
                }
            }
        }
        Self { octets, fields }
    }

    fn message<'a>(&'a self, header: &'a Header) -> Message<'a> {
        let start = usize::try_from(header.message.offset).unwrap();
        Message {
            header,
            octets: &self.octets[start..],
        }
    }
}

/// What was compared.
#[derive(Debug, Default)]
struct Count {
    files: usize,
    fields: usize,
    values: usize,
    missing: usize,
    /// Values whose `f64` differs from that of ecCodes, though it rounds to the same `f32` or the next.
    rounded: usize,
}

#[test]
fn values_of_real_files_are_those_of_eccodes() {
    let Some(folder) = fixture::shared("data/grib") else {
        return;
    };
    let outcome = against(&folder);
    println!("{:#?}\n{}", outcome.count, outcome.verdicts.join("\n"));
    assert!(outcome.wrong.is_empty(), "{}", outcome.wrong.join("\n"));
    assert_eq!(outcome.unseen, BTreeSet::new());
    assert_eq!(outcome.verdicts.len(), VERDICTS.len());
    for (verdict, (file, expected, why)) in outcome.verdicts.iter().zip(VERDICTS) {
        let expected = match expected {
            "ours" => "we decode, ecCodes says".to_owned(),
            expected if expected.starts_with("5.") => {
                format!("template {expected} is not supported")
            }
            expected => expected.to_owned(),
        };
        let as_expected = verdict.starts_with(file) && verdict.contains(&expected);
        assert!(as_expected, "{verdict} ({file}: {expected}, for {why})");
    }
}

/// Every field that only one of the two decodes, or none; and why.
const VERDICTS: [(&str, &str, &str); 23] = [
    (
        "D0ubleD0uble__fieldglass/bifourier_ellipse_ieee32.grib2",
        "5.53",
        "coefficients, not values at points",
    ),
    (
        "D0ubleD0uble__fieldglass/bifourier_rectangle_keepaxes.grib2",
        "5.53",
        "coefficients, not values at points",
    ),
    (
        "D0ubleD0uble__fieldglass/log_negative_regular_latlon.grib2",
        "5.61",
        "an experimental template",
    ),
    (
        "D0ubleD0uble__fieldglass/matrix_reshape_16x31.grib2",
        "5.1",
        "matrices at points",
    ),
    (
        "D0ubleD0uble__fieldglass/matrix_simple_regular_latlon.grib2",
        "5.1",
        "matrices of 2 by 3, which 496 values cannot fill",
    ),
    (
        "D0ubleD0uble__fieldglass/png_local_40010.grib2",
        "ours",
        "ecCodes does not know 5.40010, which is 5.41",
    ),
    (
        "D0ubleD0uble__fieldglass/spectral_simple_t63.grib2",
        "5.50",
        "coefficients, not values at points",
    ),
    (
        "NOAA-MDL__grib2io/eumetsat_precip2.grb",
        "ours",
        "ecCodes stumbles over section 1",
    ),
    (
        "NOAA-MDL__grib2io/eumetsat_precip2.grb",
        "ours",
        "ecCodes stumbles over section 1",
    ),
    (
        "NOAA-MDL__grib2io/eumetsat_precip2.grb",
        "ours",
        "ecCodes stumbles over section 1",
    ),
    (
        "NOAA-MDL__grib2io/spectral.grb",
        "5.50",
        "coefficients, not values at points",
    ),
    (
        "NOAA-MDL__grib2io/spectral.grb",
        "5.50",
        "coefficients, not values at points",
    ),
    (
        "NOAA-MDL__grib2io/spherical_pressure_level.grib2",
        "5.51",
        "coefficients, not values at points",
    ),
    (
        "Unidata__tds/ofs_atl.grib2",
        "ours",
        "ecCodes does not know grid 3.204; values are flat here",
    ),
    (
        "Unidata__tds/rap-native.grib2",
        "ours",
        "ecCodes does not know grid 3.32769 of that centre; values are flat here",
    ),
    (
        "ecmwf__cfgrib/regular_gg_wrong_increment.grib",
        "64 rows of 192 are not 18432 points, but the values alone are equal",
        "made to be wrong: Nj is not that of the points",
    ),
    (
        "ecmwf__eccodes/sh_pl_grib2.tmpl",
        "5.51",
        "coefficients, not values at points",
    ),
    (
        "ecmwf__gribjump/synth11_ccsds_no_bitmap.blob-def7c51.grib2",
        "19 rows of 36 are not 334 points, but the values alone are equal",
        "the bitmap was taken out, the grid left",
    ),
    (
        "ecmwf__gribjump/synth11_ccsds_no_bitmap.grib2",
        "334 packed values for 684 points",
        "the bitmap was taken out, the grid left",
    ),
    (
        "google__weather-tools/test_grib2.bin",
        "ours",
        "ecCodes does not know product 4.50008",
    ),
    (
        "jedarden__gribtract/drt40_j2k_3x2.grib2",
        "ours",
        "section 5 lacks octets 22 and 23, which decoding does not need",
    ),
    (
        "jedarden__gribtract/pdt8_accum_3x2.grib2",
        "no such message",
        "section 4 is shorter than its template",
    ),
    (
        "jedarden__gribtract/rotated_latlon_gdt1_drt0.grib2",
        "section 3 is too short",
        "section 3 is shorter than its template",
    ),
];

#[test]
fn every_packing_that_eccodes_writes_comes_back() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpack-encoded");
    let _ = std::fs::remove_dir_all(&folder);
    let refused = oracle::run(
        oracle::Stack::Zarr2,
        "encode_values.py",
        &[folder.to_str().unwrap()],
    );
    let mut outcome = against(&folder);
    println!(
        "{:#?}\necCodes refuses to write {}",
        outcome.count,
        refused.lines().count()
    );
    // ecCodes reads uninitialised memory where no value was packed: what it wrote is checked below.
    let unread =
        |line: &String| line.starts_with("all-missing--") && line.contains("-managed.grib2");
    let (unread, wrong): (Vec<_>, Vec<_>) = outcome.wrong.drain(..).partition(unread);
    assert_eq!(unread.len(), 66);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let deep = |line: &&String| !line.contains("images of more than 22 bits");
    let verdicts: Vec<_> = outcome.verdicts.iter().filter(deep).collect();
    assert!(verdicts.is_empty(), "{verdicts:#?}");
    let wrong = originals(&folder);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The messages of a folder that do not decode to the values that were packed, within one step of the packing.
fn originals(folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut count = 0;
    for path in fixture::files(folder) {
        if path
            .extension()
            .is_none_or(|extension| extension != "grib2")
        {
            continue;
        }
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let octets = std::fs::read(path.with_extension("f64")).unwrap();
        let packed = octets.as_chunks::<8>().0.iter();
        let packed: Vec<f64> = packed.map(|octets| f64::from_le_bytes(*octets)).collect();
        let file = File::open(&path);
        let header = file.fields.values().next().unwrap();
        let message = file.message(header);
        let field = match decode::<f64>(&message, &mut Scratch::default()) {
            Ok(field) => field,
            Err(error) if error.to_string().contains("more than 22 bits") => continue,
            Err(error) => {
                wrong.push(format!("{name}: {error}"));
                continue;
            }
        };
        count += 1;
        let representation = Representation::parse(&header.representation.octets).unwrap();
        let step = representation.scaling().map_or(0.0, |scaling| {
            2_f64.powi(scaling.binary.into()) / 10_f64.powi(scaling.decimal.into())
        });
        let greatest = packed
            .iter()
            .fold(0.0_f64, |greatest, value| greatest.max(value.abs()));
        let allowed = step + greatest * 2_f64.powi(-23);
        assert_eq!(field.values.len(), packed.len(), "{name}");
        for (index, (ours, packed)) in field.values.iter().zip(&packed).enumerate() {
            if ours.is_nan() != packed.is_nan() || (ours - packed).abs() > allowed {
                wrong.push(format!(
                    "{name}: value {index} is {ours}, not {packed} ({allowed})"
                ));
                break;
            }
        }
    }
    println!("{count} messages came back as they were packed");
    wrong
}

/// What came of a comparison.
#[derive(Debug, Default)]
struct Outcome {
    count: Count,
    /// Fields whose values differ.
    wrong: Vec<String>,
    /// Fields that only one of the two decodes, or none.
    verdicts: Vec<String>,
    /// Fields that are decoded here and that ecCodes does not even find.
    unseen: BTreeSet<(String, u64, usize)>,
}

/// The values of a field without its grid, in the order of the message.
fn alone(message: &Message<'_>) -> Result<Vec<f64>, Box<dyn std::error::Error>> {
    let header = message.header;
    let data = usize::try_from(header.data.offset - header.message.offset)?;
    let length = usize::try_from(header.data.length)?;
    let representation = Representation::parse(&header.representation.octets)?;
    let packed = Packed {
        representation: &representation,
        points: usize::try_from(header.grid.points)?,
        bitmap: None,
        data: &message.octets[data + 5..data + length],
        whole: true,
    };
    let mut values = Vec::new();
    unpack(&packed, &mut values, &mut Scratch::default())?;
    Ok(values)
}

/// Decodes every field that ecCodes finds in the files of a folder.
fn against(folder: &PathBuf) -> Outcome {
    let mut outcome = Outcome::default();
    let mut open: Option<(String, File)> = None;
    let (mut values, mut scratch) = (Vec::<f64>::new(), Scratch::default());
    for known in Oracle::of(folder) {
        if open.as_ref().is_none_or(|(name, _)| *name != known.file) {
            let file = File::open(&known.path);
            for (offset, field) in file.fields.keys() {
                outcome.unseen.insert((known.file.clone(), *offset, *field));
            }
            open = Some((known.file.clone(), file));
            outcome.count.files += 1;
        }
        let Known {
            file: name,
            offset,
            field,
            ..
        } = &known;
        let place = format!("{name} at {offset}, field {field}");
        let file = &open.as_ref().unwrap().1;
        let header = file.fields.get(&(*offset, *field));
        let ours = match header {
            Some(header) => decode_into(&file.message(header), &mut values, &mut scratch)
                .map_err(|error| error.to_string()),
            None => Err("no such message".to_owned()),
        };
        outcome.unseen.remove(&(name.clone(), *offset, *field));
        let verdict = match (ours, known.values) {
            (Ok(()), Ok(theirs)) => {
                match compare(&values, &theirs, &mut outcome.count) {
                    Ok(()) => outcome.count.fields += 1,
                    Err(difference) => outcome.wrong.push(format!("{place}: {difference}")),
                }
                continue;
            }
            (Err(error), Ok(theirs)) => {
                let alone = header.map(|header| alone(&file.message(header)));
                let equal = alone.is_some_and(|alone| {
                    alone.is_ok_and(|alone| compare(&alone, &theirs, &mut Count::default()).is_ok())
                });
                let remark = if equal {
                    ", but the values alone are equal"
                } else {
                    ""
                };
                format!("ecCodes decodes, we say: {error}{remark}")
            }
            (Ok(()), Err(error)) => format!("we decode, ecCodes says: {error}"),
            (Err(ours), Err(theirs)) => format!("{ours}; ecCodes says: {theirs}"),
        };
        outcome.verdicts.push(format!("{place}: {verdict}"));
    }
    outcome
}

fn compare(ours: &[f64], theirs: &[f64], count: &mut Count) -> Result<(), String> {
    if ours.len() != theirs.len() {
        return Err(format!("{} values, not {}", ours.len(), theirs.len()));
    }
    let (mut missing, mut rounded) = (0, 0);
    for (index, (ours, theirs)) in ours.iter().zip(theirs).enumerate() {
        if ours.is_nan() != theirs.is_nan() {
            return Err(format!("value {index} is {ours}, not {theirs}"));
        }
        if ours.is_nan() {
            missing += 1;
        } else if ours != theirs {
            rounded += 1;
            let (low, high) = (theirs.min(*ours) as f32, theirs.max(*ours) as f32);
            if low != high && low.next_up() != high {
                return Err(format!("value {index} is {ours}, not {theirs}"));
            }
        }
    }
    count.values += ours.len();
    count.missing += missing;
    count.rounded += rounded;
    Ok(())
}

/// Values that wgrib2 wrote as `f32`, of which field of which file.
const DUMPS: [(&str, &str, usize); 8] = [
    ("ds.critfireo.bin.0.xz", "ds.critfireo.bin.xz", 0),
    ("ds.critfireo.bin.1.xz", "ds.critfireo.bin.xz", 1),
    (
        "ecmwf-realtime-oper-fc-0-le.bin.xz",
        "20240101000000-0h-oper-fc.grib2.0-10.xz",
        0,
    ),
    (
        "gdas-12-wgrib2-le.bin.xz",
        "gdas.t12z.pgrb2.0p25.f000.12.xz",
        0,
    ),
    (
        "gdas-46-wgrib2-le.bin.xz",
        "gdas.t12z.pgrb2.0p25.f000.46.xz",
        0,
    ),
    (
        "meps-wgrib2-le.bin.xz",
        "Z__C_RJTD_20190605000000_MEPS_GPV_Rjp_L-pall_FH00-15_grib2.bin.0-20.xz",
        2,
    ),
    (
        "msmguid-wgrib2-le.bin.xz",
        "Z__C_RJTD_20190304000000_MSM_GUID_Rjp_P-all_FH03-39_Toorg_grib2.bin.xz",
        0,
    ),
    (
        "tornado-wgrib2-le.bin.xz",
        "Z__C_RJTD_20160822020000_NOWC_GPV_Ggis10km_Pphw10_FH0000-0100_grib2.bin.xz",
        3,
    ),
];

#[test]
fn values_of_real_files_are_those_of_wgrib2() {
    let Some(folder) = fixture::shared("data/grib/noritada__grib-rs") else {
        return;
    };
    let mut count = Count::default();
    for (dump, source, field) in DUMPS {
        let octets = unpacked(&folder.join(dump));
        let theirs = octets
            .as_chunks::<4>()
            .0
            .iter()
            .map(|octets| f32::from_le_bytes(*octets));
        // wgrib2's number for undefined values.
        let mut theirs: Vec<f64> = theirs
            .map(|value| {
                if value == 9.999e20 {
                    f64::NAN
                } else {
                    value.into()
                }
            })
            .collect();
        let file = File::parse(unpacked(&folder.join(source)));
        let header = file.fields.values().nth(field).unwrap();
        let mut values = Vec::<f32>::new();
        decode_into(&file.message(header), &mut values, &mut Scratch::default()).unwrap();
        let ours: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
        // The dumps are in the order of the message.
        Order::of(&Grid::parse(&header.grid.octets).unwrap())
            .unwrap()
            .arrange(&mut theirs);
        compare(&ours, &theirs, &mut count).unwrap_or_else(|error| panic!("{dump}: {error}"));
        count.files += 1;
        count.fields += 1;
    }
    println!("{count:#?}");
}

/// The octets of a file that `xz` packed.
fn unpacked(path: &Path) -> Vec<u8> {
    let output = Command::new("xz")
        .args(["-dc"])
        .arg(path)
        .output()
        .expect("xz starts");
    assert!(output.status.success(), "{}", path.display());
    output.stdout
}
