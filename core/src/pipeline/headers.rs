//! Reads the headers of chosen messages and what they say.

use futures_util::stream::{self, StreamExt};

use super::listing::{Indexed, Object};
use crate::error::Error;
use crate::grib::Header;
use crate::grib::grid::Grid;
use crate::grib::header::{MessageReader, Parsed};
use crate::grib::naming::{Keys, Names, Tables};
use crate::listing::Listed;
use crate::span::ByteSpan;
use crate::store::Store;
use crate::template::build::Seen;
use crate::template::{Evidence, Level, Variable};
use crate::time::{Run, Step, StepRange};

/// Bytes read first: sections 0 to 5 of nearly every message.
const PREFIX: u64 = 512;

/// What messages must say of themselves.
#[derive(Clone, Copy, Debug)]
pub(super) struct Expected {
    pub(super) run: Run,
    /// The member's number, where the model is an ensemble.
    pub(super) number: Option<u32>,
    /// How many ranges are read at once.
    pub(super) concurrency: usize,
}

/// Reads the headers of these messages; those whose GRIB object is not there are left out.
pub(super) async fn read(
    store: &impl Store,
    tables: &Tables,
    expected: Expected,
    indexed: &Indexed,
    chosen: &[usize],
) -> Result<Vec<Seen>, Error> {
    let messages = chosen
        .iter()
        .filter_map(|at| indexed.listing.messages.get(*at))
        .filter_map(|listed| {
            let at = usize::try_from(listed.location.object).ok()?;
            let object = indexed.objects.get(at)?;
            object.present.then_some((listed, object))
        });
    let reads = messages.map(|(listed, object)| async move {
        let header = header(store, object, listed.location.span).await?;
        check(&header, tables, expected, listed, object)
    });
    let mut reads = stream::iter(reads).buffered(expected.concurrency.max(1));
    let mut seen = Vec::new();
    while let Some(one) = reads.next().await {
        seen.push(one?);
    }
    Ok(seen)
}

/// The header of the first field of the message at a span.
async fn header(store: &impl Store, object: &Object, span: ByteSpan) -> Result<Header, Error> {
    let url = &object.data_url;
    let bad = |source| Error::Grib {
        url: url.clone(),
        offset: span.offset,
        source,
    };
    let mut reader = MessageReader::new(span.offset, span.length);
    let mut wanted = ByteSpan::new(span.offset, span.length.min(PREFIX));
    loop {
        let bytes = store.get_range(url, wanted).await?;
        match reader.read(wanted.offset, &bytes).map_err(bad)? {
            Parsed::NeedMore(more) => wanted = more,
            Parsed::Fields(fields) => {
                let not_grib = crate::grib::GribError::NotGrib {
                    offset: span.offset,
                };
                return fields.into_iter().next().ok_or_else(|| bad(not_grib));
            }
        }
    }
}

/// The message is the one that the index speaks of: its length, run, member and time.
fn check(
    header: &Header,
    tables: &Tables,
    expected: Expected,
    listed: &Listed,
    object: &Object,
) -> Result<Seen, Error> {
    let mismatch = |what, says: String, found: String| Error::Mismatch {
        url: object.index_url.clone(),
        line: listed.line,
        what,
        expected: says,
        offset: header.message.offset,
        found,
    };
    let span = listed.location.span;
    if header.message.length != span.length {
        let (says, found) = (span.length.to_string(), header.message.length.to_string());
        return Err(mismatch("a length of", says, found));
    }
    let run = header.identification.reference.run();
    if run != Some(expected.run) {
        let found = run.map_or_else(|| "another time".to_owned(), |run| run.to_string());
        return Err(mismatch("run", expected.run.to_string(), found));
    }
    let names = tables.names(&Keys::from(header));
    if let (Some(number), Some(found)) = (expected.number, names.number)
        && i64::from(number) != found
    {
        return Err(mismatch("member", number.to_string(), found.to_string()));
    }
    let range = names.steps.map(|steps| StepRange {
        start: steps.start,
        end: steps.end,
    });
    if let Some(range) = range {
        // At step 0 ECMWF writes windows that lie ahead (ecmwf-opendata issue 76): 0-3 is filed under 0.
        let filed_at_zero = listed.step == Step::ZERO && range.start == Step::ZERO;
        let says = listed.window.unwrap_or(StepRange::instant(listed.step));
        if range.end != says.end && !filed_at_zero
            || listed.window.is_some_and(|window| window != range)
        {
            return Err(mismatch("step", says.to_string(), range.to_string()));
        }
    }
    let grid = Grid::parse(&header.grid.octets).map_err(|source| Error::Section {
        url: object.data_url.clone(),
        offset: header.message.offset,
        source,
    })?;
    let instant = names.step_type == Some("instant");
    Ok(Seen {
        kind: listed.kind,
        step: listed.step,
        level: names.level.map(|level| Level {
            value: level.value,
            bounds: level.bounds,
        }),
        window: range.filter(|_| !instant),
        variable: variable(names),
        grid,
        evidence: Evidence::Header,
    })
}

/// ecCodes' words for a variable, with its word for "not known" where it has none.
pub(super) fn variable(names: Names) -> Variable {
    let unknown = || "unknown".to_owned();
    Variable {
        name: names
            .name
            .map_or_else(|| names.short_name.to_string(), str::to_owned),
        short_name: names.short_name.into_owned(),
        var_name: names.var_name.into_owned(),
        param_id: names.param_id,
        units: names.units.map_or_else(unknown, str::to_owned),
        standard_name: names.standard_name.map(str::to_owned),
        step_type: names.step_type.map_or_else(unknown, str::to_owned),
        type_of_level: names
            .level
            .map_or_else(unknown, |level| level.kind.to_owned()),
    }
}
