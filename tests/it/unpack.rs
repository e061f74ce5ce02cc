//! Values of real files, against what ecCodes and wgrib2 decode.
#![expect(clippy::print_stdout, reason = "the counts are the proof")]

mod against;
mod checked;
mod encoded;
mod hostile;
mod rows;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use gik_core::grib::field::decode_into;
use gik_core::grib::field::order::Order;
use gik_core::grib::grid::Grid;
use gik_core::grib::unpack::Scratch;
use gik_tests::fixture;

use against::{Count, File, against, compare};

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
