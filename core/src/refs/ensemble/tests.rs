use super::*;
use crate::span::ByteSpan;
use crate::time::Run;

/// Two steps; the second field of `holes` members is missing.
fn member(number: i64, url: &str) -> RefStore {
    let name = if number == 0 {
        "control".to_owned()
    } else {
        format!("ens{number:02}")
    };
    let inline = |values: &[f64], dimension: &[&str]| {
        let shape = if dimension.is_empty() {
            vec![]
        } else {
            vec![length(values.len())]
        };
        Array {
            meta: ArrayMeta::new(shape.clone(), shape, "<f8", json!("NaN")),
            attributes: Attributes::from_iter([(DIMENSIONS.to_owned(), json!(dimension))]).into(),
            chunks: Chunks::Inline(
                values
                    .iter()
                    .flat_map(|value| value.to_le_bytes())
                    .collect(),
            ),
        }
    };
    let data = Array {
        meta: ArrayMeta::new(vec![2, 3, 4], vec![1, 3, 4], "<f8", json!("NaN")),
        attributes: Attributes::from_iter([(DIMENSIONS.to_owned(), json!(["step", "y", "x"]))])
            .into(),
        chunks: Chunks::Messages(vec![
            None,
            Some(Location {
                object: 0,
                span: ByteSpan::new(number.unsigned_abs(), 9),
            }),
        ]),
    };
    let mut numbered = inline(&[], &[]);
    numbered.chunks = Chunks::Inline(number.to_le_bytes().to_vec().into());
    let arrays = [
        ("a/latitude", inline(&[90.0, 89.0], &["latitude"])),
        ("a/number", numbered),
        ("a/step_bounds", inline(&[f64::NAN, 3.0], &["step"])),
        ("a/v", data),
    ];
    RefStore {
        objects: vec![url.to_owned()],
        groups: BTreeMap::from([
            (String::new(), Attributes::new()),
            ("a".to_owned(), Attributes::new()),
        ]),
        arrays: arrays.map(|(path, array)| (path.to_owned(), array)).into(),
        provenance: Provenance {
            gik: "0".to_owned(),
            source: "test".to_owned(),
            era: "now".to_owned(),
            run: Run::new("20250601".parse().unwrap(), 0).unwrap(),
            member: name,
            steps: vec!["0".to_owned(), "3".to_owned()],
            variables: vec![],
            codec: "grib".to_owned(),
            template: "t".to_owned(),
            indexes: vec![],
        },
    }
}

#[test]
fn members_stand_in_the_order_of_their_numbers_and_share_objects() {
    let stores = [member(2, "u"), member(0, "c"), member(1, "u")];
    let joined = join(&stores).unwrap();
    assert_eq!(joined.objects, ["c", "u"]);
    let data = &joined.arrays["a/v"];
    assert_eq!(
        (data.meta.shape.as_slice(), data.meta.chunks.as_slice()),
        (&[3, 2, 3, 4][..], &[1, 1, 3, 4][..])
    );
    assert_eq!(
        data.attributes[DIMENSIONS],
        json!(["number", "step", "y", "x"])
    );
    let Chunks::Messages(cells) = &data.chunks else {
        panic!()
    };
    let cells: Vec<_> = cells
        .iter()
        .map(|cell| cell.map(|it| (it.object, it.span.offset)))
        .collect();
    assert_eq!(
        cells,
        [None, Some((0, 0)), None, Some((1, 1)), None, Some((1, 2))]
    );
    let numbers: Vec<u8> = [0_i64, 1, 2]
        .iter()
        .flat_map(|number| number.to_le_bytes())
        .collect();
    assert_eq!(
        joined.arrays["a/number"].chunks,
        Chunks::Inline(numbers.into())
    );
    assert_eq!(joined.provenance.member, "control,ens01,ens02");
    assert_eq!(
        joined.groups[""]["gik_members"],
        json!(["control", "ens01", "ens02"])
    );
}

#[test]
fn an_array_that_a_member_lacks_is_missing_chunks() {
    let mut poor = member(1, "u");
    poor.arrays.remove("a/v");
    let joined = join(&[poor, member(0, "u")]).unwrap();
    let Chunks::Messages(cells) = &joined.arrays["a/v"].chunks else {
        panic!()
    };
    assert_eq!(
        cells.iter().map(Option::is_some).collect::<Vec<_>>(),
        [false, true, false, false]
    );
}

#[test]
fn windows_that_one_member_knows_are_filled_in() {
    let bounds = |store: &mut RefStore, values: [f64; 2]| {
        let octets = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        store.arrays.get_mut("a/step_bounds").unwrap().chunks = Chunks::Inline(octets);
    };
    let (one, mut two) = (member(0, "u"), member(1, "u"));
    bounds(&mut two, [0.0, f64::NAN]);
    let joined = join(&[one.clone(), two.clone()]).unwrap();
    let octets: Vec<u8> = [0.0_f64, 3.0]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    assert_eq!(
        joined.arrays["a/step_bounds"].chunks,
        Chunks::Inline(octets.into())
    );
    bounds(&mut two, [0.0, 6.0]);
    assert!(join(&[one, two]).is_err(), "two windows of one step");
}

#[test]
fn what_does_not_fit_together_is_an_error_that_names_both() {
    let says = |change: &dyn Fn(&mut RefStore)| {
        let mut other = member(1, "u");
        change(&mut other);
        join(&[member(0, "u"), other]).unwrap_err().to_string()
    };
    assert_eq!(
        says(&|other| other.arrays.get_mut("a/v").unwrap().meta.shape[2] = 5),
        "a/v: the shapes of control and of ens01 differ: [2, 3, 4] and [2, 3, 5]"
    );
    let south = |other: &mut RefStore| {
        let octets = [89.0_f64, 90.0]
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        other.arrays.get_mut("a/latitude").unwrap().chunks = Chunks::Inline(octets);
    };
    assert_eq!(
        says(&south),
        "a/latitude: the values of control and of ens01 differ: 2 values from 90 to 89 and 2 values from 89 to 90"
    );
    assert_eq!(
        says(&|other| other.provenance.run = Run::new("20250602".parse().unwrap(), 0).unwrap()),
        "the store: the runs of control and of ens01 differ: 2025-06-01T00 and 2025-06-02T00"
    );
    assert_eq!(
        says(&|other| other.arrays.get_mut("a/number").unwrap().chunks =
            Chunks::Inline(vec![0; 8].into())),
        "control and ens01 both have number 0"
    );
    assert_eq!(
        says(&|other| drop(other.arrays.remove("a/number"))),
        "ens01: not the store of one member: there is no `number`"
    );
    assert_eq!(join(&[]), Err(JoinError::Empty));
}
