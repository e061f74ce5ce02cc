//! WMO and local code tables, as data: what a number of a section means.
//!
//! The tables are `core/tables/codes.csv`, generated from ecCodes' definitions: the newest version of each master table, which
//! only adds to those before, and the local tables of the centres that ecCodes has.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// What a number of a code table means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// ecCodes' abbreviation (`ecmf`, `sfc`, `fc`); empty where it has none. In flag tables the value of the bit.
    pub abbreviation: &'static str,
    /// The meaning, with its unit in parentheses.
    pub meaning: &'static str,
}

/// The tables that hold for a message: the master tables, and the local ones of a centre.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tables {
    /// Centre and version of its tables, where any are used.
    local: Option<(u16, u8)>,
}

impl Tables {
    /// The master tables only.
    pub const MASTER: Self = Self { local: None };

    /// The tables of a centre (common code table C-11) and version (code table 1.1), from section 1.
    pub fn local(centre: u16, version: u8) -> Self {
        Self {
            local: (version != 0).then_some((centre, version)),
        }
    }

    /// `kwbc.1`: abbreviation of the centre and version of its tables.
    fn scope(&self) -> Option<String> {
        let (centre, version) = self.local?;
        let abbreviation = find("c-11", "", u64::from(centre))?.abbreviation;
        (!abbreviation.is_empty()).then(|| format!("{abbreviation}.{version}"))
    }

    /// What `number` means in a table such as `4.5`, `4.2.0.1` or `c-11`: the centre's own meaning first.
    ///
    /// ```
    /// use gik_core::grib::table::Tables;
    /// let code = Tables::MASTER.code("4.10", 1).unwrap();
    /// assert_eq!(code.meaning, "Accumulation");
    /// ```
    pub fn code(&self, table: &str, number: u64) -> Option<Code> {
        let own = self.scope().and_then(|scope| find(table, &scope, number));
        own.or_else(|| find(table, "", number))
    }

    /// What the bits of an octet mean in a flag table such as `3.4`, the first bit first.
    pub fn flags(&self, table: &str, octet: u8) -> Vec<&'static str> {
        let rows = rows().get(&(table, "")).map_or(&[][..], Vec::as_slice);
        let holds = |(bit, code): &&(u64, Code)| {
            let shift = 8_u64.checked_sub(*bit).and_then(|s| u32::try_from(s).ok());
            let set = shift
                .and_then(|shift| octet.checked_shr(shift))
                .map(|value| value & 1);
            set.is_some_and(|set| code.abbreviation == if set == 1 { "1" } else { "0" })
        };
        let held = rows.iter().filter(holds);
        held.map(|(_, code)| code.meaning).collect()
    }
}

fn find(table: &str, scope: &str, number: u64) -> Option<Code> {
    let rows = rows().get(&(table, scope))?;
    let found = rows.iter().find(|(known, _)| *known == number);
    found.map(|(_, code)| *code)
}

/// Rows by table and scope, in the order of the file.
type Rows = BTreeMap<(&'static str, &'static str), Vec<(u64, Code)>>;

static CODES: OnceLock<Rows> = OnceLock::new();

#[cfg(feature = "tables")]
fn rows() -> &'static Rows {
    CODES.get_or_init(|| parse(include_str!("../../tables/codes.csv")))
}

/// Until [`provide`] was called no number has a meaning.
#[cfg(not(feature = "tables"))]
fn rows() -> &'static Rows {
    static NONE: Rows = Rows::new();
    CODES.get().unwrap_or(&NONE)
}

/// Takes the text of `codes.csv`, where it is not part of the crate; the first one stays.
#[cfg(not(feature = "tables"))]
pub fn provide(text: &'static str) {
    CODES.get_or_init(|| parse(text));
}

/// Rows that are no rows are left out; a test proves that the committed table has none.
fn parse(text: &'static str) -> Rows {
    let mut rows = Rows::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.splitn(5, ',');
        if let (Some(table), Some(scope), Some(code), Some(abbreviation), Some(meaning)) = (
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
            fields.next(),
        ) && let Ok(code) = code.parse()
        {
            let row = Code {
                abbreviation,
                meaning,
            };
            rows.entry((table, scope)).or_default().push((code, row));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_file_is_in_a_table() {
        let text = include_str!("../../tables/codes.csv");
        let lines = text.lines().filter(|line| !line.starts_with('#')).count();
        assert_eq!(rows().values().map(Vec::len).sum::<usize>(), lines);
    }

    #[test]
    fn a_local_table_adds_to_the_master_table() {
        let ncep = Tables::local(7, 1);
        assert_eq!(ncep.code("4.5", 103), Tables::MASTER.code("4.5", 103));
        assert!(Tables::MASTER.code("4.5", 200).is_none());
        assert_eq!(
            ncep.code("4.5", 200).unwrap().meaning,
            "Entire atmosphere (considered as a single layer)"
        );
        assert_eq!(Tables::local(7, 0), Tables::MASTER);
        // A centre without tables of its own.
        let missing = Tables::local(65_535, 1);
        assert_eq!(missing.code("4.5", 103), Tables::MASTER.code("4.5", 103));
        assert!(missing.code("4.5", 200).is_none());
    }

    #[test]
    fn centres_have_names() {
        let code = Tables::MASTER.code("c-11", 98).unwrap();
        assert_eq!(code.abbreviation, "ecmf");
    }

    #[test]
    fn each_bit_of_a_flag_table_has_one_meaning() {
        let flags = Tables::MASTER.flags("3.4", 0b0100_0000);
        assert_eq!(flags.len(), 8);
        assert_eq!(
            flags[..3],
            [
                "Points of first row or column scan in the +i (+x) direction",
                "Points of first row or column scan in the +j (+y) direction",
                "Adjacent points in i (x) direction are consecutive"
            ]
        );
        assert!(Tables::MASTER.flags("4.5", 1).is_empty());
    }
}
