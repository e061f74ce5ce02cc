//! Proves that references are what their store says: headers at the referenced ranges against the coordinates.

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use serde::{Deserialize, Serialize};

use super::headers;
use crate::error::Error;
use crate::grib::Header;
use crate::grib::field::{self, Message};
use crate::grib::naming::{Keys, Names, Tables};
use crate::grib::unpack::Scratch;
use crate::keys::StoreKeys;
use crate::keys::contents::{Contents, MessageArray, Referred};
use crate::span::ByteSpan;
use crate::store::{Counted, Requests, Store};
use crate::time::{Moment, Step, StepRange};

/// What a GRIB2 message ends with.
const END: &[u8] = b"7777";

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyJob {
    /// How many references; `None` for all.
    pub sample: Option<usize>,
    /// Whether values are decoded too, and held against the header; this reads whole messages.
    pub values: bool,
    /// How many ranges are read at once.
    pub concurrency: usize,
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// References of the store.
    pub references: usize,
    /// Arrays that they are in.
    pub arrays: usize,
    /// References that were looked at.
    pub checked: usize,
    /// Arrays that these are in.
    pub arrays_checked: usize,
    /// Values that were decoded.
    pub values: usize,
    /// What does not hold.
    pub faults: Vec<Fault>,
    /// What was asked of the archive.
    pub requests: Requests,
}

/// A reference that is not what its store says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The chunk's key.
    pub key: String,
    /// The GRIB object.
    pub url: String,
    /// The bytes.
    pub span: ByteSpan,
    /// What does not hold: `level`, `length`, `step`, ...
    pub what: String,
    /// What the store says.
    pub expected: String,
    /// What is there.
    pub found: String,
}

/// Reads the headers at references of a store, and proves identity, length and end of each message.
///
/// The sample is spread evenly over the store, and takes one reference of each array first.
///
/// # Errors
/// A store that is none. What is wrong with a reference is a [`Fault`] of the report.
pub async fn verify(
    store: &impl Store,
    tables: &Tables,
    keys: &StoreKeys,
    job: VerifyJob,
) -> Result<VerifyReport, Error> {
    let contents = keys.contents()?;
    let store = &Counted::new(store);
    let chosen = sample(&contents, job.sample);
    let checks = chosen.iter().filter_map(|at| {
        let message = contents.messages.get(*at)?;
        let array = contents.arrays.get(message.array)?;
        let check = check(store, tables, (array, message), job.values);
        Some(async move { (message, check.await) })
    });
    let mut checks = stream::iter(checks).buffered(job.concurrency.max(1));
    let mut faults = Vec::new();
    let (mut buffer, mut scratch) = (Vec::new(), Scratch::default());
    let mut values = 0;
    while let Some((message, (found, field))) = checks.next().await {
        faults.extend(found);
        let Some((header, octets)) = field else {
            continue;
        };
        let whole = Message {
            header: &header,
            octets: &octets,
        };
        match field::check(&whole, &mut buffer, &mut scratch) {
            Ok(_) => values += buffer.len(),
            Err(error) => {
                let wanted = "what the header allows".to_owned();
                faults.push(fault(message, "values", wanted, chain(&error)));
            }
        }
    }
    let mut arrays: Vec<usize> = chosen
        .iter()
        .filter_map(|at| contents.messages.get(*at))
        .map(|message| message.array)
        .collect();
    arrays.sort_unstable();
    arrays.dedup();
    Ok(VerifyReport {
        references: contents.messages.len(),
        arrays: contents.arrays.len(),
        checked: chosen.len(),
        arrays_checked: arrays.len(),
        values,
        faults,
        requests: store.requests(),
    })
}

/// Which references to look at, in their order.
fn sample(contents: &Contents, count: Option<usize>) -> Vec<usize> {
    let all = contents.messages.len();
    let Some(count) = count.filter(|count| *count < all) else {
        return (0..all).collect();
    };
    let spread = |of: &[usize], count: usize| -> Vec<usize> {
        let at = |part: usize| {
            of.get((2 * part + 1) * of.len() / (2 * count.max(1)))
                .copied()
        };
        (0..count).filter_map(at).collect()
    };
    let mut by_array: Vec<Vec<usize>> = vec![Vec::new(); contents.arrays.len()];
    for (at, message) in contents.messages.iter().enumerate() {
        if let Some(own) = by_array.get_mut(message.array) {
            own.push(at);
        }
    }
    // Another place in each array, so that the sample sees many steps and levels.
    let parts = by_array.len() + 1;
    let firsts = by_array.iter().zip(1..).filter_map(|(own, part)| {
        let at = own.len() * part / parts;
        own.get(at).copied()
    });
    let firsts: Vec<usize> = firsts.collect();
    if firsts.len() >= count {
        return spread(&firsts, count);
    }
    let rest: Vec<usize> = (0..all).filter(|at| !firsts.contains(at)).collect();
    let mut chosen = spread(&rest, count - firsts.len());
    chosen.extend(firsts);
    chosen.sort_unstable();
    chosen
}

fn fault(message: &Referred, what: &str, expected: String, found: String) -> Fault {
    Fault {
        key: message.key.clone(),
        url: message.url.clone(),
        span: message.span,
        what: what.to_owned(),
        expected,
        found,
    }
}

/// Faults of one reference, and the whole message where its values are wanted.
async fn check(
    store: &impl Store,
    tables: &Tables,
    (array, message): (&MessageArray, &Referred),
    values: bool,
) -> (Vec<Fault>, Option<(Header, Bytes)>) {
    let fault = |what: &str, expected, found| fault(message, what, expected, found);
    let span = message.span;
    let header = match headers::header(store, &message.url, span).await {
        Ok(header) => header,
        Err(error) => {
            let wanted = "a GRIB2 message".to_owned();
            return (vec![fault("message", wanted, chain(&error))], None);
        }
    };
    let mut faults = Vec::new();
    let mut differ = |what: &str, expected: Option<String>, found: Option<String>| {
        // What the store does not say cannot be wrong.
        let Some(expected) = expected else { return };
        let found = found.unwrap_or_else(|| "nothing".to_owned());
        if expected != found {
            faults.push(fault(what, expected, found));
        }
    };
    let length = header.message.length;
    differ(
        "length",
        Some(span.length.to_string()),
        Some(length.to_string()),
    );
    let names = tables.names(&Keys::from(&header));
    identity(array, message, &names, &mut differ);
    let run = header.identification.reference.run().map(Moment::from);
    let words = |moment: Moment| format!("{} s since 1970", moment.as_seconds());
    differ("run", message.run.map(words), run.map(words));
    let points = array.shape.iter().product::<u64>();
    differ(
        "points",
        Some(points.to_string()),
        Some(header.grid.points.to_string()),
    );
    let mut whole = None;
    if values && length == span.length {
        let text = |octets: &[u8]| Some(String::from_utf8_lossy(octets).into_owned());
        match store.get_range(&message.url, span).await {
            Ok(octets) => {
                let end = octets.len().saturating_sub(END.len());
                differ("end", text(END), octets.get(end..).and_then(text));
                whole = Some((header, octets));
            }
            Err(error) => differ("end", text(END), Some(error.to_string())),
        }
    } else if length == span.length {
        let octets = u64::try_from(END.len()).unwrap_or_default();
        let end = span.end().unwrap_or_default().saturating_sub(octets);
        match store
            .get_range(&message.url, ByteSpan::new(end, octets))
            .await
        {
            Ok(found) => differ(
                "end",
                Some("7777".to_owned()),
                Some(String::from_utf8_lossy(&found).into_owned()),
            ),
            Err(error) => differ("end", Some("7777".to_owned()), Some(error.to_string())),
        }
    }
    (faults, whole)
}

fn identity(
    array: &MessageArray,
    message: &Referred,
    names: &Names,
    differ: &mut impl FnMut(&str, Option<String>, Option<String>),
) {
    let text = |text: &str| Some(text.to_owned());
    let says = array.var_name.clone().or_else(|| array.short_name.clone());
    let is = match array.var_name {
        Some(_) => names.var_name.as_ref(),
        None => names.short_name.as_ref(),
    };
    differ("variable", says, text(is));
    differ(
        "stepType",
        array.step_type.clone(),
        names.step_type.map(str::to_owned),
    );
    differ(
        "typeOfLevel",
        array.type_of_level.clone(),
        names.level.map(|level| level.kind.to_owned()),
    );
    let number = |value: f64| value.to_string();
    let level = names.level.and_then(|level| {
        let has = message.level.is_some();
        has.then(|| number(level.value))
    });
    differ("level", message.level.map(number), level);
    // The control of some streams is a message of no ensemble, and stands as member 0 in ours.
    let member = names
        .number
        .or(message.number.filter(|number| *number == 0));
    differ(
        "member",
        message.number.map(|number| number.to_string()),
        member.map(|number| number.to_string()),
    );
    let Some(steps) = names.steps else {
        differ("step", message.step.map(|step| step.to_string()), None);
        return;
    };
    let found = StepRange {
        start: steps.start,
        end: steps.end,
    };
    // At step 0 ECMWF files windows that lie ahead (ecmwf-opendata issue 76).
    let ahead = message.step == Some(Step::ZERO) && found.start == Step::ZERO;
    if !ahead {
        let says = message.step.map(|step| step.to_string());
        differ("step", says, Some(found.end.to_string()));
        let says = message.window.map(|window| window.to_string());
        differ("window", says, Some(found.to_string()));
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
