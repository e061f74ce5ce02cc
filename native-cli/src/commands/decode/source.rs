//! The field that was asked for: its header, and the bytes of its message.

use bytes::Bytes;
use gik_core::grib::Header;
use gik_core::grib::header::Parsed;
use gik_core::grib::scan::Piece;
use gik_core::span::ByteSpan;
use gik_core::store::Store;

use super::DecodeError;
use crate::cli::{Number, Place};
use crate::cloud::{self, Cloud};
use crate::exit::CommandError;
use crate::file::{self, File};
use crate::settings::Settings;

/// A field.
pub(in crate::commands) struct Found {
    pub(in crate::commands) url: String,
    /// As `gik inspect` numbers it; nothing where the bytes were named.
    pub(in crate::commands) number: Option<String>,
    pub(in crate::commands) header: Header,
    /// The bytes of its message.
    pub(in crate::commands) octets: Bytes,
}

/// Reads the message of a field, and of its file as little else as tells where it is.
pub(in crate::commands) async fn read(
    place: &Place,
    settings: &Settings,
) -> Result<Found, CommandError> {
    let url = cloud::absolute(&place.file).map_err(CommandError::usage)?;
    let store = file::store(&url, settings)?;
    match place.span {
        Some(span) => spanned(&store, url, span, place.number).await,
        None => {
            let file = File::open(&store, url).await?;
            numbered(&file, place.number).await
        }
    }
}

/// The message at some bytes; it must be exactly these.
async fn spanned(
    store: &Cloud,
    url: String,
    span: ByteSpan,
    number: Option<Number>,
) -> Result<Found, CommandError> {
    let octets = store.get_range(&url, span).await?;
    let fields = match Header::parse_prefix(&octets, span.offset)? {
        Parsed::Fields(fields) => fields,
        Parsed::NeedMore(needed) => {
            let end = needed.end().unwrap_or(u64::MAX);
            let length = end.saturating_sub(span.offset);
            return Err(DecodeError::NotOneMessage { url, span, length }.into());
        }
    };
    let length = fields.first().map_or(0, |header| header.message.length);
    if length != span.length || !octets.ends_with(b"7777") {
        return Err(DecodeError::NotOneMessage { url, span, length }.into());
    }
    let number = number.unwrap_or(Number {
        message: 1,
        field: None,
    });
    if number.message != 1 {
        return Err(missing(&url, number, 1));
    }
    let header = one(&url, fields, number)?;
    Ok(Found {
        url,
        number: None,
        header,
        octets,
    })
}

/// A message of a file by its number, or the only one.
async fn numbered(file: &File<'_>, wanted: Option<Number>) -> Result<Found, CommandError> {
    let mut count = 0;
    let mut found = None;
    let mut pieces = file.pieces();
    while let Some(piece) = pieces.next().await? {
        if matches!(piece, Piece::Gap { .. }) {
            continue;
        }
        count += 1;
        if wanted.is_some_and(|wanted| wanted.message != count) {
            continue;
        }
        if found.is_some() {
            let url = file.url.clone();
            return Err(CommandError::usage(DecodeError::Several { url }));
        }
        found = Some(piece);
        if wanted.is_some() {
            break;
        }
    }
    let number = wanted.unwrap_or(Number {
        message: 1,
        field: None,
    });
    let (span, fields) = match found {
        Some(Piece::Message { span, fields }) => (span, fields),
        Some(Piece::Refused { error, .. }) => return Err(error.into()),
        _ => return Err(missing(&file.url, number, count)),
    };
    let several = fields.len() > 1;
    let header = one(&file.url, fields, number)?;
    Ok(Found {
        url: file.url.clone(),
        number: Some(match several {
            true => format!("{}.{}", number.message, header.field),
            false => number.message.to_string(),
        }),
        header,
        octets: file.bytes(span).await?,
    })
}

/// The field of a message that a number names.
fn one(url: &str, fields: Vec<Header>, number: Number) -> Result<Header, CommandError> {
    let count = u64::try_from(fields.len()).unwrap_or(u64::MAX);
    let mut fields = fields.into_iter();
    let field = match number.field {
        None if count > 1 => {
            let url = url.to_owned();
            return Err(CommandError::usage(DecodeError::Several { url }));
        }
        None => fields.next(),
        Some(field) => fields.find(|header| u64::try_from(header.field) == Ok(field)),
    };
    field.ok_or_else(|| missing(url, number, count))
}

fn missing(url: &str, number: Number, count: u64) -> CommandError {
    let Number { message, field } = number;
    let field = field.map(|field| format!(".{field}")).unwrap_or_default();
    CommandError::usage(DecodeError::NoSuchMessage {
        url: url.to_owned(),
        number: format!("{message}{field}"),
        count,
    })
}
