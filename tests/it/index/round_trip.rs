//! Keys written as lines and read again.

use gik_core::identity::{Key, Level, Mars, Member, Parameter, Statistic, Surface, When, Word};
use gik_core::index::{Dialect, parse};
use gik_core::time::{Step, StepRange};
use proptest::prelude::*;
use serde_json::Value;

fn word() -> impl Strategy<Value = Word> {
    "[a-z0-9]{0,8}".prop_map(|text| Word::new(&text).unwrap())
}

/// Texts with all that JSON must escape.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-z0-9]{1,12}",
        1 => "[ -~]{1,12}",
        1 => "\\PC{1,6}",
        1 => "[\"\\\\/\t\n\u{7f}é]{1,4}",
    ]
}

fn hours() -> impl Strategy<Value = When<'static>> {
    let window = (0..400_i32, 0..400_i32).prop_map(|(start, end)| When::Window {
        range: StepRange {
            start: Step::hours(start),
            end: Step::hours(end),
        },
        how: "".into(),
    });
    prop_oneof![
        (0..1_000_i32).prop_map(|hours| When::Instant(Step::hours(hours))),
        (1..10_000_i64).prop_map(|minutes| When::Instant(Step::seconds(60 * minutes))),
        window,
    ]
}

prop_compose! {
    fn mars_key()(
        param in text(),
        levtype in word(),
        levelist in proptest::option::of(text()),
        when in prop_oneof![9 => hours(), 1 => Just(When::Unstated)],
        number in proptest::option::of(1..100_u32),
        words in [word(), word(), word(), word(), word()],
        model in proptest::option::of(text()),
        quantile in proptest::option::of(text()),
        extra in proptest::option::of(text()),
    ) -> Key<'static> {
        let [class, stream, kind, expver, domain] = words;
        Key {
            parameter: Parameter::Name(param.into()),
            level: Level::Mars { levtype, levelist: levelist.map(Into::into) },
            when,
            statistic: None,
            member: number.map(Member::Perturbed),
            mars: Some(Mars {
                class,
                stream,
                // Types that say the member have a test of their own.
                kind: if ["cf", "em", "es"].iter().any(|other| kind == **other) { Word::EMPTY } else { kind },
                expver,
                domain,
                model: model.map(Into::into),
                quantile: quantile.map(Into::into),
            }),
            extra: extra.map_or_else(String::new, |text| serde_json::json!({"dataset": text}).to_string()).into(),
            occurrence: 0,
        }
    }
}

/// A key, an offset and a length as a line, its members in the order of `order`.
fn mars_line(key: &Key<'_>, offset: u64, length: u64, order: &[usize], numbers: bool) -> String {
    let mars = key.mars.as_ref().unwrap();
    let Level::Mars { levtype, levelist } = &key.level else {
        unreachable!()
    };
    let Parameter::Name(param) = &key.parameter else {
        unreachable!()
    };
    let mut members: Vec<(&str, Value)> = vec![
        ("param", param.as_ref().into()),
        ("_offset", offset.into()),
        ("_length", length.into()),
    ];
    for (name, word) in [
        ("class", mars.class),
        ("stream", mars.stream),
        ("type", mars.kind),
        ("expver", mars.expver),
        ("domain", mars.domain),
        ("levtype", *levtype),
    ] {
        members.push((name, word.to_string().into()));
    }
    for (name, text) in [
        ("levelist", levelist),
        ("model", &mars.model),
        ("quantile", &mars.quantile),
    ] {
        members.extend(text.as_deref().map(|text| (name, text.into())));
    }
    if let Some(Member::Perturbed(number)) = key.member {
        let text = number.to_string();
        members.push(("number", if numbers { number.into() } else { text.into() }));
    }
    if key.when != When::Unstated {
        members.push(("step", key.when.to_string().into()));
    }
    if let Ok(Value::Object(extra)) = serde_json::from_str(&key.extra) {
        members.push(("dataset", extra["dataset"].clone()));
    }
    let mut line = String::new();
    let mut rest = members;
    for at in order.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (name, value) = rest.remove(at % rest.len());
        line.push_str(if line.is_empty() { "{" } else { ", " });
        line.push_str(&format!("\"{name}\": {value}"));
    }
    line + "}"
}

/// A level as wgrib2 prints it, and what it stands for.
fn noaa_level() -> impl Strategy<Value = (String, Level<'static>)> {
    let surface = Surface::decimal;
    let one = |first| Level::Surfaces {
        first,
        second: None,
    };
    prop_oneof![
        Just(("surface".to_owned(), one(Surface::bare(1)))),
        (1..100_000_i64).prop_map(move |pascals| {
            let text = match (pascals / 100, pascals % 100) {
                (whole, 0) => format!("{whole} mb"),
                (whole, rest) => {
                    format!("{whole}.{rest:02}")
                        .trim_end_matches('0')
                        .to_owned()
                        + " mb"
                }
            };
            (text, one(surface(100, pascals, 0).unwrap()))
        }),
        (0..50_000_i64).prop_map(move |metres| {
            (
                format!("{metres} m above ground"),
                one(surface(103, metres, 0).unwrap()),
            )
        }),
        (0..100_i64, 0..100_i64).prop_map(move |(top, bottom)| {
            let level = Level::Surfaces {
                first: surface(106, top, -1).unwrap(),
                second: surface(106, bottom, 0),
            };
            let top = format!("{}.{}", top / 10, top % 10);
            (
                format!("{}-{bottom} m below ground", top.trim_end_matches(".0")),
                level,
            )
        }),
        "[a-z ]{20,30}".prop_map(|text| (text.clone(), Level::Text(text.into()))),
    ]
}

proptest! {
    #[test]
    fn a_mars_line_gives_back_its_key(
        keys in proptest::collection::vec((mars_key(), any::<u64>(), 0..u64::MAX), 1..5),
        order in proptest::collection::vec(0..20_usize, 1..20),
        shuffled: bool,
        numbers: bool,
    ) {
        let order = if shuffled { order } else { vec![0] };
        let text: String = keys
            .iter()
            .map(|(key, offset, length)| mars_line(key, *offset, *length, &order, numbers) + "\n")
            .collect();
        let parsed = parse(Dialect::Ecmwf, text.as_bytes()).unwrap();
        prop_assert_eq!(parsed.len(), keys.len());
        for (record, (key, offset, length)) in parsed.iter().zip(&keys) {
            prop_assert_eq!(&record.key, key);
            prop_assert_eq!((record.offset, record.length), (*offset, Some(*length)));
            prop_assert_eq!(&record.key.clone().into_owned(), key);
        }
    }

    #[test]
    fn a_noaa_line_gives_back_its_key(
        parameter in "[A-Z][A-Z0-9]{0,7}",
        (level, expected) in noaa_level(),
        (start, length) in (0..500_i32, 0..100_i32),
        windowed: bool,
        operator in 0..4_u8,
        member in 1..100_u32,
        offset: u64,
        number in 1..100_000_u64,
        field in proptest::option::of(1..9_u16),
        ending in prop_oneof![Just("\n"), Just("\r\n"), Just("")],
        extra in "|[a-z >0-9.]{1,9}",
    ) {
        let end = start + length;
        let (when, statistic, phrase) = if windowed {
            let name = ["ave", "acc", "max", "min"][usize::from(operator)];
            let range = StepRange { start: Step::hours(start), end: Step::hours(end) };
            (
                When::Window { range, how: "".into() },
                Some(Statistic(operator)),
                format!("{start}-{end} hour {name} fcst"),
            )
        } else {
            (When::Instant(Step::hours(end)), None, format!("{end} hour fcst"))
        };
        let message = field.map_or(number.to_string(), |field| format!("{number}.{field}"));
        let colon = if extra.is_empty() { "" } else { ":" };
        let attrs = format!("{parameter}:{level}:{phrase}:ENS=+{member}{colon}{extra}");
        let text = format!("{message}:{offset}:d=2025080106:{attrs}{ending}");
        let parsed = parse(Dialect::Noaa, text.as_bytes()).unwrap();
        prop_assert_eq!(parsed.len(), 1);
        prop_assert_eq!(&parsed[0].key, &Key {
            parameter: Parameter::Name(parameter.into()),
            level: expected,
            when,
            statistic,
            member: Some(Member::Perturbed(member)),
            mars: None,
            extra: extra.into(),
            occurrence: 0,
        });
        prop_assert_eq!(parsed[0].attrs(), attrs);
        prop_assert_eq!(parsed[0].offset, offset);
        let message = parsed[0].message.unwrap();
        prop_assert_eq!((message.message, message.field), (number, field));
    }
}
