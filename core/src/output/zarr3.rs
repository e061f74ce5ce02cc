//! A dataset as a Zarr store of version 3: a folder of documents and chunks that are packed with gzip.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::{Artifact, OutputError};
use crate::dataset::{Attribute, Attributes, Dataset, Values, Variable};

/// How hard gzip tries: more takes twice the time for a few per cent.
const LEVEL: u32 = 1;

/// The files of a store. A chunk holds what its last two dimensions span; coordinates are one chunk.
///
/// # Errors
/// [`OutputError::Shape`] where an array has not as many values as its dimensions say.
pub fn write(dataset: &Dataset) -> Result<Vec<Artifact>, OutputError> {
    let mut artifacts = Vec::new();
    let mut documents = Map::new();
    for variable in &dataset.variables {
        let lengths = dataset
            .shape(variable)
            .filter(|lengths| lengths.iter().product::<usize>() == variable.values.len());
        let lengths = lengths.ok_or_else(|| OutputError::Shape {
            array: variable.name.clone(),
            values: variable.values.len(),
        })?;
        let chunk = chunk_of(&lengths);
        let document = array(variable, &lengths, &chunk);
        artifacts.push(text(&format!("{}/zarr.json", variable.name), &document));
        documents.insert(variable.name.clone(), document);
        let octets = octets(&variable.values);
        let size = octets.len() / variable.values.len().max(1);
        let length = chunk.iter().product::<usize>().max(1) * size.max(1);
        for (at, part) in octets.chunks(length).enumerate() {
            let key = key(at, &lengths, &chunk);
            artifacts.push(Artifact {
                path: format!("{}/c{key}", variable.name),
                bytes: packed(part).into(),
            });
        }
    }
    // Written last: without it there is no store.
    let group = json!({
        "zarr_format": 3,
        "node_type": "group",
        "attributes": attributes(&dataset.attributes),
        "consolidated_metadata": { "kind": "inline", "must_understand": false, "metadata": documents },
    });
    artifacts.push(text("zarr.json", &group));
    Ok(artifacts)
}

fn chunk_of(lengths: &[usize]) -> Vec<usize> {
    let outer = lengths.len().saturating_sub(2);
    if outer == 0 {
        return lengths.to_vec();
    }
    let each = lengths.iter().enumerate();
    each.map(|(at, length)| if at < outer { 1 } else { *length })
        .collect()
}

/// `/0/3/0/0` of the chunk with that number, in C order.
fn key(number: usize, lengths: &[usize], chunk: &[usize]) -> String {
    let mut rest = number;
    let mut parts = Vec::new();
    for (length, chunk) in lengths.iter().zip(chunk).rev() {
        let count = length.div_ceil((*chunk).max(1)).max(1);
        parts.push(format!("/{}", rest % count));
        rest /= count;
    }
    parts.reverse();
    parts.concat()
}

fn array(variable: &Variable, lengths: &[usize], chunk: &[usize]) -> Value {
    let (data_type, fill) = match &variable.values {
        Values::F32(_) => ("float32", json!("NaN")),
        Values::F64(_) => ("float64", json!("NaN")),
        Values::I32(_) => ("int32", json!(0)),
        Values::I64(_) => ("int64", json!(0)),
    };
    json!({
        "zarr_format": 3,
        "node_type": "array",
        "shape": lengths,
        "data_type": data_type,
        "chunk_grid": { "name": "regular", "configuration": { "chunk_shape": chunk } },
        "chunk_key_encoding": { "name": "default", "configuration": { "separator": "/" } },
        "fill_value": fill,
        "codecs": [
            { "name": "bytes", "configuration": { "endian": "little" } },
            { "name": "gzip", "configuration": { "level": LEVEL } },
        ],
        "dimension_names": variable.dimensions,
        "attributes": attributes(&variable.attributes),
        "storage_transformers": [],
    })
}

fn attributes(attributes: &Attributes) -> Value {
    let each = attributes.iter().map(|(name, value)| {
        let value = match value {
            Attribute::Integer(number) => json!(number),
            Attribute::Number(number) => json!(number),
            Attribute::Text(text) => json!(text),
        };
        (name.clone(), value)
    });
    Value::Object(each.collect())
}

fn text(path: &str, document: &Value) -> Artifact {
    Artifact {
        path: path.to_owned(),
        bytes: document.to_string().into_bytes().into(),
    }
}

fn octets(values: &Values) -> Vec<u8> {
    match values {
        Values::F32(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        Values::F64(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        Values::I32(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
        Values::I64(values) => values.iter().flat_map(|it| it.to_le_bytes()).collect(),
    }
}

fn packed(octets: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(LEVEL));
    // A vector takes all that is written.
    let _ = encoder.write_all(octets);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Dimension;

    fn dataset(values: Vec<f32>) -> Dataset {
        let dimension = |(name, length): (&str, usize)| Dimension {
            name: name.to_owned(),
            length,
        };
        Dataset {
            dimensions: [("t", 3), ("y", 2), ("x", 1)].map(dimension).to_vec(),
            variables: vec![Variable {
                name: "v".to_owned(),
                dimensions: ["t", "y", "x"].map(str::to_owned).to_vec(),
                values: Values::F32(values),
                attributes: vec![("units".to_owned(), "K".into())],
                fill: true,
            }],
            attributes: Vec::new(),
        }
    }

    #[test]
    fn a_chunk_is_what_the_last_two_dimensions_span() {
        let artifacts = write(&dataset(vec![1.0; 6])).unwrap();
        let paths: Vec<&str> = artifacts.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(
            paths,
            [
                "v/zarr.json",
                "v/c/0/0/0",
                "v/c/1/0/0",
                "v/c/2/0/0",
                "zarr.json"
            ]
        );
        assert_eq!(write(&dataset(vec![1.0; 6])).unwrap(), artifacts);
    }

    #[test]
    fn values_that_do_not_fill_their_dimensions_are_an_error() {
        let error = write(&dataset(vec![1.0; 5])).unwrap_err();
        assert!(matches!(error, OutputError::Shape { values: 5, .. }));
    }
}
