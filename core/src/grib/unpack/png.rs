//! Template 7.41: a PNG image whose pixels, whatever their colours, are the packed integers.

use std::io::Cursor;

use png::{ColorType, Decoder, Limits};

use super::bits::Fields;
use super::scale::{Real, Scale};
use super::{Fault, UnpackError, bits, sized_with};

/// What the decoder may allocate beside its output: tables, and a row.
const ALLOWANCE: usize = 1 << 20;

/// Unpacks all values.
///
/// The width of the integers is that of the pixels: ecCodes writes 12 bits as 16.
pub(super) fn unpack<R: Real>(
    data: &[u8],
    scale: &Scale,
    out: &mut [R],
    octets: &mut Vec<u8>,
    integers: &mut Vec<u32>,
) -> Result<(), Fault> {
    let limits = Limits {
        bytes: out.len().saturating_mul(4).saturating_add(ALLOWANCE),
    };
    let decoder = Decoder::new_with_limits(Cursor::new(data), limits);
    let mut reader = decoder.read_info().map_err(UnpackError::png)?;
    let info = reader.info();
    let area = u64::from(info.width) * u64::from(info.height);
    if u64::try_from(out.len()) != Ok(area) {
        return Err(Fault::data(
            0,
            "the image's size is not the number of values",
        ));
    }
    if info.color_type == ColorType::Indexed {
        return Err(Fault::data(0, "the image has a palette"));
    }
    let columns = usize::try_from(info.width).unwrap_or(usize::MAX);
    let width = info.bits_per_pixel();
    if width > 32 {
        return Err(Fault::data(0, "a pixel has more than 32 bits"));
    }
    let size = reader.output_buffer_size().ok_or(Fault::Memory)?;
    sized_with(octets, size, 0)?;
    sized_with(integers, columns, 0)?;
    let frame = reader.next_frame(octets).map_err(UnpackError::png)?;
    let rows = octets.chunks(frame.line_size.max(1));
    for (out, row) in out.chunks_mut(columns.max(1)).zip(rows) {
        bits::read(row, Fields::new(0, width), integers)
            .ok_or(Fault::data(0, "a row of the image is not whole"))?;
        scale.unsigned(width, integers, out);
    }
    Ok(())
}
