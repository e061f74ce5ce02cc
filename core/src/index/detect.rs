//! What a file is, from its first bytes.

use std::fmt;

use super::Dialect;

/// A file that is no index.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an index file: {found}")]
pub struct NotAnIndex {
    /// What it is instead.
    pub found: Found,
}

/// What was found where an index was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// Neither text nor a format that we know.
    Binary,
    /// Text with a byte order mark, which no index has.
    ByteOrderMark,
    /// bzip2.
    Bzip2,
    /// An index that cfgrib keeps for itself, a Python pickle.
    CfgribIndex,
    /// No bytes, or blank lines only.
    Empty,
    /// GRIB itself.
    Grib,
    /// gzip.
    Gzip,
    /// netCDF-4 or HDF5.
    Hdf5,
    /// A web page.
    Html,
    /// JSON, but not a line of MARS keywords.
    Json,
    /// A classic netCDF file.
    Netcdf,
    /// Parquet.
    Parquet,
    /// Another Python pickle.
    Pickle,
    /// Text that is no index; the start of its first line.
    Text(String),
    /// XML; the error code of an object store, where it has one.
    Xml(Option<String>),
    /// xz.
    Xz,
    /// zip.
    Zip,
    /// Zstandard.
    Zstd,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "unknown binary data",
            Self::ByteOrderMark => "text with a byte order mark",
            Self::Bzip2 => "bzip2 data",
            Self::CfgribIndex => "an index of cfgrib (a Python pickle)",
            Self::Empty => "nothing but blanks",
            Self::Grib => "a GRIB file",
            Self::Gzip => "gzip data",
            Self::Hdf5 => "an HDF5 or netCDF-4 file",
            Self::Html => "an HTML page",
            Self::Json => "JSON without `_offset`",
            Self::Netcdf => "a netCDF file",
            Self::Parquet => "a Parquet file",
            Self::Pickle => "a Python pickle",
            Self::Text(line) => return write!(f, "text that starts with `{line}`"),
            Self::Xml(Some(code)) => return write!(f, "an XML answer with the error `{code}`"),
            Self::Xml(None) => "XML",
            Self::Xz => "xz data",
            Self::Zip => "a zip file",
            Self::Zstd => "Zstandard data",
        })
    }
}

/// Formats that start with fixed bytes.
const MAGIC: [(&[u8], Found); 12] = [
    (b"GRIB", Found::Grib),
    (b"\x1f\x8b", Found::Gzip),
    (b"\x28\xb5\x2f\xfd", Found::Zstd),
    (b"BZh", Found::Bzip2),
    (b"\xfd7zXZ\0", Found::Xz),
    (b"PK\x03\x04", Found::Zip),
    (b"PAR1", Found::Parquet),
    (b"\x89HDF", Found::Hdf5),
    (b"CDF\x01", Found::Netcdf),
    (b"CDF\x02", Found::Netcdf),
    (b"CDF\x05", Found::Netcdf),
    (b"\xef\xbb\xbf", Found::ByteOrderMark),
];

impl Dialect {
    /// The dialect of the index that starts with those bytes; a few hundred are enough.
    ///
    /// Only the first line decides that it is an index. Whether all lines are good is for [`parse`](super::parse) to say.
    pub fn detect(prefix: &[u8]) -> Result<Self, NotAnIndex> {
        dialect(prefix).map_err(|found| NotAnIndex { found })
    }
}

fn dialect(prefix: &[u8]) -> Result<Dialect, Found> {
    if let [0x80, 2..=5, ..] = prefix {
        return Err(if contains(prefix, b"cfgrib") {
            Found::CfgribIndex
        } else {
            Found::Pickle
        });
    }
    if let Some((_, found)) = MAGIC.iter().find(|(magic, _)| prefix.starts_with(magic)) {
        return Err(found.clone());
    }
    let text = prefix.trim_ascii_start();
    let line = text
        .split(|octet| *octet == b'\n')
        .next()
        .unwrap_or_default();
    match text.first() {
        None => Err(Found::Empty),
        Some(b'<') => Err(markup(text)),
        Some(b'{') if contains(line, b"\"_offset\"") || contains(line, b"\"offset\"") => {
            Ok(Dialect::Ecmwf)
        }
        Some(b'{' | b'[') => Err(Found::Json),
        Some(b'0'..=b'9') if is_inventory(line) => Ok(Dialect::Noaa),
        Some(_) => Err(words(line)),
    }
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}

/// `36:100:d=` or `36.1:100:D=`.
fn is_inventory(line: &[u8]) -> bool {
    let mut fields = line.splitn(3, |octet| *octet == b':');
    let number = fields.next().unwrap_or_default();
    let offset = fields.next().unwrap_or_default();
    let rest = fields.next().unwrap_or_default();
    number
        .iter()
        .all(|octet| octet.is_ascii_digit() || *octet == b'.')
        && !offset.is_empty()
        && offset.iter().all(u8::is_ascii_digit)
        && (rest.starts_with(b"d=") || rest.starts_with(b"D="))
}

fn markup(text: &[u8]) -> Found {
    let head = text.get(..2_048).unwrap_or(text);
    let small = head.to_ascii_lowercase();
    if contains(&small, b"<html") || small.starts_with(b"<!doctype html") {
        return Found::Html;
    }
    let text = String::from_utf8_lossy(head);
    let code = text
        .split_once("<Code>")
        .and_then(|(_, rest)| rest.split_once("</Code>"))
        .map(|(code, _)| code.chars().take(80).collect());
    Found::Xml(code)
}

fn words(line: &[u8]) -> Found {
    match std::str::from_utf8(line) {
        Ok(text)
            if !text.contains(|letter: char| {
                letter.is_control() && letter != '\r' && letter != '\t'
            }) =>
        {
            Found::Text(text.chars().take(80).collect())
        }
        _ => Found::Binary,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(prefix: &[u8]) -> Found {
        Dialect::detect(prefix).unwrap_err().found
    }

    #[test]
    fn both_dialects_are_told_by_their_first_line() {
        for line in [
            &b"1:0:d=2025080100:VIS:surface:anl:ens mean\n"[..],
            b"\r\n36.1:367869364:d=2023092800:UGRD:925 mb:6 hour fcst:\r\n",
            b"1:0:D=20250801000000:VIS:surface:anl:",
        ] {
            assert_eq!(Dialect::detect(line), Ok(Dialect::Noaa));
        }
        for line in [
            &br#"{"domain": "g", "param": "tp", "_offset": 0, "_length": 831507}"#[..],
            br#"{"ensemble_member": 0, "lead_hours": 24, "length": 58286, "level": "", "offset": 0, "variable": "2_m_temperature"}"#,
        ] {
            assert_eq!(Dialect::detect(line), Ok(Dialect::Ecmwf));
        }
    }

    #[test]
    fn what_is_no_index_is_named() {
        assert_eq!(
            found(b"\x80\x04\x95\x11\x05\0\0\0\0\0\0\x8c\x0fcfgrib.messages\x94\x8c\tFileIndex"),
            Found::CfgribIndex
        );
        assert_eq!(
            found(b"\x80\x04\x95\x11\x05\0\0\0\0\0\0\x8c"),
            Found::Pickle
        );
        assert_eq!(found(b"<!DOCTYPE HTML><head>"), Found::Html);
        assert_eq!(
            found(b"<?xml version=\"1.0\"?>\n<Error><Code>NoSuchKey</Code><Message>The"),
            Found::Xml(Some("NoSuchKey".into()))
        );
        assert_eq!(found(b"\x1f\x8b\x08\0"), Found::Gzip);
        assert_eq!(found(b"\x28\xb5\x2f\xfd\x04"), Found::Zstd);
        assert_eq!(found(b"GRIB\0\0\0\x02"), Found::Grib);
        assert_eq!(found(b""), Found::Empty);
        assert_eq!(found(b"\n \r\n"), Found::Empty);
        assert_eq!(found(b"{\"version\": 1, \"refs\": {}}"), Found::Json);
        assert_eq!(found(b"[{\"_offset\": 0}]"), Found::Json);
        assert_eq!(
            found(b"404: Not Found"),
            Found::Text("404: Not Found".into())
        );
        assert_eq!(
            found(b"1:0:VIS:surface"),
            Found::Text("1:0:VIS:surface".into())
        );
        assert_eq!(found(b"ab\0\x01"), Found::Binary);
    }
}
