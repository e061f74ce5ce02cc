//! Parquet files that pandas opens with the types that it wrote them with itself.
//!
//! Parquet has no type for durations and no index. pyarrow keeps both in the footer: an Arrow schema (`ARROW:schema`) and a JSON
//! document (`pandas`). Source: pandas developer documentation, "Storing pandas DataFrame objects in Apache Parquet format".

mod arrow_schema;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use parquet::errors::ParquetError;
use serde_json::{Value, json};

use crate::columns::{Column, Table};

/// Version of pandas whose documents these are.
const PANDAS: &str = "2.3.0";

/// Columns with pandas' types.
pub(super) struct Frame {
    /// In the order of the file.
    pub(super) columns: Vec<(&'static str, Series)>,
    /// The column that is the index; pandas numbers the rows where there is none.
    pub(super) index: Option<&'static str>,
}

/// A column, by what pandas makes of it.
pub(super) enum Series {
    /// `float64`.
    Doubles(Vec<Option<f64>>),
    /// `timedelta64[ns]`, in nanoseconds.
    Durations(Vec<Option<i64>>),
    /// `int64`; with a cell missing `float64`, as pandas itself would have it.
    Integers(Vec<Option<i64>>),
    /// `datetime64[ns]`, in nanoseconds since 1970.
    Moments(Vec<Option<i64>>),
    /// `object` of nothing but `None`.
    Nulls(usize),
    /// `object` of text.
    Texts(Vec<Option<String>>),
}

impl Frame {
    /// The bytes of a parquet file. The same frame gives the same bytes.
    pub(super) fn write(self) -> Result<Vec<u8>, ParquetError> {
        let columns: Vec<_> = self
            .columns
            .into_iter()
            .map(|(name, series)| (name, series.typed()))
            .collect();
        let rows = columns.first().map_or(0, |(_, series)| series.len());
        let pandas = document(&columns, self.index, rows).to_string();
        let described = columns.iter().map(|(name, series)| (*name, series));
        let schema = arrow_schema::encode(described, &[("pandas", &pandas)]);
        let footer = BTreeMap::from([
            ("ARROW:schema".to_owned(), STANDARD.encode(schema)),
            ("pandas".to_owned(), pandas),
        ]);
        let columns = columns
            .into_iter()
            .map(|(name, series)| (name.to_owned(), series.column()))
            .collect();
        Table { columns, footer }.write()
    }
}

impl Series {
    /// Whole numbers become doubles where one is missing.
    fn typed(self) -> Self {
        match self {
            Self::Integers(cells) if cells.iter().any(Option::is_none) => {
                #[expect(
                    clippy::as_conversions,
                    reason = "as pandas does; offsets are below 2^53"
                )]
                let double = |cell: Option<i64>| cell.map(|number| number as f64);
                Self::Doubles(cells.into_iter().map(double).collect())
            }
            other => other,
        }
    }

    fn len(&self) -> usize {
        match self {
            Self::Doubles(cells) => cells.len(),
            Self::Durations(cells) | Self::Integers(cells) | Self::Moments(cells) => cells.len(),
            Self::Nulls(rows) => *rows,
            Self::Texts(cells) => cells.len(),
        }
    }

    fn column(self) -> Column {
        match self {
            Self::Doubles(cells) => Column::Float(cells),
            Self::Durations(cells) | Self::Integers(cells) => Column::Integer(cells),
            Self::Moments(cells) => Column::Moment(cells),
            Self::Nulls(rows) => Column::Null(rows),
            Self::Texts(cells) => Column::Text(cells),
        }
    }

    /// `pandas_type` and `numpy_type`.
    fn words(&self) -> (&'static str, &'static str) {
        match self {
            Self::Doubles(_) => ("float64", "float64"),
            // pyarrow's word for what it has no pandas type for.
            Self::Durations(_) => ("object", "timedelta64[ns]"),
            Self::Integers(_) => ("int64", "int64"),
            Self::Moments(_) => ("datetime", "datetime64[ns]"),
            Self::Nulls(_) => ("empty", "object"),
            Self::Texts(_) => ("unicode", "object"),
        }
    }
}

fn document(columns: &[(&str, Series)], index: Option<&str>, rows: usize) -> Value {
    let described: Vec<Value> = columns
        .iter()
        .map(|(name, series)| {
            let (pandas, numpy) = series.words();
            json!({ "name": name, "field_name": name, "pandas_type": pandas, "numpy_type": numpy, "metadata": null })
        })
        .collect();
    let numbered = json!({ "kind": "range", "name": null, "start": 0, "stop": rows, "step": 1 });
    json!({
        "index_columns": [index.map_or(numbered, |name| json!(name))],
        "column_indexes": [{ "name": null, "field_name": null, "pandas_type": "unicode", "numpy_type": "object",
            "metadata": { "encoding": "UTF-8" } }],
        "columns": described,
        "attributes": {},
        "creator": { "library": "gik", "version": env!("CARGO_PKG_VERSION") },
        "pandas_version": PANDAS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_that_is_missing_makes_the_column_one_of_doubles() {
        let whole = Series::Integers(vec![Some(1), Some(2)]).typed();
        assert!(matches!(whole, Series::Integers(_)));
        let Series::Doubles(cells) = Series::Integers(vec![Some(1), None]).typed() else {
            panic!("still integers")
        };
        assert_eq!(cells, [Some(1.0), None]);
    }

    #[test]
    fn the_index_is_named_or_numbered() {
        let columns = [("step", Series::Durations(vec![Some(0)]))];
        let named = document(&columns, Some("step"), 1);
        assert_eq!(named["index_columns"][0], "step");
        assert_eq!(named["columns"][0]["numpy_type"], "timedelta64[ns]");
        assert_eq!(document(&columns, None, 7)["index_columns"][0]["stop"], 7);
    }
}
