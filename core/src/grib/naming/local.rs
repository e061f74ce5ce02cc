//! What section 2 says that names depend on: the class of an archive, the generation of a twin, the number of an iteration.

use super::key::{Key, Keys};
use crate::grib::identification::Identification;
use crate::grib::reader::{Reader, Short};

/// ECMWF in common code table C-11.
const ECMWF: u16 = 98;
/// SMHI in common code table C-11.
const SMHI: u16 = 82;
/// Forecast probability in ECMWF's table of types, and the streams whose `number` it then is (ecCodes' `mars` definitions).
const PROBABILITY: u16 = 16;
const PROBABILITY_STREAMS: [u16; 4] = [1035, 1081, 1122, 1123];

/// Reads what a local section says. Octets that it does not have leave their keys absent.
pub(super) fn read(keys: &mut Keys, section1: &Identification, octets: &[u8]) {
    let mut reader = Reader::new(octets);
    // A section that ends early has no more keys; nothing of it is needed.
    let _ = reader.skip(5).and_then(|()| {
        read_project(keys, section1, &mut reader)?;
        read_centre(keys, section1, &mut reader)
    });
}

/// What projects put before the centre's own part, by production status (code table 1.3) and version.
fn read_project(
    keys: &mut Keys,
    section1: &Identification,
    reader: &mut Reader<'_>,
) -> Result<(), Short> {
    const CLIMATE_TWIN: u16 = 1;
    const EXTREMES_TWIN: u16 = 4;
    if !(4..=17).contains(&section1.production_status)
        || matches!(section1.production_status, 6 | 7)
    {
        return Ok(());
    }
    let version = reader.u16()?;
    match (section1.production_status, version) {
        (4 | 5, _) => reader.skip(2),
        (8 | 9, _) => reader.skip(4),
        (10 | 11, 1) => reader.skip(2),
        (10 | 11, 3) if section1.centre != ECMWF => reader.skip(8),
        (10 | 11, _) => reader.skip(6),
        (12 | 13, _) => {
            match reader.u16()? {
                CLIMATE_TWIN => {
                    reader.skip(4)?;
                    keys.set(Key::Generation, reader.u8()?);
                    reader.skip(5)?;
                }
                EXTREMES_TWIN => reader.skip(8)?,
                _ => {}
            }
            reader.skip(if version == 2 { 2 } else { 0 })
        }
        _ => Ok(()),
    }
}

fn read_centre(
    keys: &mut Keys,
    section1: &Identification,
    reader: &mut Reader<'_>,
) -> Result<(), Short> {
    let number = reader.u16()?;
    match (section1.local_centre(), number) {
        (_, 0) => Ok(()),
        (ECMWF, _) => {
            let class = reader.u16()?;
            // TIGGE, S2S and UERRA have a class of their own, which is no number.
            if !(4..=9).contains(&section1.production_status) {
                keys.set(Key::MarsClass, class);
            }
            let (kind, stream) = (reader.u16()?, reader.u16()?);
            if kind == PROBABILITY && PROBABILITY_STREAMS.contains(&stream) {
                keys.set(Key::NumberIsProbability, 1_u8);
            }
            keys.set(Key::ExperimentVersionNumber, reader.u32()?);
            if let 7 | 20 | 38 = number {
                keys.set(Key::Number, reader.u8()?);
            }
            Ok(())
        }
        (SMHI, 82 | 83) => {
            keys.set(Key::MarsClass, reader.u8()?);
            Ok(())
        }
        _ => Ok(()),
    }
}
