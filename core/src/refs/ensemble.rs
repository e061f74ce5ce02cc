//! The members of a run as one store: a first axis `number`, sorted, the control being 0.
//!
//! Members share source, run, steps and variables. What all members say alike stands once; what one member does not have is a
//! chunk without a reference. Nothing is resampled: levels, grids or steps that differ are an error that names both members.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use serde_json::{Value, json};

use super::{Array, Chunks, RefStore};
use crate::listing::Location;
use crate::provenance::{IndexObject, Provenance};
use crate::zarr::{ArrayMeta, Attributes};

/// Name of the member axis and of its coordinate, as cfgrib has it.
const NUMBER: &str = "number";
/// Zarr's attribute that names the dimensions.
const DIMENSIONS: &str = "_ARRAY_DIMENSIONS";

/// Why stores of members make no ensemble.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// Members that disagree on what must be the same.
    #[error(transparent)]
    Differ(Box<Difference>),
    /// No store at all.
    #[error("no member to make an ensemble of")]
    Empty,
    /// A store that is not that of a member, or of several.
    #[error("{member}: not the store of one member: {found}")]
    NotAMember {
        /// Name of the member.
        member: String,
        /// Why not.
        found: &'static str,
    },
    /// Two stores of one member.
    #[error("{first} and {second} both have number {number}")]
    SameNumber {
        /// A member.
        first: String,
        /// Another.
        second: String,
        /// Their number.
        number: i64,
    },
}

/// What two members disagree on.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {what} of {first} and of {second} differ: {first_has} and {second_has}")]
pub struct Difference {
    /// The array, group or index; `the store` for the whole of it.
    pub path: String,
    /// What differs.
    pub what: &'static str,
    /// A member.
    pub first: String,
    /// Another.
    pub second: String,
    /// What the one has.
    pub first_has: String,
    /// What the other has.
    pub second_has: String,
}

/// Joins the stores of several members, in any order.
///
/// Arrays of messages become `(number, step, [level], y, x)`, chunk keys get the member's place in front; `number` is a coordinate
/// of every group. Provenance names all members and all indexes.
///
/// # Errors
/// [`JoinError`], which names the members that do not fit together.
pub fn join(stores: &[RefStore]) -> Result<RefStore, JoinError> {
    let mut members = Vec::with_capacity(stores.len());
    for store in stores {
        members.push(Member {
            number: number(store)?,
            store,
        });
    }
    members.sort_by_key(|member| member.number);
    let Some(first) = members.first() else {
        return Err(JoinError::Empty);
    };
    for (one, two) in members.iter().zip(members.iter().skip(1)) {
        same_run(first, two)?;
        if one.number == two.number {
            return Err(JoinError::SameNumber {
                first: one.name().to_owned(),
                second: two.name().to_owned(),
                number: one.number,
            });
        }
    }
    let objects = Objects::of(&members);
    let join = Join {
        members: &members,
        objects: &objects,
    };
    let paths: BTreeSet<&String> = stores
        .iter()
        .flat_map(|store| store.arrays.keys())
        .collect();
    let mut arrays = BTreeMap::new();
    for path in paths {
        arrays.insert(path.clone(), join.array(path)?);
    }
    let provenance = join.provenance()?;
    Ok(RefStore {
        groups: join.groups(&provenance)?,
        objects: objects.urls,
        arrays,
        provenance,
    })
}

struct Member<'a> {
    number: i64,
    store: &'a RefStore,
}

impl Member<'_> {
    fn name(&self) -> &str {
        &self.store.provenance.member
    }
}

/// The member's number: every group has it, and it is the same in all.
fn number(store: &RefStore) -> Result<i64, JoinError> {
    let not_a_member = |found| JoinError::NotAMember {
        member: store.provenance.member.clone(),
        found,
    };
    let mut known = None;
    let arrays = store
        .arrays
        .iter()
        .filter(|(path, _)| name_of(path) == NUMBER);
    for (_, array) in arrays {
        let octets = match &array.chunks {
            Chunks::Inline(octets) if array.meta.shape.is_empty() => octets.as_ref().try_into(),
            _ => return Err(not_a_member("`number` is an axis")),
        };
        let found = octets.map(i64::from_le_bytes);
        let found = found.map_err(|_| not_a_member("`number` is not a whole number"))?;
        if known.is_some_and(|known| known != found) {
            return Err(not_a_member("its groups have different numbers"));
        }
        known = Some(found);
    }
    known.ok_or_else(|| not_a_member("there is no `number`"))
}

fn same_run(first: &Member<'_>, other: &Member<'_>) -> Result<(), JoinError> {
    let said = |provenance: &Provenance| {
        [
            ("the sources", provenance.source.clone()),
            ("the eras", provenance.era.clone()),
            ("the runs", provenance.run.to_string()),
            ("the steps", provenance.steps.join(",")),
            ("the variables", provenance.variables.join(",")),
            ("the codecs", provenance.codec.clone()),
            ("the versions of gik", provenance.gik.clone()),
        ]
    };
    let pairs = said(&first.store.provenance)
        .into_iter()
        .zip(said(&other.store.provenance));
    for ((what, first_has), (_, second_has)) in pairs {
        if first_has != second_has {
            return Err(differ(
                "the store",
                what,
                first,
                other,
                [first_has, second_has],
            ));
        }
    }
    Ok(())
}

fn differ(
    path: &str,
    what: &'static str,
    first: &Member<'_>,
    second: &Member<'_>,
    [first_has, second_has]: [String; 2],
) -> JoinError {
    JoinError::Differ(Box::new(Difference {
        path: path.to_owned(),
        what,
        first: first.name().to_owned(),
        second: second.name().to_owned(),
        first_has,
        second_has,
    }))
}

/// The URLs of all members, each once, and where each member's objects stand in them.
struct Objects {
    urls: Vec<String>,
    /// For each member, the place of each of its objects.
    places: Vec<Vec<u32>>,
}

impl Objects {
    fn of(members: &[Member<'_>]) -> Self {
        let mut objects = Self {
            urls: Vec::new(),
            places: Vec::with_capacity(members.len()),
        };
        let mut known: HashMap<&str, u32> = HashMap::new();
        for member in members {
            let places = member.store.objects.iter().map(|url| {
                *known.entry(url).or_insert_with(|| {
                    objects.urls.push(url.clone());
                    u32::try_from(objects.urls.len() - 1).unwrap_or(u32::MAX)
                })
            });
            let places = places.collect();
            objects.places.push(places);
        }
        objects
    }

    /// A member's location; one of an object that the member does not have stays wrong, and the writers refuse it.
    fn moved(&self, member: usize, location: Location) -> Location {
        let places = self.places.get(member);
        let at = usize::try_from(location.object).ok();
        let object = places.zip(at).and_then(|(places, at)| places.get(at));
        Location {
            object: object.copied().unwrap_or(u32::MAX),
            span: location.span,
        }
    }
}

struct Join<'a> {
    members: &'a [Member<'a>],
    objects: &'a Objects,
}

impl<'a> Join<'a> {
    fn array(&self, path: &str) -> Result<Array, JoinError> {
        let there: Vec<(usize, &Member<'a>, &Array)> = self
            .members
            .iter()
            .enumerate()
            .filter_map(|(at, member)| Some((at, member, member.store.arrays.get(path)?)))
            .collect();
        let Some((_, first, example)) = there.first() else {
            return Err(JoinError::Empty);
        };
        if name_of(path) == NUMBER {
            return Ok(self.numbers(example));
        }
        for (_, other, array) in &there {
            alike(path, (first, example), (other, array))?;
        }
        match &example.chunks {
            Chunks::Messages(cells) if is_on_steps(example) => {
                let size = cells.len();
                let mut joined = vec![None; size * self.members.len()];
                for (at, _, array) in &there {
                    let Chunks::Messages(cells) = &array.chunks else {
                        continue;
                    };
                    let places = joined.iter_mut().skip(at * size);
                    for (place, cell) in places.zip(cells) {
                        *place = cell.map(|location| self.objects.moved(*at, location));
                    }
                }
                Ok(with_members(example, self.members.len(), joined))
            }
            // Coordinates that a message holds: one message tells them for all.
            Chunks::Messages(_) => Ok(self.first_message(&there, example)),
            Chunks::Inline(_) => shared(path, &there, example),
        }
    }

    fn first_message(&self, there: &[(usize, &Member<'a>, &Array)], example: &Array) -> Array {
        let mut array = example.clone();
        for (at, _, other) in there {
            if let Chunks::Messages(cells) = &other.chunks
                && cells.iter().all(Option::is_some)
            {
                let moved = |cell: &Option<Location>| {
                    cell.map(|location| self.objects.moved(*at, location))
                };
                array.chunks = Chunks::Messages(cells.iter().map(moved).collect());
                break;
            }
        }
        array
    }

    fn numbers(&self, example: &Array) -> Array {
        let octets = self
            .members
            .iter()
            .flat_map(|member| member.number.to_le_bytes());
        let count = length(self.members.len());
        let mut attributes = Attributes::clone(&example.attributes);
        attributes.insert(DIMENSIONS.to_owned(), json!([NUMBER]));
        Array {
            meta: ArrayMeta {
                shape: vec![count],
                chunks: vec![count],
                ..example.meta.clone()
            },
            attributes: attributes.into(),
            chunks: Chunks::Inline(octets.collect()),
        }
    }

    /// Groups of all members; coordinates that one member has more are added.
    fn groups(&self, provenance: &Provenance) -> Result<BTreeMap<String, Attributes>, JoinError> {
        let mut groups: BTreeMap<String, (&Member<'a>, Attributes)> = BTreeMap::new();
        for member in self.members {
            for (path, attributes) in member
                .store
                .groups
                .iter()
                .filter(|(path, _)| !path.is_empty())
            {
                match groups.entry(path.clone()) {
                    Entry::Vacant(entry) => {
                        entry.insert((member, attributes.clone()));
                    }
                    Entry::Occupied(mut entry) => {
                        let (first, known) = entry.get_mut();
                        let mut other = attributes.clone();
                        add_coordinates(known, &mut other);
                        if *known != other {
                            let texts = [&*known, &other].map(|it| json!(it).to_string());
                            return Err(differ(path, "the attributes", first, member, texts));
                        }
                    }
                }
            }
        }
        let mut groups: BTreeMap<String, Attributes> = groups
            .into_iter()
            .map(|(path, (_, attributes))| (path, attributes))
            .collect();
        let root = self
            .members
            .first()
            .and_then(|first| first.store.groups.get(""));
        let mut root = root.cloned().unwrap_or_default();
        root.remove("gik_member");
        root.insert("gik_members".to_owned(), json!(self.names()));
        root.insert("gik_template".to_owned(), json!(provenance.template));
        groups.insert(String::new(), root);
        Ok(groups)
    }

    fn names(&self) -> Vec<&str> {
        self.members.iter().map(Member::name).collect()
    }

    fn provenance(&self) -> Result<Provenance, JoinError> {
        let Some(first) = self.members.first() else {
            return Err(JoinError::Empty);
        };
        let mut indexes: Vec<IndexObject> = Vec::new();
        let mut known: HashMap<&str, (&Member<'_>, &IndexObject)> = HashMap::new();
        let mut templates: Vec<&str> = Vec::new();
        for member in self.members {
            let provenance = &member.store.provenance;
            if !templates.contains(&provenance.template.as_str()) {
                templates.push(&provenance.template);
            }
            for index in &provenance.indexes {
                match known.get(index.path.as_str()) {
                    None => {
                        known.insert(&index.path, (member, index));
                        indexes.push(index.clone());
                    }
                    Some((_, other)) if *other == index => {}
                    Some((first, other)) => {
                        let hashes = [other.sha256.clone(), index.sha256.clone()];
                        return Err(differ(&index.path, "the contents", first, member, hashes));
                    }
                }
            }
        }
        Ok(Provenance {
            member: self.names().join(","),
            template: templates.join(","),
            indexes,
            ..first.store.provenance.clone()
        })
    }
}

/// Whether two members' arrays can stand beside each other.
fn alike(
    path: &str,
    (first, one): (&Member<'_>, &Array),
    (second, two): (&Member<'_>, &Array),
) -> Result<(), JoinError> {
    let shapes = [&one.meta, &two.meta].map(|meta| format!("{:?}", meta.shape));
    if one.meta.shape != two.meta.shape {
        return Err(differ(path, "the shapes", first, second, shapes));
    }
    if one.meta != two.meta {
        let texts = [&one.meta, &two.meta].map(|meta| json!(meta).to_string());
        return Err(differ(path, "the metadata", first, second, texts));
    }
    for name in one.attributes.keys().chain(two.attributes.keys()) {
        let values = [&one.attributes, &two.attributes].map(|it| it.get(name));
        if values.first() != values.last() {
            let texts = values.map(|value| format!("{name} {}", value.unwrap_or(&Value::Null)));
            return Err(differ(path, "the attributes", first, second, texts));
        }
    }
    match (&one.chunks, &two.chunks) {
        (Chunks::Inline(_), Chunks::Inline(_)) => Ok(()),
        (Chunks::Messages(one), Chunks::Messages(two)) if one.len() == two.len() => Ok(()),
        (one, two) => {
            let texts = [one, two].map(|chunks| match chunks {
                Chunks::Inline(_) => "inline values".to_owned(),
                Chunks::Messages(cells) => format!("{} messages", cells.len()),
            });
            Err(differ(path, "the chunks", first, second, texts))
        }
    }
}

/// A coordinate that all members share. Windows of time may be known by one member only: missing values are filled.
fn shared(
    path: &str,
    there: &[(usize, &Member<'_>, &Array)],
    example: &Array,
) -> Result<Array, JoinError> {
    let fills = name_of(path).starts_with("step_bounds");
    let mut joined: Option<(&Member<'_>, Vec<u8>)> = None;
    for (_, member, array) in there {
        let Chunks::Inline(octets) = &array.chunks else {
            continue;
        };
        let Some((first, known)) = &mut joined else {
            joined = Some((member, octets.to_vec()));
            continue;
        };
        if known == octets {
            continue;
        }
        if !fills || !filled(known, octets) {
            let texts = [known.as_slice(), octets].map(told);
            return Err(differ(path, "the values", first, member, texts));
        }
    }
    Ok(Array {
        chunks: Chunks::Inline(joined.map(|(_, octets)| octets).unwrap_or_default().into()),
        ..example.clone()
    })
}

/// Fills values that are missing in `known`; false where both have a value and it is not the same.
fn filled(known: &mut [u8], other: &[u8]) -> bool {
    const SIZE: usize = size_of::<f64>();
    let missing = |octets: &[u8]| {
        octets
            .try_into()
            .is_ok_and(|it| f64::from_le_bytes(it).is_nan())
    };
    known.len() == other.len()
        && known
            .chunks_exact_mut(SIZE)
            .zip(other.chunks_exact(SIZE))
            .all(|(known, other)| {
                if missing(known) {
                    known.copy_from_slice(other);
                }
                known == other || missing(other)
            })
}

/// Where values begin and end, as doubles: enough to see which grid or axis it is.
fn told(octets: &[u8]) -> String {
    let values = octets
        .chunks_exact(size_of::<f64>())
        .filter_map(|it| it.try_into().ok());
    let values: Vec<f64> = values.map(f64::from_le_bytes).collect();
    match (values.first(), values.last()) {
        (Some(first), Some(last)) => format!("{} values from {first} to {last}", values.len()),
        _ => "no values".to_owned(),
    }
}

fn with_members(example: &Array, members: usize, cells: Vec<Option<Location>>) -> Array {
    let mut array = Array {
        meta: example.meta.clone(),
        attributes: example.attributes.clone(),
        chunks: Chunks::Messages(cells),
    };
    array.meta.shape.insert(0, length(members));
    array.meta.chunks.insert(0, 1);
    if let Some(Value::Array(dimensions)) = Arc::make_mut(&mut array.attributes).get_mut(DIMENSIONS)
    {
        dimensions.insert(0, json!(NUMBER));
    }
    array
}

fn is_on_steps(array: &Array) -> bool {
    let dimensions = array.attributes.get(DIMENSIONS).and_then(Value::as_array);
    dimensions.and_then(|names| names.first()) == Some(&json!("step"))
}

/// Makes the coordinates that two groups list the same: what only one has comes last.
fn add_coordinates(one: &mut Attributes, two: &mut Attributes) {
    let listed = |attributes: &Attributes| -> Option<Vec<String>> {
        let text = attributes.get("coordinates")?.as_str()?;
        Some(text.split(' ').map(str::to_owned).collect())
    };
    if let (Some(mut names), Some(more)) = (listed(one), listed(two)) {
        for name in more {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for attributes in [one, two] {
            attributes.insert("coordinates".to_owned(), json!(names.join(" ")));
        }
    }
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// A length as Zarr counts it.
fn length(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
