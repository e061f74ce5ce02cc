//! Reads chunk indexes from parquet.

use bytes::Bytes;

use super::{Chunk, ChunkIndexError};
use crate::keys::RawReference;
use crate::span::ByteSpan;
use crate::table::Table;
use crate::time::{Moment, Step};

/// Reads a chunk index, in the order of the file.
pub fn read(bytes: Bytes) -> Result<Vec<Chunk>, ChunkIndexError> {
    let table = Table::open(bytes)?;
    let texts = |name| table.texts(name);
    let (var_names, names) = (texts("varname")?, texts("name")?);
    let (types_of_level, step_types) = (texts("typeOfLevel")?, texts("stepType")?);
    let (urls, inline) = (texts("uri")?, texts("inline_value")?);
    let (steps, times) = (table.seconds("step")?, table.seconds("time")?);
    let levels = table.doubles("level")?;
    let (offsets, lengths) = (table.integers("offset")?, table.integers("length")?);
    let row = |row: usize| {
        let word = |column: &[Option<String>]| text(column, row).unwrap_or_default().to_owned();
        let seconds =
            |cells, column| cell(cells, row).ok_or(ChunkIndexError::Empty { row, column });
        let octets = |cells, column| {
            let found = cell(cells, row).ok_or(ChunkIndexError::Empty { row, column })?;
            u64::try_from(found).map_err(|_| ChunkIndexError::Negative { row, column, found })
        };
        let reference = match (text(&inline, row), text(&urls, row)) {
            // kerchunk then writes -1 for offset and length, and no uri.
            (Some(text), _) => RawReference::of_text("inline_value", text)?,
            (None, Some(url)) => RawReference::Range {
                url: url.to_owned(),
                span: ByteSpan::new(octets(&offsets, "offset")?, octets(&lengths, "length")?),
            },
            (None, None) => return Err(ChunkIndexError::Empty { row, column: "uri" }),
        };
        Ok(Chunk {
            var_name: text(&var_names, row)
                .ok_or(ChunkIndexError::Empty {
                    row,
                    column: "varname",
                })?
                .to_owned(),
            step_type: word(&step_types),
            type_of_level: word(&types_of_level),
            name: word(&names),
            level: cell(&levels, row),
            step: Step::seconds(seconds(&steps, "step")?),
            time: Moment::seconds(seconds(&times, "time")?),
            reference,
        })
    };
    (0..table.rows()).map(row).collect()
}

fn text(column: &[Option<String>], row: usize) -> Option<&str> {
    column.get(row)?.as_deref()
}

fn cell<T: Copy>(column: &[Option<T>], row: usize) -> Option<T> {
    column.get(row).copied().flatten()
}
