//! What a field is called in a title, from its own header.

use super::header::Header;
use super::naming::{Level, Names};
use crate::time::Moment;

/// `U component of wind, 700 hPa`.
pub fn title(names: &Names) -> String {
    let name = names.name.unwrap_or(&names.var_name);
    let mut title = match name {
        "unknown" => names.short_name.clone().into_owned(),
        name => name.to_owned(),
    };
    if let Some(level) = names.level.as_ref().and_then(|level| said(name, level)) {
        title = format!("{title}, {level}");
    }
    if let Some(steps) = names.steps.filter(|steps| steps.start != steps.end) {
        // A step that is no whole number of hours has its unit behind it.
        let kind = match names.step_type {
            None | Some("accum") => String::new(),
            Some(kind) => format!("{kind} "),
        };
        let unit = match (steps.start.whole_hours(), steps.end.whole_hours()) {
            (Some(_), Some(_)) => " h",
            _ => "",
        };
        title = format!("{title}, {kind}{}–{}{unit}", steps.start, steps.end);
    }
    title
}

/// Run, step, valid time and member, as far as the header tells them; `shown` writes the valid time, the run is in UTC.
pub fn when(header: &Header, names: &Names, shown: impl Fn(Moment) -> String) -> String {
    let mut parts = Vec::new();
    let start = header.identification.reference.seconds_since_epoch();
    let start = start.map(Moment::seconds);
    // An observation or a verifying time is no run.
    let label = match header.identification.significance {
        0 | 1 => "run",
        _ => "reference time",
    };
    if let Some(start) = start {
        parts.push(format!("{label} {}", utc(start)));
    }
    if let Some(steps) = names.steps {
        let unit = if steps.end.whole_hours().is_some() {
            " h"
        } else {
            ""
        };
        parts.push(format!("step {}{unit}", steps.end));
    }
    if let Some((start, steps)) = start.zip(names.steps) {
        parts.push(format!("valid {}", shown(start.after(steps.end))));
    }
    if let Some(number) = names.number {
        parts.push(format!("member {number}"));
    }
    parts.join(" · ")
}

/// A level where it is worth a word.
fn said(name: &str, level: &Level) -> Option<String> {
    match (level.kind, level.bounds) {
        ("isobaricInhPa", None) => Some(format!("{} hPa", level.value)),
        // "2 metre temperature" says it already.
        ("heightAboveGround", _) if name.starts_with(|first: char| first.is_ascii_digit()) => None,
        ("heightAboveGround", None) if level.value > 0.0 => {
            Some(format!("{} m above ground", level.value))
        }
        ("surface" | "unknown", _) => None,
        (kind, Some((top, bottom))) if top != bottom => Some(format!("{kind} {top}–{bottom}")),
        (_, _) if level.value == 0.0 => None,
        (kind, _) => Some(format!("{kind} {}", level.value)),
    }
}

/// `2026-07-08 03:00 UTC`.
fn utc(moment: Moment) -> String {
    let text = moment.to_string();
    let text = text.strip_suffix(":00").unwrap_or(&text);
    format!("{} UTC", text.replace('T', " "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grib::header::Parsed;
    use crate::grib::naming::{Keys, Tables};
    use crate::grib::sample;

    #[test]
    fn a_header_gives_a_title_and_its_times() {
        let message = sample::Message::default()
            .field(2, 5)
            .bitmap(255, &[])
            .build();
        let Parsed::Fields(fields) = Header::parse_prefix(&message, 0).unwrap() else {
            panic!("not a whole message");
        };
        let names = Tables::builtin().unwrap().names(&Keys::from(&fields[0]));
        assert!(!title(&names).is_empty());
        let when = when(&fields[0], &names, |_| "then".to_owned());
        assert!(
            when.starts_with("run ") && when.contains(" UTC · step "),
            "{when}"
        );
        assert!(when.contains("valid then"), "{when}");
    }
}
