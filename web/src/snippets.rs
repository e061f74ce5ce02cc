//! How to get a message elsewhere: commands and programs to copy.

use crate::protocol::message::Message;

/// Something to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snippet {
    /// What runs it.
    pub title: &'static str,
    /// Its text.
    pub text: String,
}

/// What to copy for a message.
pub fn snippets(message: &Message) -> Vec<Snippet> {
    let texts = [
        ("curl", curl(message)),
        ("gik", gik(message)),
        ("Python (ecCodes)", Some(eccodes(message))),
        ("Python (xarray, kerchunk)", xarray(message)),
        ("DuckDB", duckdb(message)),
    ];
    let texts = texts.into_iter();
    texts
        .filter_map(|(title, text)| Some(Snippet { title, text: text? }))
        .collect()
}

fn curl(message: &Message) -> Option<String> {
    let address = shell(message.address.as_ref()?);
    let range = range(message);
    Some(format!(
        "curl --fail --range {range} --output message.grib2 {address}"
    ))
}

/// A message of several fields has no name of its own that `gik decode` would take.
fn gik(message: &Message) -> Option<String> {
    let place = match message.address {
        Some(_) => message.url.as_str(),
        None => file_name(message),
    };
    let span = shell(&format!("{place}#{},{}", message.offset, message.length));
    let mut lines = Vec::new();
    if !message.index.is_empty() && message.address.is_some() {
        lines.push(format!("gik inspect {}", shell(&message.index)));
    }
    if message.fields == 1 {
        lines.push(format!("gik decode {span}"));
        lines.push(format!("gik plot {span} --out map.png"));
    }
    (!lines.is_empty()).then(|| lines.join("\n"))
}

fn eccodes(message: &Message) -> String {
    let read = match &message.address {
        Some(address) => format!(
            r#"import urllib.request

import eccodes

request = urllib.request.Request({}, headers={{"Range": "bytes={}"}})
with urllib.request.urlopen(request) as answer:
    octets = answer.read()
"#,
            python(address),
            range(message)
        ),
        None => format!(
            r#"import eccodes

with open({}, "rb") as file:
    file.seek({})
    octets = file.read({})
"#,
            python(file_name(message)),
            message.offset,
            message.length
        ),
    };
    format!(
        r#"{read}handle = eccodes.codes_new_from_message(octets)
print(eccodes.codes_get(handle, "shortName"), eccodes.codes_get(handle, "units"))
values = eccodes.codes_get_values(handle)
print(values.min(), values.mean(), values.max())"#
    )
}

/// The references of the whole run, as the page writes them.
fn xarray(message: &Message) -> Option<String> {
    message.address.as_ref()?;
    let options = if message.url.starts_with("s3://") {
        r#", remote_protocol="s3", remote_options={"anon": True}"#
    } else {
        ""
    };
    Some(format!(
        r#"import fsspec
import kerchunk.codecs  # decodes GRIB messages
import xarray

# references.json: the download "kerchunk JSON" of this page; zarr 2
files = fsspec.filesystem("reference", fo="references.json"{options})
tree = xarray.open_datatree(files.get_mapper(""), engine="zarr", consolidated=False)
print(tree)"#
    ))
}

/// The line of the index, as a row.
fn duckdb(message: &Message) -> Option<String> {
    let address = message.index_address.as_ref()?;
    let (reader, column) = match address.rsplit_once('.')?.1 {
        "idx" => ("read_csv", "column1"),
        "index" => ("read_json", "_offset"),
        _ => return None,
    };
    let options = match reader {
        "read_csv" => "delim = ':', header = false, quote = '', types = {'column1': 'UBIGINT'}",
        _ => "format = 'newline_delimited'",
    };
    Some(format!(
        "SELECT * FROM {reader}({}, {options})\nWHERE {column} = {};",
        sql(address),
        message.offset
    ))
}

fn range(message: &Message) -> String {
    let first = message.offset;
    let last = first.saturating_add(message.length).saturating_sub(1);
    format!("{first}-{last}")
}

/// A page does not know in which folder a file of the user's lies.
fn file_name(message: &Message) -> &str {
    message.url.rsplit('/').next().unwrap_or_default()
}

/// A word of a shell.
fn shell(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./:,=@%+".contains(letter);
    if !text.is_empty() && text.chars().all(plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A text of Python.
fn python(text: &str) -> String {
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    let text = text.replace('\n', "\\n").replace('\r', "\\r");
    format!("\"{text}\"")
}

/// A text of SQL.
fn sql(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> Message {
        Message {
            url: "s3://noaa/a b.f003".to_owned(),
            address: Some("https://noaa.s3.amazonaws.com/a%20b.f003".to_owned()),
            index: "s3://noaa/a b.f003.idx".to_owned(),
            index_address: Some("https://noaa.s3.amazonaws.com/a%20b.f003.idx".to_owned()),
            offset: 100,
            length: 50,
            fields: 1,
            ..Message::default()
        }
    }

    fn text(message: &Message, title: &str) -> Option<String> {
        let found = snippets(message).into_iter().find(|one| one.title == title);
        found.map(|one| one.text)
    }

    #[test]
    fn the_range_is_that_of_the_message() {
        assert_eq!(
            text(&message(), "curl").unwrap(),
            "curl --fail --range 100-149 --output message.grib2 https://noaa.s3.amazonaws.com/a%20b.f003"
        );
        assert_eq!(
            text(&message(), "gik").unwrap(),
            "gik inspect 's3://noaa/a b.f003.idx'\ngik decode 's3://noaa/a b.f003#100,50'\n\
             gik plot 's3://noaa/a b.f003#100,50' --out map.png"
        );
        assert!(
            text(&message(), "Python (ecCodes)")
                .unwrap()
                .contains("bytes=100-149")
        );
        assert!(
            text(&message(), "Python (xarray, kerchunk)")
                .unwrap()
                .contains("anon")
        );
        assert!(
            text(&message(), "DuckDB")
                .unwrap()
                .ends_with("WHERE column1 = 100;")
        );
    }

    #[test]
    fn a_file_of_the_users_has_no_address() {
        let local = Message {
            url: "file:///it's.grib2".to_owned(),
            address: None,
            index: String::new(),
            index_address: None,
            ..message()
        };
        let titles: Vec<_> = snippets(&local).iter().map(|one| one.title).collect();
        assert_eq!(titles, ["gik", "Python (ecCodes)"]);
        assert!(
            text(&local, "gik")
                .unwrap()
                .starts_with(r"gik decode 'it'\''s.grib2#100,50'")
        );
    }

    #[test]
    fn names_of_files_are_text_and_nothing_else() {
        assert_eq!(shell("a;rm -rf $(x)'"), r"'a;rm -rf $(x)'\'''");
        assert_eq!(python("a\"\\\n"), r#""a\"\\\n""#);
        assert_eq!(sql("a'b"), "'a''b'");
    }
}
