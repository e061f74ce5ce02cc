//! Decoding on all cores while the network is waited for, and what it took.

use std::sync::{Mutex, PoisonError};

use gik_core::grib::field::FieldError;
use gik_core::pipeline::stream::{Buffers, DecodeJob, Decoder, decode};
use tokio::sync::Semaphore;

/// As many fields at once as there are cores; buffers are kept from one field to the next.
#[derive(Debug)]
pub(crate) struct Workers {
    places: Semaphore,
    buffers: Mutex<Vec<Buffers>>,
}

impl Workers {
    /// Workers for this many cores.
    pub(crate) fn new(cores: usize) -> Self {
        Self {
            places: Semaphore::new(cores.max(1)),
            buffers: Mutex::default(),
        }
    }

    /// As many as the machine has.
    pub(crate) fn cores() -> usize {
        std::thread::available_parallelism().map_or(1, usize::from)
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Vec<Buffers>> {
        self.buffers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Decoder for Workers {
    async fn decode(&self, job: DecodeJob) -> Result<Vec<f32>, FieldError> {
        // Never closed; without a place the field is decoded all the same.
        let place = self.places.acquire().await;
        let mut buffers = self.kept().pop().unwrap_or_default();
        let work = tokio::task::spawn_blocking(move || {
            let values = decode(&job, &mut buffers);
            (values, buffers)
        });
        let done = work.await;
        drop(place);
        match done {
            Ok((values, buffers)) => {
                self.kept().push(buffers);
                values
            }
            Err(error) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

/// What this process has taken so far.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(crate) struct Taken {
    /// Seconds of the processor, all cores together; `None` where the system does not tell.
    pub(crate) cpu_seconds: Option<f64>,
    /// The most memory that was in use, in bytes.
    pub(crate) peak_memory: Option<u64>,
}

/// Ticks of `/proc/self/stat` in a second, on every Linux.
const TICKS: f64 = 100.0;

/// What `/proc` says.
pub(crate) fn taken() -> Taken {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The name of the program, which may hold anything, ends at the last parenthesis.
    let fields = stat
        .rsplit_once(')')
        .map(|(_, rest)| rest.split_whitespace());
    let ticks: Option<Vec<f64>> = fields.map(|fields| {
        let times = fields.skip(11).take(2);
        times.filter_map(|text| text.parse().ok()).collect()
    });
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes =
        peak.and_then(|text| text.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    Taken {
        cpu_seconds: ticks
            .filter(|ticks| ticks.len() == 2)
            .map(|ticks| ticks.iter().sum::<f64>() / TICKS),
        peak_memory: kilobytes.map(|kilobytes| kilobytes * 1024),
    }
}
