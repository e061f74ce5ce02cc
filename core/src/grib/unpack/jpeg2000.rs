//! Template 7.40: a JPEG 2000 code stream of one component.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::scale::{Real, Scale};
use super::{Fault, UnpackError};

/// The decoder computes in `f32`, which holds integers of 24 bits; the wavelet transform needs two more than the
/// samples have.
const DEPTH: u8 = 22;

/// Unpacks all values.
pub(super) fn unpack<R: Real>(data: &[u8], scale: &Scale, out: &mut [R]) -> Result<(), Fault> {
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
