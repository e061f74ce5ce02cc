//! Files of the user's: index files, GRIB2 files, references.

use bytes::Bytes;
use gik_core::grib::naming::Keys;
use gik_core::grib::scan::{Piece, Scanner};
use gik_core::index::{self, Dialect};
use gik_core::keys::{StoreKeys, parse_json, read_parquet};
use gik_core::store::Store;

use super::open::count;
use super::problem;
use super::session::{References, Session};
use crate::protocol::{Built, Event, Listed, Problem};
use crate::table::{Kind, Message, Object, Table};

/// Opens files: the messages of all of them are one inventory.
pub(super) async fn open(
    session: &Session,
    id: u32,
    files: Vec<web_sys::File>,
) -> Result<Event, Problem> {
    session.begin(id);
    session.store.local().replace(files);
    let urls = session.store.local().urls();
    let mut table = Table::default();
    let mut references = References::None;
    let mut built = None;
    for url in &urls {
        let number = count(table.objects.len());
        table.objects.push(Object {
            index_url: String::new(),
            data_url: url.clone(),
        });
        let size = session
            .store
            .head(url)
            .await
            .map_err(|error| problem::of(&error))?
            .size;
        let size = size.unwrap_or_default();
        let start = gik_core::span::ByteSpan::new(0, size.min(4));
        let start = session
            .store
            .get_range(url, start)
            .await
            .map_err(|error| problem::of(&error))?;
        match &start[..] {
            b"GRIB" => grib(session, &mut table, (url, number), size).await?,
            b"PAR1" => {
                let bytes = session
                    .store
                    .get(url)
                    .await
                    .map_err(|error| problem::of(&error))?
                    .bytes;
                let keys = read_parquet(bytes).map_err(|error| problem::of(&error))?;
                built = Some(stored(&mut table, url, &keys)?);
                references = References::Read(stem(url), Box::new(keys));
            }
            _ => {
                let bytes = session
                    .store
                    .get(url)
                    .await
                    .map_err(|error| problem::of(&error))?
                    .bytes;
                match Dialect::detect(&bytes) {
                    Ok(dialect) => {
                        if let Some(object) = table.objects.last_mut() {
                            object.index_url.clone_from(url);
                        }
                        lines(&mut table, (url, number), dialect, &bytes)?;
                    }
                    Err(error) if !url.ends_with(".json") => return Err(problem::of(&error)),
                    Err(_) => {
                        let keys = parse_json(&bytes).map_err(|error| problem::of(&error))?;
                        built = Some(stored(&mut table, url, &keys)?);
                        references = References::Read(stem(url), Box::new(keys));
                    }
                }
            }
        }
    }
    let names: Vec<String> = urls.iter().map(|url| name(url).to_owned()).collect();
    let listed = Listed {
        messages: count(table.messages.len()),
        title: names.join(", "),
        objects: count(urls.len()),
    };
    *session.table.borrow_mut() = table;
    *session.references.borrow_mut() = references;
    super::post(id, false, &Event::Listed(listed));
    Ok(match built {
        Some(built) => Event::Built(Box::new(built)),
        None => Event::Done,
    })
}

/// The lines of an index.
fn lines(
    table: &mut Table,
    (url, number): (&str, u32),
    dialect: Dialect,
    bytes: &Bytes,
) -> Result<(), Problem> {
    let bad = |source| {
        let url = url.to_owned();
        problem::of(&gik_core::error::Error::Index { url, source })
    };
    let records = index::parse(dialect, bytes).map_err(bad)?;
    for record in &records {
        let label = gik_core::listing::label(record);
        let (variable, level) = label.split_once(':').unwrap_or((&label, ""));
        let kind = table.kind(Kind {
            variable: variable.to_owned(),
            level: level.replace(':', " "),
            label: label.clone(),
        });
        let steps = record.key.when.steps();
        let windowed = steps.filter(|range| range.start != range.end);
        let member = record.key.member.map(|member| match member {
            gik_core::identity::Member::Perturbed(number) => number.to_string(),
            other => format!("{other:?}").to_lowercase(),
        });
        let member = member.map(|name| table.member(&name));
        table.messages.push(Message {
            kind,
            step: steps.map(|range| range.end.as_seconds()),
            window: windowed.map(|range| (range.start.as_seconds(), range.end.as_seconds())),
            member,
            object: number,
            line: count(record.line),
            offset: record.offset,
            length: record.length,
        });
    }
    Ok(())
}

/// The messages of a GRIB2 file, by their headers: values are not read.
async fn grib(
    session: &Session,
    table: &mut Table,
    (url, number): (&str, u32),
    size: u64,
) -> Result<(), Problem> {
    let tables = session.tables().await?;
    let mut scanner = Scanner::new(size);
    let mut line = 0;
    while let Some(wanted) = scanner.wanted() {
        let bytes = session
            .store
            .get_range(url, wanted)
            .await
            .map_err(|error| problem::of(&error))?;
        scanner.feed(wanted.offset, &bytes);
        while let Some(piece) = scanner.next_piece() {
            let Piece::Message { span, fields } = piece else {
                continue;
            };
            for header in &fields {
                line += 1;
                let names = tables.names(&Keys::from(header));
                let level = names
                    .level
                    .map(|level| format!("{} {}", level.value, level.kind));
                let variable = names.short_name.into_owned();
                let level = level.unwrap_or_default();
                let kind = table.kind(Kind {
                    label: format!("{variable}:{level}"),
                    variable,
                    level,
                });
                let member = names.number.map(|number| number.to_string());
                let member = member.map(|name| table.member(&name));
                let steps = names.steps;
                table.messages.push(Message {
                    kind,
                    step: steps.map(|steps| steps.end.as_seconds()),
                    window: steps
                        .filter(|steps| steps.start != steps.end)
                        .map(|steps| (steps.start.as_seconds(), steps.end.as_seconds())),
                    member,
                    object: number,
                    line,
                    offset: span.offset,
                    length: Some(span.length),
                });
            }
        }
    }
    Ok(())
}

/// What references refer to.
fn stored(table: &mut Table, url: &str, keys: &StoreKeys) -> Result<Built, Problem> {
    let contents = keys.contents().map_err(|error| problem::of(&error))?;
    let mut objects: std::collections::HashMap<&str, u32> = std::collections::HashMap::new();
    for (line, message) in (1..).zip(&contents.messages) {
        let Some(array) = contents.arrays.get(message.array) else {
            continue;
        };
        let object = *objects.entry(&message.url).or_insert_with(|| {
            table.objects.push(Object {
                index_url: String::new(),
                data_url: message.url.clone(),
            });
            count(table.objects.len() - 1)
        });
        let variable = array.var_name.clone().or_else(|| array.short_name.clone());
        let kind = array.type_of_level.clone().unwrap_or_default();
        let level = match message.level {
            Some(level) => format!("{level} {kind}"),
            None => kind,
        };
        let kind = table.kind(Kind {
            variable: variable.unwrap_or_else(|| array.path.clone()),
            level: level.trim().to_owned(),
            label: array.path.clone(),
        });
        let member = message.number.map(|number| number.to_string());
        let member = member.map(|name| table.member(&name));
        table.messages.push(Message {
            kind,
            step: message.step.map(|step| step.as_seconds()),
            window: message
                .window
                .map(|window| (window.start.as_seconds(), window.end.as_seconds())),
            member,
            object,
            line,
            offset: message.span.offset,
            length: Some(message.span.length),
        });
    }
    Ok(Built {
        references: count(contents.messages.len()),
        arrays: count(contents.arrays.len()),
        stem: Some(stem(url)),
        template: name(url).to_owned(),
        ..Built::default()
    })
}

/// The name of a file.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The name of a file without what follows its last point.
fn stem(url: &str) -> String {
    let name = name(url);
    name.rsplit_once('.')
        .map_or(name, |(stem, _)| stem)
        .to_owned()
}
