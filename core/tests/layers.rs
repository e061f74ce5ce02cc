//! Modules of core use lower layers only, never a higher one and never a neighbour.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "the test reads the sources of core; core itself opens no file"
)]

use std::fs;
use std::path::{Path, PathBuf};

/// Low to high. A module that is not here has no place yet: give it one.
const LAYERS: [&[&str]; 11] = [
    &["span", "time"],
    &["identity", "provenance"],
    &[
        "columns", "dataset", "grib", "index", "plot", "store", "table", "zarr",
    ],
    &["keys", "listing", "product", "source"],
    &["template"],
    &["merge", "tree"],
    &["ensemble", "refs"],
    &["output"],
    &["error"],
    &["pipeline"],
    &["convert", "work"],
];

#[test]
fn no_module_reaches_up_or_sideways() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for file in rust_files(&root) {
        let inside = file.strip_prefix(&root).expect("a file below src");
        let text = fs::read_to_string(&file).expect("a readable source");
        let faults = faults(&module_path(inside), &text);
        wrong.extend(
            faults
                .iter()
                .map(|fault| format!("{}: {fault}", inside.display())),
        );
        seen += 1;
    }
    assert!(seen > 10, "only {seen} files in {}", root.display());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_are_found_however_they_are_written() {
    let index = ["index".to_owned()];
    for bad in [
        "use crate::source::Source;",
        "use crate::{span::ByteSpan, grib::{self, Header}};",
        "use crate::{\n    span::ByteSpan,\n    grib,\n};",
        "fn f() -> crate::pipeline::Job { todo!() }",
        "use crate::nowhere::Thing;",
        "use super::grib::Header;",
        "mod tests { use super::super::refs::RefStore; }",
        "use crate::*;",
        "use crate as gik;",
        "macro_rules! m { () => { $crate::refs::build() } }",
        "const A: char = '\"'; use crate::refs::RefStore; const B: char = '\"';",
        "fn f<'a>(x: &'a u8) -> &'a u8 { crate::refs::pick::<'a>(x) }",
    ] {
        assert_eq!(
            faults(&index, bad).len(),
            1,
            "{bad}: {:?}",
            faults(&index, bad)
        );
    }
    for good in [
        "use crate::span::ByteSpan;",
        "use crate::{span::{ByteSpan, coalesce}, time};",
        "use crate::index::noaa;",
        "//! See [`crate::pipeline`].\n/* use crate::refs; /* nested */ use crate::refs; */",
        "const TEXT: &str = \"use crate::refs; \\\" crate::refs\";",
        "const TEXT: &str = r#\"use crate::refs; \" crate::refs\"#;",
        "mod tests { use super::noaa::parse; use super::*; }",
        "pub(crate) fn f() {}",
        "use self::noaa::parse;",
    ] {
        assert_eq!(faults(&index, good), Vec::<String>::new(), "{good}");
    }
    let deep = ["index".to_owned(), "noaa".to_owned()];
    assert_eq!(faults(&deep, "use super::super::refs::A;").len(), 1);
    assert_eq!(faults(&deep, "use super::Record;"), Vec::<String>::new());
    assert_eq!(faults(&["unknown".to_owned()], "").len(), 1);
    assert_eq!(
        faults(&[], "pub use crate::refs::RefStore;"),
        Vec::<String>::new()
    );
}

/// What a module uses and must not; `path` is empty for the root of the crate, which may use everything.
fn faults(path: &[String], text: &str) -> Vec<String> {
    let Some(module) = path.first() else {
        return Vec::new();
    };
    let Some(own) = layer(module) else {
        return vec![format!("`{module}` has no layer: add it to LAYERS")];
    };
    let used = used_modules(path.len(), &tokens(text));
    used.into_iter()
        .filter(|name| name != module)
        .filter_map(|name| match layer(&name) {
            None => Some(format!(
                "`{module}` uses `crate::{name}`, which has no layer"
            )),
            Some(other) if other >= own => Some(format!(
                "`{module}` (layer {own}) uses `crate::{name}` (layer {other})"
            )),
            Some(_) => None,
        })
        .collect()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|names| names.contains(&module))
}

/// The names right below the root of the crate that paths in these tokens begin with, `depth` modules below the root.
fn used_modules(depth: usize, tokens: &[String]) -> Vec<String> {
    let mut used = Vec::new();
    let mut braces = 0_usize;
    let mut inline_modules = Vec::new();
    let mut at = 0;
    let token = |at: usize| tokens.get(at).map_or("", String::as_str);
    while at < tokens.len() {
        match token(at) {
            "mod" if token(at + 2) == "{" => inline_modules.push(braces),
            "{" => braces += 1,
            "}" => {
                braces = braces.saturating_sub(1);
                inline_modules.pop_if(|opened| *opened == braces);
            }
            "crate" if token(at + 1) == "::" => used.extend(heads(tokens, at + 2)),
            "crate" if token(at + 1) == "as" => used.push("*".to_owned()),
            "super" => {
                let mut ups = 1;
                while token(at + 1) == "::" && token(at + 2) == "super" {
                    ups += 1;
                    at += 2;
                }
                if ups >= depth + inline_modules.len() && token(at + 1) == "::" {
                    used.extend(heads(tokens, at + 2));
                }
            }
            _ => {}
        }
        at += 1;
    }
    used
}

/// The first names of what stands after `crate::`: one name, or those of a group in braces.
fn heads(tokens: &[String], start: usize) -> Vec<String> {
    let Some("{") = tokens.get(start).map(String::as_str) else {
        return tokens.get(start).cloned().into_iter().collect();
    };
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut first = true;
    for token in tokens.iter().skip(start) {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," if depth == 1 => first = true,
            name if depth == 1 && first => {
                found.push(name.to_owned());
                first = false;
            }
            _ => {}
        }
    }
    found
}

/// Names, `::` and single signs; comments, texts and characters are left out.
fn tokens(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(sign) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            block_comment(rest)
        } else if let Some(length) = raw_text(rest) {
            length
        } else if sign == '"' {
            quoted(rest)
        } else if sign == '\'' {
            character(rest)
        } else if sign.is_alphabetic() || sign == '_' {
            let length = rest
                .find(|c: char| !c.is_alphanumeric() && c != '_')
                .unwrap_or(rest.len());
            found.push(rest.split_at(length).0.to_owned());
            length
        } else {
            let length = if rest.starts_with("::") {
                2
            } else {
                sign.len_utf8()
            };
            if !sign.is_whitespace() {
                found.push(rest.split_at(length).0.to_owned());
            }
            length
        };
        rest = rest.split_at(length).1;
    }
    found
}

fn block_comment(text: &str) -> usize {
    let mut depth = 0;
    let mut at = 0;
    loop {
        let rest = text.split_at(at).1;
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            match rest.chars().next() {
                Some(sign) => at += sign.len_utf8(),
                None => return at,
            }
        }
    }
}

/// The length of a text such as `r#"…"#` that the rest begins with.
fn raw_text(text: &str) -> Option<usize> {
    let body = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let hashes = body.len() - body.trim_start_matches('#').len();
    let body = body.split_at(hashes).1.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let inside = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + inside)
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, sign) in text.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character such as `'\n'`, or 1 for the quote of a lifetime.
fn character(text: &str) -> usize {
    let mut signs = text.char_indices().skip(1);
    match (signs.next(), signs.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            let rest = text.split_at(escaped + 1).1;
            rest.find('\'')
                .map_or(text.len(), |at| escaped + 1 + at + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

/// `grib/header/read.rs` is `grib::header::read`; `lib.rs` is the root.
fn module_path(file: &Path) -> Vec<String> {
    let mut path: Vec<String> = file
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if path == ["lib"] {
        path.clear();
    }
    path
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
    found
}
