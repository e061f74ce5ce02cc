//! The scanner on objects built by hand: gaps, damage, sizes beyond 4 GiB, bytes in any pieces.

#![expect(clippy::as_conversions, reason = "sizes of small inputs")]

use super::*;
use crate::grib::sample;
use proptest::prelude::*;

/// `message 0+179`, `gap 179+3`, `refused 182+20: ...`: one line for each piece.
fn lines(object: &[u8]) -> Vec<String> {
    let line = |piece: Piece| {
        let ByteSpan { offset, length } = piece.span();
        match piece {
            Piece::Gap { .. } => format!("gap {offset}+{length}"),
            Piece::Message { fields, .. } => {
                format!("message {offset}+{length} of {}", fields.len())
            }
            Piece::Refused { error, .. } => format!("refused {offset}+{length}: {error}"),
        }
    };
    messages(object).map(line).collect()
}

/// The pieces, when the bytes come from elsewhere; and how many bytes came.
fn fetched(object: &[u8]) -> (Vec<Piece>, u64) {
    let mut scanner = Scanner::new(object.len() as u64);
    let (mut pieces, mut bytes) = (Vec::new(), 0);
    while let Some(wanted) = scanner.wanted() {
        assert!(wanted.length > 0 && wanted.end().unwrap() <= object.len() as u64);
        scanner.feed(wanted.offset, within(object, 0, wanted));
        bytes += wanted.length;
        pieces.extend(std::iter::from_fn(|| scanner.next_piece()));
    }
    (pieces, bytes)
}

#[test]
fn bulletin_headers_and_line_ends_are_gaps() {
    let (one, two) = (sample::message(&[40]), sample::message(&[9_000, 300]));
    let file = [b"HTUA80 EGRR 011200\r\r\n", &one[..], b"\r\r\n\x03", &two].concat();
    let (first, second) = (21, 21 + one.len() + 4);
    assert_eq!(
        lines(&file),
        [
            "gap 0+21".to_owned(),
            format!("message {first}+{} of 1", one.len()),
            format!("gap {}+4", first + one.len()),
            format!("message {second}+{} of 2", two.len()),
        ]
    );
}

#[test]
fn grib_in_a_gap_or_in_data_starts_no_message() {
    let mut message = sample::message(&[60]);
    let data = message.len() - 4 - 60;
    message[data..data + 21].copy_from_slice(b"GRIB\0\0\0\x02\0\0\0\0\0\0\0\x20\0\0\0\x15\x01");
    let file = [b"GRIB GRIBGRIB", &message[..], b"GRI"].concat();
    assert_eq!(
        lines(&file),
        [
            "gap 0+13".to_owned(),
            format!("message 13+{} of 1", message.len()),
            format!("gap {}+3", 13 + message.len()),
        ]
    );
}

#[test]
fn a_cut_message_is_refused_and_the_next_is_found() {
    let message = sample::message(&[500]);
    let length = message.len();
    let file = [&message[..length - 100], &message].concat();
    let cut = length - 100;
    assert_eq!(
        lines(&file),
        [
            format!(
                "refused 0+{cut}: message at byte 0 does not end with 7777 after its {length} bytes"
            ),
            format!("message {cut}+{length} of 1"),
        ]
    );
    assert_eq!(
        lines(&message[..cut]),
        [format!(
            "refused 0+{cut}: message at byte 0 has {length} bytes, its object ends after {cut}"
        )]
    );
}

#[test]
fn edition_1_is_refused_whole_and_by_name() {
    let first = b"GRIB\0\0\x10\x01....7777";
    let message = sample::message(&[8]);
    let file = [&first[..], &message].concat();
    assert_eq!(
        lines(&file),
        [
            "refused 0+16: GRIB edition 1 at byte 0: only edition 2 is read".to_owned(),
            format!("message 16+{} of 1", message.len()),
        ]
    );
}

#[test]
fn a_message_with_a_bad_section_is_refused_whole() {
    let good = sample::message(&[30]);
    let mut bad = good.clone();
    let section_5 = sample::section_start(&bad, 5);
    bad[section_5 + 4] = 4;
    let file = [&bad[..], &good].concat();
    let length = good.len();
    assert_eq!(
        lines(&file),
        [
            format!("refused 0+{length}: section 4 at byte {section_5} after section 4"),
            format!("message {length}+{length} of 1"),
        ]
    );
}

/// Nothing stands behind the end mark of such a message that could be asked for.
#[test]
fn a_message_that_ends_before_its_data_ends_the_scan() {
    let whole = sample::message(&[40]);
    for (previous, number) in [(1, 3), (3, 4), (4, 5), (5, 6), (6, 7)] {
        let end = sample::section_start(&whole, number);
        let mut cut = [&whole[..end], b"7777"].concat();
        let length = cut.len();
        cut[8..16].copy_from_slice(&(length as u64).to_be_bytes());
        let found = lines(&cut);
        assert_eq!(
            found,
            [format!(
                "refused 0+{length}: section 8 at byte {end} after section {previous}"
            )]
        );
        assert_eq!(fetched(&cut).0, messages(&cut).collect::<Vec<_>>());
    }
}

#[test]
fn data_are_never_asked_for() {
    let file = [
        sample::message(&[400_000]),
        sample::message(&[300_000, 300_000]),
    ]
    .concat();
    let (pieces, bytes) = fetched(&file);
    assert_eq!(pieces, messages(&file).collect::<Vec<_>>());
    assert!(bytes < 30_000, "{bytes} of {}", file.len());
}

#[test]
fn an_object_that_ends_early_ends_the_scan() {
    let message = sample::message(&[50_000]);
    for have in [0, 3, 20, 100, 40_000] {
        let mut scanner = Scanner::new(message.len() as u64);
        let mut pieces = Vec::new();
        for _ in 0..20 {
            let Some(wanted) = scanner.wanted() else {
                break;
            };
            scanner.feed(wanted.offset, within(&message[..have], 0, wanted));
            pieces.extend(std::iter::from_fn(|| scanner.next_piece()));
        }
        assert_eq!(scanner.wanted(), None);
        let total: u64 = pieces.iter().map(|piece| piece.span().length).sum();
        assert_eq!(total, have as u64);
        assert!(
            !pieces
                .iter()
                .any(|piece| matches!(piece, Piece::Message { .. }))
        );
    }
}

/// A message of two fields of 3 GiB, then a small one: octets by offset, zeros between.
fn huge() -> (Vec<(u64, Vec<u8>)>, u64) {
    const DATA: u32 = 3 << 30;
    let small = sample::message(&[0, 0]);
    let second = sample::section_start(&small, 7) + 5;
    let (head, tail) = (&small[..second - 5], &small[second..small.len() - 9]);
    let section_7 = [&DATA.to_be_bytes()[..], &[7]].concat();
    let first_data = head.len() as u64;
    let second_field = first_data + u64::from(DATA);
    let second_data = second_field + tail.len() as u64;
    let total = second_data + u64::from(DATA) + 4;
    let mut head = [head, &section_7].concat();
    head[8..16].copy_from_slice(&total.to_be_bytes());
    let last = sample::message(&[10]);
    let size = total + last.len() as u64;
    let octets = vec![
        (0, head),
        (second_field, [tail, &section_7].concat()),
        (total - 4, b"7777".to_vec()),
        (total, last),
    ];
    (octets, size)
}

#[test]
fn messages_and_offsets_beyond_4_gib_are_read() {
    let (octets, size) = huge();
    let mut scanner = Scanner::new(size);
    let mut pieces = Vec::new();
    while let Some(wanted) = scanner.wanted() {
        let mut bytes = vec![0; wanted.length as usize];
        for (at, byte) in bytes.iter_mut().enumerate() {
            let place = wanted.offset + at as u64;
            let chunk = octets.iter().rev().find(|(start, _)| *start <= place);
            let (start, chunk) = chunk.unwrap();
            *byte = *chunk.get((place - start) as usize).unwrap_or(&0);
        }
        scanner.feed(wanted.offset, &bytes);
        pieces.extend(std::iter::from_fn(|| scanner.next_piece()));
    }
    let [
        Piece::Message { span, fields },
        Piece::Message { span: last, .. },
    ] = &pieces[..]
    else {
        panic!("{pieces:?}")
    };
    assert!(span.length > 6 << 30);
    assert_eq!(last.offset, span.length);
    assert_eq!(fields.len(), 2);
    assert_eq!(fields[1].data.length, 3 << 30);
    assert_eq!(fields[1].data.end().unwrap() + 4, span.length);
}

fn chunk() -> impl Strategy<Value = Vec<u8>> {
    let message = proptest::collection::vec(0..3_000_usize, 1..3);
    let message = message.prop_map(|data| sample::message(&data)).boxed();
    let cut = (message.clone(), any::<prop::sample::Index>());
    let flip = (message.clone(), any::<prop::sample::Index>(), any::<u8>());
    prop_oneof![
        message,
        cut.prop_map(|(message, at)| message[..at.index(message.len())].to_vec()),
        flip.prop_map(|(mut message, at, to)| {
            let at = at.index(message.len());
            message[at] = to;
            message
        }),
        proptest::collection::vec(any::<u8>(), 0..40),
        Just(b"GRIB\0\0\0\x01".to_vec()),
        Just(b"GRIB\xff\xff\0\x02\0\0\0\0\0\0".to_vec()),
    ]
}

proptest! {
    #[test]
    fn pieces_cover_the_object_and_do_not_depend_on_how_bytes_come(chunks in proptest::collection::vec(chunk(), 0..6)) {
        let object = chunks.concat();
        let pieces: Vec<Piece> = messages(&object).collect();
        let mut at = 0;
        for piece in &pieces {
            prop_assert_eq!(piece.span().offset, at);
            prop_assert!(piece.span().length > 0);
            at = piece.span().end().unwrap();
            if let Piece::Message { span, fields } = piece {
                prop_assert!(fields.iter().all(|field| field.message == *span));
            }
        }
        prop_assert_eq!(at, object.len() as u64);
        prop_assert_eq!(fetched(&object).0, pieces);
    }
}
