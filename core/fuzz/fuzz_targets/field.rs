//! All that is done to a file of messages, and what must hold then.

use std::sync::LazyLock;

use gik_core::grib::describe::describe;
use gik_core::grib::field::{FieldError, Message, check, decode_into, decode_rows, prefix_needed};
use gik_core::grib::grid::{Coordinates, Grid};
use gik_core::grib::header::{Header, MessageReader, Parsed};
use gik_core::grib::messages;
use gik_core::grib::naming::{Keys, Tables};
use gik_core::grib::scan::Piece;
use gik_core::grib::unpack::Scratch;

/// Points that a field may have: enough for every path, few enough for many runs.
const POINTS: usize = 1 << 14;

/// Reads every message of a file, decodes it and places it.
pub fn read(file: &[u8]) {
    static TABLES: LazyLock<Tables> = LazyLock::new(|| Tables::builtin().expect("tables"));
    let mut end = 0;
    for piece in messages(file) {
        assert_eq!(piece.span().offset, end, "pieces follow each other");
        end = piece.span().end().expect("an end");
        let Piece::Message { span, fields } = piece else {
            continue;
        };
        let octets = &file[usize::try_from(span.offset).expect("in memory")..];
        again(octets, span.offset, &fields);
        for header in &fields {
            describe(header);
            TABLES.names(&Keys::from(header));
            decode(header, octets);
            place(header);
        }
    }
    assert_eq!(end, file.len() as u64, "pieces cover the file");
}

/// Octet by octet the headers are the same.
fn again(octets: &[u8], offset: u64, fields: &[Header]) {
    let mut reader = MessageReader::new(offset, octets.len() as u64);
    loop {
        let wanted = reader.wanted();
        assert!(wanted.length > 0, "something is wanted");
        let start = usize::try_from(wanted.offset - offset).expect("in memory");
        match reader
            .read(wanted.offset, &octets[start..=start])
            .expect("as before")
        {
            Parsed::Fields(found) => return assert_eq!(found, fields),
            Parsed::NeedMore(_) => {}
        }
    }
}

fn decode(header: &Header, octets: &[u8]) {
    let message = Message { header, octets };
    let points = usize::try_from(header.grid.points)
        .expect("64 bits")
        .min(POINTS);
    let (mut whole, mut scratch) = (Vec::<f32>::new(), Scratch::with_limit(POINTS));
    let decoded = decode_into(&message, &mut whole, &mut scratch);
    assert!(whole.capacity() <= points);
    assert!(scratch.octets() <= 16 * points + (1 << 20));
    assert!(
        !matches!(decoded, Err(FieldError::NeedMore(_))),
        "all is at hand"
    );
    assert!(decoded.is_ok() || whole.is_empty());
    let _ = check(&message, &mut Vec::new(), &mut scratch);
    let mut rows = Vec::<f32>::new();
    if decode_rows(&message, 1..2, &mut rows, &mut scratch).is_ok() && decoded.is_ok() {
        let same = |row: &[f32]| {
            row.iter()
                .zip(&rows)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        };
        assert!(
            rows.is_empty() || whole.windows(rows.len()).any(same),
            "rows of the field"
        );
    }
    if decoded.is_ok() {
        let prefix = prefix_needed(header, 1..2).expect("sections that were read");
        assert!(prefix.length <= header.message.length);
    }
}

fn place(header: &Header) {
    let Ok(grid) = Grid::parse(&header.grid.octets) else {
        return;
    };
    let _ = grid.shape();
    let points = usize::try_from(grid.points).expect("64 bits");
    if points > POINTS {
        return;
    }
    if let Ok(
        Coordinates::Axes {
            latitudes,
            longitudes,
        }
        | Coordinates::Points {
            latitudes,
            longitudes,
        },
    ) = grid.coordinates()
    {
        assert!(latitudes.capacity().max(longitudes.capacity()) <= points);
    }
}
