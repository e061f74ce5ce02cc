//! Template 7.40: a JPEG 2000 code stream of one component.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::scale::{Real, Scale};
use super::{Fault, UnpackError};
use crate::grib::reader::Reader;

/// The decoder computes in `f32`, which holds integers of 24 bits; the wavelet transform needs two more than the
/// samples have.
const DEPTH: u8 = 22;

/// Unpacks all values.
pub(super) fn unpack<R: Real>(data: &[u8], scale: &Scale, out: &mut [R]) -> Result<(), Fault> {
    // The decoder makes room for every component: tens of thousands in a few octets.
    if components(data) != Some(1) {
        return Err(Fault::data(0, "not a code stream of one component"));
    }
    let settings = DecodeSettings {
        strict: true,
        ..DecodeSettings::default()
    };
    let image = Image::new(data, &settings).map_err(UnpackError::from)?;
    let area = u64::from(image.width()) * u64::from(image.height());
    if u64::try_from(out.len()) != Ok(area) {
        return Err(Fault::data(
            0,
            "the image's size is not the number of values",
        ));
    }
    if image.original_bit_depth() > DEPTH {
        return Err(Fault::data(
            0,
            "images of more than 22 bits are not supported",
        ));
    }
    let mut context = DecoderContext::default();
    let decoded = image.decode(&mut context).map_err(UnpackError::from)?;
    let [component] = decoded.components() else {
        return Err(Fault::data(0, "the image has more than one component"));
    };
    let samples = component.samples();
    if samples.len() != out.len() {
        return Err(Fault::data(0, "the image is not whole"));
    }
    for (out, sample) in out.iter_mut().zip(samples) {
        *out = R::nearest(scale.value(f64::from(sample.round())));
    }
    Ok(())
}

/// Number of components (Csiz) of a code stream, which starts with the markers SOC and SIZ.
fn components(data: &[u8]) -> Option<u16> {
    let mut reader = Reader::new(data);
    let starts = reader.take(4).ok()? == [0xff, 0x4f, 0xff, 0x51];
    reader.skip(36).ok()?;
    reader.u16().ok().filter(|_| starts)
}
