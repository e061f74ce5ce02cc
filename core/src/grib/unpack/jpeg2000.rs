//! Template 7.40: a JPEG 2000 code stream of one component.

use hayro_jpeg2000::{DecodeSettings, DecoderContext, Image};

use super::scale::{Real, Scale};
use super::{Fault, UnpackError};
use crate::grib::reader::{Reader, Short};

/// The decoder computes in `f32`, which holds integers of 24 bits; the wavelet transform needs two more than the
/// samples have.
const DEPTH: u8 = 22;

/// Encoders of GRIB write one layer.
const LAYERS: u16 = 16;

/// Unpacks all values.
pub(super) fn unpack<R: Real>(data: &[u8], scale: &Scale, out: &mut [R]) -> Result<(), Fault> {
    // The decoder makes room for every component, and for every layer of every block: a few octets could ask for it all.
    let counts = Counts::read(data);
    if counts.components != Some(1) {
        return Err(Fault::data(0, "not a code stream of one component"));
    }
    if counts.layers > LAYERS {
        return Err(Fault::data(
            0,
            "more than 16 quality layers are not supported",
        ));
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

/// What a code stream's headers say of how much there is to decode.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    /// Csiz; `None` where there is no code stream.
    components: Option<u16>,
    /// Quality layers, the most that the main header or one of a tile-part names.
    layers: u16,
}

/// Markers of ISO/IEC 15444-1, table A.2.
const SOC: u16 = 0xff4f;
const SIZ: u16 = 0xff51;
const COD: u16 = 0xff52;
const SOT: u16 = 0xff90;
const SOD: u16 = 0xff93;

impl Counts {
    /// Walks the headers as far as they go: whether they are whole is for the decoder to say.
    fn read(data: &[u8]) -> Self {
        let mut counts = Self::default();
        let mut reader = Reader::new(data);
        if reader.u16() == Ok(SOC) {
            let _ = counts.walk(&mut reader);
        }
        counts
    }

    fn walk(&mut self, reader: &mut Reader<'_>) -> Result<(), Short> {
        let mut end = usize::MAX;
        loop {
            let start = reader.taken();
            let marker = reader.u16()?;
            if marker == SOD {
                reader.skip(end.saturating_sub(reader.taken()))?;
                continue;
            }
            let length = usize::from(reader.u16()?);
            let mut segment = Reader::new(reader.take(length.saturating_sub(2))?);
            match marker {
                SIZ => {
                    segment.skip(34)?;
                    self.components = Some(segment.u16()?);
                }
                COD => {
                    segment.skip(2)?;
                    self.layers = self.layers.max(segment.u16()?);
                }
                SOT => {
                    segment.skip(2)?;
                    // No length: the last tile-part, up to the end.
                    end = match usize::try_from(segment.u32()?) {
                        Ok(0) | Err(_) => usize::MAX,
                        Ok(length) => start.saturating_add(length),
                    };
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A marker segment.
    fn segment(marker: u16, octets: &[u8]) -> Vec<u8> {
        let length = u16::try_from(octets.len() + 2).unwrap();
        [&marker.to_be_bytes(), &length.to_be_bytes(), octets].concat()
    }

    #[test]
    fn layers_are_counted_in_every_header() {
        let size = [&[0; 34][..], &[0, 1]].concat();
        let layers = |count: u8| segment(COD, &[0, 0, 0, count, 0, 5]);
        let part = [&layers(7)[..], &[0xff, 0x93, 1, 2, 3]].concat();
        let length = u8::try_from(12 + part.len()).unwrap();
        let start = segment(SOT, &[0, 0, 0, 0, 0, length, 0, 1]);
        let stream = [
            SOC.to_be_bytes().to_vec(),
            segment(SIZ, &size),
            layers(3),
            [start, part].concat(),
            layers(9),
            vec![0xff, 0xd9],
        ];
        let found = |parts: usize| Counts::read(&stream[..parts].concat());
        assert_eq!(found(6).components, Some(1));
        assert_eq!([3, 4, 5].map(|parts| found(parts).layers), [3, 7, 9]);
        assert_eq!(Counts::read(b"\0\0\0\x0cjP  "), Counts::default());
    }
}
