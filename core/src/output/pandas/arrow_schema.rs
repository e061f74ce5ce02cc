//! An Arrow schema as an IPC message: what pyarrow looks for under `ARROW:schema`.
//!
//! Sources: Arrow columnar format, `Message.fbs` and `Schema.fbs` (slots are numbered in their order); FlatBuffers internals. Offsets
//! of FlatBuffers point forward, so that a parent is written before its children and its offsets are filled in afterwards.

use super::Series;

/// `MetadataVersion.V5`.
const VERSION_5: i16 = 4;
/// `MessageHeader.Schema`.
const SCHEMA: u8 = 1;
/// `TimeUnit.NANOSECOND`.
const NANOSECOND: i16 = 3;
/// `Precision.DOUBLE`.
const DOUBLE: i16 = 2;

/// The encapsulated message: continuation, length, FlatBuffer padded to 8 octets.
///
/// `metadata` are entries of the footer once more: where there is an Arrow schema, pyarrow looks for them in it alone.
pub(super) fn encode<'a>(
    columns: impl Iterator<Item = (&'a str, &'a Series)>,
    metadata: &[(&str, &str)],
) -> Vec<u8> {
    let fields = columns.map(|(name, series)| field(name, series)).collect();
    let entry = |(key, value): &(&str, &str)| {
        let text = |text: &str| Slot::Child(Node::Text(text.to_owned()));
        Node::Table(vec![text(key), text(value)])
    };
    let metadata = metadata.iter().map(entry).collect();
    // `Schema`: byte order (little endian), fields, metadata.
    let schema = Node::Table(vec![
        Slot::Absent,
        Slot::Child(Node::List(fields)),
        Slot::Child(Node::List(metadata)),
    ]);
    let message = Node::Table(vec![
        Slot::Short(VERSION_5),
        Slot::Byte(SCHEMA),
        Slot::Child(schema),
    ]);
    let mut buffer = Buffer { octets: vec![0; 4] };
    let root = buffer.write(&message);
    buffer.fill(0, root);
    buffer.align(8);
    let mut encoded = vec![0xff; 4];
    encoded.extend(number(buffer.octets.len()).to_le_bytes());
    encoded.extend(buffer.octets);
    encoded
}

/// `Field`: name, nullable, type (two slots), dictionary, children.
fn field(name: &str, series: &Series) -> Node {
    let (kind, members) = match series {
        Series::Nulls(_) => (1, vec![]),
        Series::Integers(_) => (2, vec![Slot::Int(64), Slot::Byte(1)]),
        Series::Doubles(_) => (3, vec![Slot::Short(DOUBLE)]),
        Series::Texts(_) => (5, vec![]),
        Series::Moments(_) => (10, vec![Slot::Short(NANOSECOND)]),
        Series::Durations(_) => (18, vec![Slot::Short(NANOSECOND)]),
    };
    Node::Table(vec![
        Slot::Child(Node::Text(name.to_owned())),
        Slot::Byte(1),
        Slot::Byte(kind),
        Slot::Child(Node::Table(members)),
        Slot::Absent,
        Slot::Child(Node::List(Vec::new())),
    ])
}

/// What a FlatBuffer is made of.
enum Node {
    List(Vec<Self>),
    Table(Vec<Slot>),
    Text(String),
}

/// A member of a table.
enum Slot {
    Absent,
    Byte(u8),
    Child(Node),
    Int(i32),
    Short(i16),
}

impl Slot {
    fn size(&self) -> usize {
        match self {
            Self::Absent => 0,
            Self::Byte(_) => 1,
            Self::Short(_) => 2,
            Self::Child(_) | Self::Int(_) => 4,
        }
    }
}

struct Buffer {
    octets: Vec<u8>,
}

impl Buffer {
    /// Writes a node and all below it, and returns its place.
    fn write(&mut self, node: &Node) -> usize {
        match node {
            Node::Text(text) => {
                let at = self.list(text.len());
                self.octets.extend(text.as_bytes());
                self.octets.push(0);
                at
            }
            Node::List(items) => {
                let at = self.list(items.len());
                let first = self.octets.len();
                self.octets.resize(first + 4 * items.len(), 0);
                for (number, item) in items.iter().enumerate() {
                    let place = self.write(item);
                    self.fill(first + 4 * number, place);
                }
                at
            }
            Node::Table(slots) => self.table(slots),
        }
    }

    fn list(&mut self, length: usize) -> usize {
        self.align(4);
        let at = self.octets.len();
        self.octets.extend(number(length).to_le_bytes());
        at
    }

    /// The vtable, then the table: its distance to the vtable, and the members, largest first so that each is aligned.
    fn table(&mut self, slots: &[Slot]) -> usize {
        let mut places = vec![0_usize; slots.len()];
        let mut length = 4;
        for size in [4, 2, 1] {
            for (place, slot) in places.iter_mut().zip(slots) {
                if slot.size() == size {
                    *place = length;
                    length += size;
                }
            }
        }
        let vtable = 4 + 2 * slots.len();
        // The vtable ends where the table begins, on a multiple of 4.
        while !(self.octets.len() + vtable).is_multiple_of(4) {
            self.octets.push(0);
        }
        for short in [vtable, length].iter().chain(&places) {
            let short = u16::try_from(*short).unwrap_or(u16::MAX);
            self.octets.extend(short.to_le_bytes());
        }
        let at = self.octets.len();
        self.octets.extend(number(vtable).to_le_bytes());
        self.octets.resize(at + length, 0);
        for (place, slot) in places.iter().zip(slots) {
            match slot {
                Slot::Absent => {}
                Slot::Byte(value) => self.put(at + place, &[*value]),
                Slot::Short(value) => self.put(at + place, &value.to_le_bytes()),
                Slot::Int(value) => self.put(at + place, &value.to_le_bytes()),
                Slot::Child(child) => {
                    let child = self.write(child);
                    self.fill(at + place, child);
                }
            }
        }
        at
    }

    /// The offset from one place to a later one.
    fn fill(&mut self, at: usize, target: usize) {
        self.put(at, &number(target - at).to_le_bytes());
    }

    fn put(&mut self, at: usize, octets: &[u8]) {
        for (place, octet) in self.octets.iter_mut().skip(at).zip(octets) {
            *place = *octet;
        }
    }

    fn align(&mut self, to: usize) {
        self.octets
            .resize(self.octets.len().next_multiple_of(to), 0);
    }
}

/// Schemas are far below 4 GiB.
fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(octets: &[u8], place: usize) -> usize {
        usize::try_from(u32::from_le_bytes(
            octets[place..place + 4].try_into().unwrap(),
        ))
        .unwrap()
    }

    /// The place of a table's member, by way of its vtable.
    fn member(octets: &[u8], table: usize, slot: usize) -> usize {
        let vtable = table - at(octets, table);
        let entry = vtable + 4 + 2 * slot;
        table + usize::from(u16::from_le_bytes([octets[entry], octets[entry + 1]]))
    }

    fn child(octets: &[u8], table: usize, slot: usize) -> usize {
        let place = member(octets, table, slot);
        place + at(octets, place)
    }

    #[test]
    fn a_schema_is_found_as_flatbuffers_are_read() {
        let columns = [
            ("step", Series::Durations(vec![])),
            ("offset_idx", Series::Integers(vec![])),
        ];
        let columns = columns.iter().map(|(name, series)| (*name, series));
        let encoded = encode(columns, &[("pandas", "{}")]);
        assert_eq!(encoded[..4], [0xff; 4]);
        assert_eq!(at(&encoded, 4), encoded.len() - 8);
        let octets = &encoded[8..];
        assert!(octets.len().is_multiple_of(8));
        let message = at(octets, 0);
        assert_eq!(octets[member(octets, message, 0)], 4);
        assert_eq!(octets[member(octets, message, 1)], 1);
        let fields = child(octets, child(octets, message, 2), 1);
        assert_eq!(at(octets, fields), 2);
        let place = fields + 8;
        let field = place + at(octets, place);
        let name = child(octets, field, 0);
        assert_eq!(
            &octets[name + 4..name + 4 + at(octets, name)],
            b"offset_idx"
        );
        assert_eq!(octets[member(octets, field, 2)], 2);
        let integer = child(octets, field, 3);
        assert_eq!(at(octets, member(octets, integer, 0)), 64);
        let metadata = child(octets, child(octets, message, 2), 2) + 4;
        let value = child(octets, metadata + at(octets, metadata), 1);
        assert_eq!(&octets[value..value + 7], b"\x02\0\0\0{}\0");
    }
}
