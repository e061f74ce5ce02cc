//! Stage 2 as a table: which message is which variable, and where it lies.
//!
//! The columns are those of kerchunk's mapped index (`map_from_index`) with the member beside them, as pandas writes them.

use std::collections::BTreeMap;

use super::OutputError;
use super::pandas::{Frame, Series};
use crate::merge::Mapped;
use crate::template::{Row, Template};
use crate::time::{Moment, Run};

/// Nanoseconds of a second.
const NANOSECONDS: i64 = 1_000_000_000;

/// What the messages of a mapped index are counted in.
#[derive(Clone, Copy, Debug)]
pub struct Mapping<'a> {
    /// Names, by [`Mapped::row`].
    pub template: &'a Template,
    /// URLs of the GRIB objects, by the location.
    pub objects: &'a [String],
    /// Numbers of the members, by [`Mapped::member`]; `None` for a deterministic model.
    pub numbers: &'a [Option<u32>],
    /// The run.
    pub run: Run,
}

/// The bytes of a parquet file: `varname`, `stepType`, `typeOfLevel`, `name`, `level`, `step`, `time`, `valid_time`, `number`, `uri`,
/// `offset`, `length`. The same messages give the same bytes.
///
/// `step` is the end of the window that the message speaks of; `level` is null where its type has no value.
///
/// # Errors
/// [`OutputError::Unplaced`] for a message that the mapping does not name, or whose numbers do not fit the columns.
pub fn write(
    messages: &[Mapped],
    mapping: Mapping<'_>,
    path: &str,
) -> Result<Vec<u8>, OutputError> {
    let unplaced = |message: &Mapped| OutputError::Unplaced {
        path: path.to_owned(),
        attrs: format!("line {} of an index", message.line),
    };
    let mut columns: BTreeMap<&str, Vec<Option<i64>>> = BTreeMap::new();
    let mut put = |column, value| columns.entry(column).or_default().push(value);
    let (mut rows, mut uris): (Vec<&Row>, Vec<Option<String>>) = (Vec::new(), Vec::new());
    for message in messages {
        let row = mapping.template.rows.get(message.row);
        let at = usize::try_from(message.location.object).ok();
        let uri = at.and_then(|at| mapping.objects.get(at));
        let step = message.step.as_seconds().checked_mul(NANOSECONDS);
        let time = nanoseconds(mapping.run.into());
        let valid = nanoseconds(Moment::from(mapping.run).after(message.step));
        let integer = |number: u64| i64::try_from(number).ok();
        let span = message.location.span;
        let (Some(row), Some(uri), Some(_), Some(_), Some(_)) = (row, uri, step, time, valid)
        else {
            return Err(unplaced(message));
        };
        let (Some(offset), Some(length)) = (integer(span.offset), integer(span.length)) else {
            return Err(unplaced(message));
        };
        rows.push(row);
        uris.push(Some(uri.clone()));
        put("step", step);
        put("time", time);
        put("valid_time", valid);
        let number = mapping.numbers.get(usize::from(message.member)).copied();
        put("number", number.flatten().map(i64::from));
        put("offset", Some(offset));
        put("length", Some(length));
    }
    let mut take = |column| columns.remove(column).unwrap_or_default();
    let texts = |text: fn(&Row) -> &str| {
        let text = |row: &&Row| Some(text(row).to_owned());
        Series::Texts(rows.iter().map(text).collect())
    };
    let level = |row: &&Row| row.level.map(|level| level.value);
    let columns = vec![
        ("varname", texts(|row| &row.variable.var_name)),
        ("stepType", texts(|row| &row.variable.step_type)),
        ("typeOfLevel", texts(|row| &row.variable.type_of_level)),
        ("name", texts(|row| &row.variable.name)),
        ("level", Series::Doubles(rows.iter().map(level).collect())),
        ("step", Series::Durations(take("step"))),
        ("time", Series::Moments(take("time"))),
        ("valid_time", Series::Moments(take("valid_time"))),
        ("number", Series::Integers(take("number"))),
        ("uri", Series::Texts(uris)),
        ("offset", Series::Integers(take("offset"))),
        ("length", Series::Integers(take("length"))),
    ];
    let frame = Frame {
        columns,
        index: None,
    };
    frame.write().map_err(|source| OutputError::Parquet {
        path: path.to_owned(),
        source: Box::new(source),
    })
}

fn nanoseconds(moment: Moment) -> Option<i64> {
    moment.as_seconds().checked_mul(NANOSECONDS)
}
