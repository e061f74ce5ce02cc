//! What to do about an error, where that is known.

use gik_core::error::Error;
use gik_core::grib::GribError;
use gik_core::grib::grid::GridError;
use gik_core::index::Found;
use gik_core::store::StoreError;

use crate::commands::decode::DecodeError;
use crate::commands::inspect::InspectError;
use crate::destination::DestinationError;
use crate::put::PutError;
use crate::settings::{KEYS, SettingsError};

/// The remedy for the first cause that has one.
pub(crate) fn of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref() {
            return store(error);
        }
        if let Some(error) = cause.downcast_ref() {
            return job(error);
        }
        if let Some(error) = cause.downcast_ref() {
            return settings(error);
        }
        if let Some(DestinationError::Other { .. }) = cause.downcast_ref() {
            let hint = "write to another place, or replace it with --force";
            return Some(hint.to_owned());
        }
        if let Some(PutError::Other { .. }) = cause.downcast_ref() {
            let hint = "write to another place, or replace it with --force";
            return Some(hint.to_owned());
        }
        if let Some(GribError::Edition { .. }) = cause.downcast_ref() {
            let hint = "ecCodes converts it: grib_set -s edition=2 OLD NEW";
            return Some(hint.to_owned());
        }
        if let Some(GridError::NoCoordinates { .. }) = cause.downcast_ref() {
            return Some("--format npy, json and stats need no coordinates".to_owned());
        }
        if let Some(error) = cause.downcast_ref() {
            return decode(error);
        }
        match cause.downcast_ref()? {
            InspectError::Kind { found, .. } => kind(found),
            InspectError::NoValues { .. } => {
                Some("name the GRIB2 file that it belongs to".to_owned())
            }
            _ => None,
        }
    })
}

/// What to do where no field can be decoded or written.
fn decode(error: &DecodeError) -> Option<String> {
    let hint = match error {
        DecodeError::Several { url } => {
            return Some(format!(
                "`gik inspect {url}` lists its fields: write the number after a colon, as {url}:3"
            ));
        }
        DecodeError::NotOneMessage { .. } => {
            "offset and length are those of a line of the file's index, or of `gik inspect`"
        }
        DecodeError::Terminal => "give --out FILE, or redirect stdout",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do with a file that is neither an index nor GRIB2.
fn kind(found: &Found) -> Option<String> {
    let hint = match found {
        Found::Bzip2 => "decompress it first: bunzip2 FILE",
        Found::ByteOrderMark => "save it without the mark",
        Found::CfgribIndex => "cfgrib made it for itself; name the GRIB file that it lies beside",
        Found::Empty => "it is still being written, or its transfer was cut",
        Found::Gzip => "decompress it first: gunzip FILE",
        Found::Html => "the server answers with a page: see the address",
        Found::Xml(Some(_)) => {
            "an object store answered with this error instead of the file: see the address"
        }
        Found::Xz => "decompress it first: unxz FILE",
        Found::Zip => "unpack it first: unzip FILE",
        Found::Zstd => "decompress it first: unzstd FILE",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// What to do about a job that cannot be done.
fn job(error: &Error) -> Option<String> {
    let hint = match error {
        Error::TemplateMismatch { .. } | Error::OtherTemplate { .. } => {
            "the archive is not what that template says: build one of it with `gik template build SOURCE --date D --run HH \
             --from BASE` and name it with --template FILE, or read the headers of this run with --template scan"
        }
        Error::Mismatch { .. } | Error::WrongObject { .. } => {
            "the index does not belong to its GRIB file, or was not written anew with it: use another mirror, or \
             another member or step, and tell the archive"
        }
        Error::Nothing { .. } => {
            "dates are written YYYYMMDD and run hours HH; with --from, the archive's own layout starts right below it"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

fn store(error: &StoreError) -> Option<String> {
    let hint = match error {
        StoreError::Denied { url } if url.starts_with("s3://") => {
            "public archives answer this for a date or a step that they do not have; if the bucket is public and \
             your own credentials are not allowed to read it, set AWS_NO_SIGN_REQUEST=true"
        }
        StoreError::Denied { url } if url.starts_with("gs://") => {
            "if the bucket is private, set GOOGLE_APPLICATION_CREDENTIALS; if it is public and your own credentials \
             are not allowed to read it, set GOOGLE_SKIP_SIGNATURE=true"
        }
        StoreError::Denied { url } if url.starts_with("file://") => {
            "the file belongs to somebody else, see its permissions"
        }
        StoreError::NotFound { url } if url.starts_with("file://") => {
            "relative paths start in the working directory"
        }
        StoreError::NotFound { .. } => {
            "dates are written YYYYMMDD and run hours HH; a run is published 4 to 8 hours after its start, step by \
             step, and archives forget their oldest runs"
        }
        StoreError::RangeIgnored { .. } => {
            "the server cannot send parts of a file; download the file and name its path instead"
        }
        StoreError::Short { .. } => {
            "the object is shorter than its index says: it is still being written, or it was replaced without its \
             index"
        }
        StoreError::Address { .. } => {
            "an address is a path, or starts with s3://, gs://, https://, http:// or file://"
        }
        StoreError::Transport { source, .. } => return transport(source.as_ref()),
        _ => return None,
    };
    Some(hint.to_owned())
}

fn transport(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    let texts: Vec<String> = std::iter::successors(Some(error), |error| error.source())
        .map(ToString::to_string)
        .collect();
    let says = |words: &str| texts.iter().any(|text| text.contains(words));
    let hint = if says("incorrectly configured region") || says("PermanentRedirect") {
        "the bucket is in another region: set AWS_REGION"
    } else if says("builder error") || says("URL scheme is not allowed") {
        "the server is spoken to without TLS: set AWS_ALLOW_HTTP=true if that is meant"
    } else if says("dns error") || says("client error (Connect)") {
        "the server could not be reached: see the network, the proxy (HTTPS_PROXY) and the endpoint in `gik config`"
    } else if says("asked to slow down") || says("status code: 503") {
        "the archive is busy: use another mirror (--mirror), fewer requests at once (--concurrency), or come back later"
    } else {
        return None;
    };
    Some(hint.to_owned())
}

fn settings(error: &SettingsError) -> Option<String> {
    match error {
        SettingsError::UnknownKey { .. } => {
            let known: Vec<&str> = KEYS.iter().map(|key| key.name).collect();
            Some(format!("known keys are {}", known.join(", ")))
        }
        SettingsError::EnvironmentFile { .. } => {
            Some("values with spaces or quotes are written in quotes: NAME=\"a value\"".to_owned())
        }
        _ => None,
    }
}
