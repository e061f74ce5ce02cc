//! What ecCodes writes in every packing comes back.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use gik_core::grib::field::decode;
use gik_core::grib::representation::Representation;
use gik_core::grib::unpack::Scratch;
use gik_tests::{fixture, oracle};

use super::against::{File, against};

/// A folder of messages in every packing, written once.
pub(super) fn folder() -> PathBuf {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    let write = || {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unpack-encoded");
        let _ = std::fs::remove_dir_all(&folder);
        let arguments = [folder.to_str().unwrap()];
        let refused = oracle::run(oracle::Stack::Zarr2, "encode_values.py", &arguments);
        println!("ecCodes refuses to write {}", refused.lines().count());
        folder
    };
    WRITTEN.get_or_init(write).clone()
}

#[test]
fn every_packing_that_eccodes_writes_comes_back() {
    let folder = folder();
    let mut outcome = against(&folder);
    println!("{:#?}", outcome.count);
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
