//! What a store holds, in the order in which every format writes it: documents as text, arrays with the cells of their chunks.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use serde_json::{Value, json};

use super::OutputError;
use crate::keys::{RawReference, StoreKeys};
use crate::listing::Location;
use crate::refs::{Array, Chunks, RefStore, for_each_cell};
use crate::span::ByteSpan;
use crate::zarr::GroupMeta;

const ARRAY: &str = ".zarray";
const ATTRIBUTES: &str = ".zattrs";
const GROUP: &str = ".zgroup";
/// A document without members.
const EMPTY: &str = "{}";
/// Chunks of one array that are followed; a hostile shape asks for more.
const MOST_CHUNKS: u64 = 100_000_000;

/// A store, ready to be written.
pub(super) struct Contents<'a> {
    /// Groups sorted by path; the root is the empty path.
    pub(super) groups: Vec<Documents<'a>>,
    /// Arrays sorted by path.
    pub(super) arrays: Vec<ArrayContents<'a>>,
    /// Where the store comes from, as JSON.
    pub(super) provenance: String,
}

/// The documents of a group.
pub(super) struct Documents<'a> {
    pub(super) path: &'a str,
    /// Name, such as `.zgroup`, and text.
    texts: [(&'static str, String); 2],
}

/// An array: its documents and its chunks.
pub(super) struct ArrayContents<'a> {
    pub(super) documents: Documents<'a>,
    /// Number of chunks along each dimension; empty for a scalar.
    pub(super) grid: Vec<u64>,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Inline(&'a [u8]),
    Keys(BTreeMap<usize, Cell<'a>>),
    Messages(&'a [Option<Location>], &'a RefStore),
}

/// What one chunk holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    /// Octets of the store itself.
    Inline(&'a [u8]),
    /// A whole object.
    Whole(Object<'a>),
    /// A byte range of an object.
    Range(Object<'a>, ByteSpan),
}

/// An object that chunks lie in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Object<'a> {
    /// Its number in the store.
    pub(super) number: usize,
    pub(super) url: &'a str,
}

impl<'a> Contents<'a> {
    /// What a store of this crate holds.
    pub(super) fn of(store: &'a RefStore) -> Result<Self, OutputError> {
        let mut contents = Self {
            groups: Vec::with_capacity(store.groups.len()),
            arrays: Vec::with_capacity(store.arrays.len()),
            provenance: text("", &store.provenance)?,
        };
        for (path, attributes) in &store.groups {
            let texts = [
                (GROUP, text(path, &GroupMeta::default())?),
                (ATTRIBUTES, text(path, attributes)?),
            ];
            contents.groups.push(Documents { path, texts });
        }
        for (path, array) in &store.arrays {
            let texts = [
                (ARRAY, text(path, &array.meta)?),
                (ATTRIBUTES, text(path, &*array.attributes)?),
            ];
            contents.arrays.push(ArrayContents {
                documents: Documents { path, texts },
                grid: array.chunk_grid(),
                cells: cells(array, store),
            });
        }
        Ok(contents)
    }

    /// What a store that was read holds; see [`super::write_keys`].
    pub(super) fn of_keys(store: &'a StoreKeys, provenance: &str) -> Result<Self, OutputError> {
        let mut contents = Self {
            groups: Vec::new(),
            arrays: Vec::new(),
            provenance: provenance.to_owned(),
        };
        let mut chunks = Chunked::of(store);
        for key in store.keys.keys() {
            let (path, name) = key.rsplit_once('/').unwrap_or(("", key));
            let attributes = || match store.keys.contains_key(&self::key(path, ATTRIBUTES)) {
                true => document(store, &self::key(path, ATTRIBUTES)),
                false => Ok(json!({})),
            };
            match name {
                GROUP => contents.groups.push(Documents {
                    path,
                    texts: [
                        (GROUP, document(store, key)?.to_string()),
                        (ATTRIBUTES, attributes()?.to_string()),
                    ],
                }),
                ARRAY => {
                    let meta = document(store, key)?;
                    let grid = grid(path, &meta)?;
                    contents.arrays.push(ArrayContents {
                        documents: Documents {
                            path,
                            texts: [
                                (ARRAY, meta.to_string()),
                                (ATTRIBUTES, attributes()?.to_string()),
                            ],
                        },
                        cells: chunks.cells(path, &grid)?,
                        grid,
                    });
                }
                _ => {}
            }
        }
        contents.groups.sort_by_key(|group| group.path);
        contents.arrays.sort_by_key(|array| array.documents.path);
        Ok(contents)
    }

    /// The `.zmetadata` document: without it zarr 3 cannot list a store of references. `before` and `after` are
    /// members that stand before and after `metadata`, as JSON.
    pub(super) fn zmetadata(&self, before: &str, after: &str) -> Result<String, OutputError> {
        let arrays = self.arrays.iter().map(|array| &array.documents);
        let documents = self.groups.iter().chain(arrays);
        let mut sorted: Vec<(String, &String)> = documents
            .flat_map(|it| {
                let texts = it.texts.iter();
                texts.map(|(name, text)| (key(it.path, name), text))
            })
            .collect();
        // A document is written once, and stands here as it stands under its own key: its members are sorted too.
        sorted.sort_unstable();
        let size = sorted.iter().map(|(key, text)| key.len() + text.len() + 4);
        let mut out = String::with_capacity(size.sum::<usize>() + before.len() + after.len() + 64);
        out.push('{');
        out.push_str(before);
        out.push_str("\"metadata\":{");
        for (at, (key, document)) in sorted.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            out.push_str(&text(key, key)?);
            out.push(':');
            out.push_str(document);
        }
        out.push('}');
        out.push_str(after);
        out.push_str(",\"zarr_consolidated_format\":1}");
        Ok(out)
    }

    /// Visits every key: consolidated metadata, groups, then arrays with their chunks, each sorted by path.
    pub(super) fn for_each_entry<'s>(
        &'s self,
        mut visit: impl FnMut(&str, Entry<'s>) -> Result<(), OutputError>,
    ) -> Result<(), OutputError> {
        let metadata = self.zmetadata("", "")?;
        visit(".zmetadata", Entry::Document(Cow::Owned(metadata)))?;
        let mut name = String::new();
        for group in &self.groups {
            group.visit(&mut visit)?;
        }
        for array in &self.arrays {
            array.documents.visit(&mut visit)?;
            let path = array.documents.path;
            let mut result = Ok(());
            for_each_cell(&array.grid, |chunk, position| {
                if result.is_err() {
                    return;
                }
                result = array.cell(position).and_then(|cell| match cell {
                    None => Ok(()),
                    Some(cell) => {
                        name.clear();
                        name.push_str(path);
                        name.push('/');
                        name.push_str(chunk);
                        visit(&name, Entry::Chunk(cell))
                    }
                });
            });
            result?;
        }
        Ok(())
    }
}

/// What one key of a Zarr store holds.
pub(super) enum Entry<'a> {
    /// A chunk.
    Chunk(Cell<'a>),
    /// A metadata document, as text.
    Document(Cow<'a, str>),
}

impl Documents<'_> {
    fn visit<'s>(
        &'s self,
        visit: &mut impl FnMut(&str, Entry<'s>) -> Result<(), OutputError>,
    ) -> Result<(), OutputError> {
        for (name, text) in &self.texts {
            // A group without attributes has no document for them; `.zmetadata` says so with an empty one.
            if *name == ATTRIBUTES && text == EMPTY && self.texts.iter().any(|(it, _)| *it == GROUP)
            {
                continue;
            }
            visit(&key(self.path, name), Entry::Document(Cow::Borrowed(text)))?;
        }
        Ok(())
    }
}

impl<'a> ArrayContents<'a> {
    /// Chunks that the array's grid has.
    pub(super) fn len(&self) -> usize {
        let product = self
            .grid
            .iter()
            .try_fold(1_u64, |count, length| count.checked_mul(*length));
        product
            .and_then(|count| usize::try_from(count).ok())
            .unwrap_or(usize::MAX)
    }

    /// The octets of an array of one chunk that the store itself holds.
    pub(super) fn inline(&self) -> Option<&'a [u8]> {
        match &self.cells {
            Cells::Inline(octets) => Some(octets),
            Cells::Keys(_) | Cells::Messages(..) => None,
        }
    }

    /// What stands at a place of the grid, in C order; `None` where there is nothing.
    pub(super) fn cell(&self, position: usize) -> Result<Option<Cell<'a>>, OutputError> {
        match &self.cells {
            Cells::Inline(octets) => Ok((position == 0).then_some(Cell::Inline(octets))),
            Cells::Keys(cells) => Ok(cells.get(&position).copied()),
            Cells::Messages(cells, store) => {
                let Some(location) = cells.get(position).copied().flatten() else {
                    return Ok(None);
                };
                match store.url(location) {
                    Some(url) => {
                        let number = usize::try_from(location.object).unwrap_or(usize::MAX);
                        Ok(Some(Cell::Range(Object { number, url }, location.span)))
                    }
                    None => Err(OutputError::UnknownObject {
                        array: self.documents.path.to_owned(),
                        chunk: position,
                        object: location.object,
                        objects: store.objects.len(),
                    }),
                }
            }
        }
    }
}

fn cells<'a>(array: &'a Array, store: &'a RefStore) -> Cells<'a> {
    match &array.chunks {
        Chunks::Inline(octets) => Cells::Inline(octets),
        Chunks::Messages(cells) => Cells::Messages(cells, store),
    }
}

/// The chunks of a store by array, and numbers for the objects that they lie in.
struct Chunked<'a> {
    chunks: HashMap<&'a str, Vec<(&'a str, &'a RawReference)>>,
    objects: HashMap<&'a str, usize>,
}

impl<'a> Chunked<'a> {
    fn of(store: &'a StoreKeys) -> Self {
        let mut chunks: HashMap<&str, Vec<_>> = HashMap::new();
        for (key, reference) in &store.keys {
            if let Some((path, name)) = key.rsplit_once('/')
                && !name.starts_with('.')
            {
                chunks.entry(path).or_default().push((name, reference));
            }
        }
        let objects = HashMap::new();
        Self { chunks, objects }
    }

    fn cells(&mut self, path: &str, grid: &[u64]) -> Result<Cells<'a>, OutputError> {
        let mut cells = BTreeMap::new();
        for (name, reference) in self.chunks.remove(path).unwrap_or_default() {
            let position = position(name, grid).ok_or_else(|| OutputError::OutsideGrid {
                array: path.to_owned(),
                chunk: name.to_owned(),
                grid: grid.to_vec(),
            })?;
            let cell = match reference {
                RawReference::Inline(octets) => Cell::Inline(octets),
                RawReference::Object { url } => Cell::Whole(self.object(url)),
                RawReference::Range { url, span } => Cell::Range(self.object(url), *span),
            };
            cells.insert(position, cell);
        }
        let only = |position, cells: &BTreeMap<usize, Cell<'a>>| match cells.get(&position) {
            Some(Cell::Inline(octets)) if cells.len() == 1 => Some(*octets),
            _ => None,
        };
        let one = grid.iter().all(|length| *length == 1);
        Ok(match only(0, &cells).filter(|_| one) {
            Some(octets) => Cells::Inline(octets),
            None => Cells::Keys(cells),
        })
    }

    fn object(&mut self, url: &'a str) -> Object<'a> {
        let next = self.objects.len();
        let number = *self.objects.entry(url).or_insert(next);
        Object { number, url }
    }
}

/// The place of a chunk in C order by its key, where the grid has it.
fn position(name: &str, grid: &[u64]) -> Option<usize> {
    if grid.is_empty() {
        return (name == "0").then_some(0);
    }
    let indices: Vec<u64> = name
        .split('.')
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    if indices.len() != grid.len() {
        return None;
    }
    let mut position = 0_u64;
    for (index, length) in indices.iter().zip(grid) {
        position = position.checked_mul(*length)?.checked_add(*index)?;
        if index >= length {
            return None;
        }
    }
    usize::try_from(position).ok()
}

/// Number of chunks along each dimension.
fn grid(path: &str, meta: &Value) -> Result<Vec<u64>, OutputError> {
    let lengths = |name: &str| -> Option<Vec<u64>> {
        meta.get(name)?
            .as_array()?
            .iter()
            .map(Value::as_u64)
            .collect()
    };
    let grid = lengths("shape")
        .zip(lengths("chunks"))
        .and_then(|(shape, chunks)| {
            if shape.len() != chunks.len() || chunks.contains(&0) {
                return None;
            }
            let lengths = shape
                .iter()
                .zip(&chunks)
                .map(|(length, chunk)| length.div_ceil(*chunk));
            let grid: Vec<u64> = lengths.collect();
            let count = grid
                .iter()
                .try_fold(1_u64, |count, length| count.checked_mul(*length))?;
            (count <= MOST_CHUNKS).then_some(grid)
        });
    grid.ok_or_else(|| OutputError::Grid {
        array: path.to_owned(),
    })
}

fn document(store: &StoreKeys, key: &str) -> Result<Value, OutputError> {
    store.document(key).map_err(|source| OutputError::Document {
        key: key.to_owned(),
        source: Box::new(source),
    })
}

fn key(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}/{name}")
    }
}

/// A document as text.
pub(super) fn text(path: &str, document: &impl Serialize) -> Result<String, OutputError> {
    serde_json::to_string(document).map_err(|source| OutputError::Json {
        path: path.to_owned(),
        source,
    })
}
