//! The work of the processor, apart from that of the network, so that a caller with threads can put it on all of them.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use crate::ensemble::region::Cut;
use crate::grib::Header;
use crate::grib::field::{FieldError, Message, decode_rows};
use crate::grib::unpack::Scratch;
use crate::store::{MaybeSend, MaybeSync};

/// A field to decode.
#[derive(Clone, Debug)]
pub struct DecodeJob {
    /// Its header.
    pub header: Arc<Header>,
    /// The bytes of its message, as far as they are at hand.
    pub octets: Bytes,
    /// What is cut out of it.
    pub cut: Arc<Cut>,
}

/// Buffers that are kept from one field to the next: new ones cost more than the decoding of a small field.
#[derive(Debug, Default)]
pub struct Buffers {
    values: Vec<f32>,
    scratch: Scratch,
}

/// Who decodes.
pub trait Decoder: MaybeSend + MaybeSync {
    /// Does [`decode`], here or elsewhere.
    fn decode(
        &self,
        job: DecodeJob,
    ) -> impl Future<Output = Result<Vec<f32>, FieldError>> + MaybeSend;
}

/// Decodes the rows that are wanted, and cuts.
///
/// # Errors
/// See [`FieldError`]; `NeedMore` where bytes are missing.
pub fn decode(job: &DecodeJob, buffers: &mut Buffers) -> Result<Vec<f32>, FieldError> {
    let message = Message {
        header: &job.header,
        octets: &job.octets,
    };
    let Buffers { values, scratch } = buffers;
    decode_rows(&message, job.cut.rows.clone(), values, scratch)?;
    Ok(job.cut.take(values))
}

/// Decodes where it is asked to, one field after the other.
#[derive(Debug, Default)]
pub struct Inline(Mutex<Buffers>);

impl Decoder for Inline {
    async fn decode(&self, job: DecodeJob) -> Result<Vec<f32>, FieldError> {
        let mut buffers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        decode(&job, &mut buffers)
    }
}
