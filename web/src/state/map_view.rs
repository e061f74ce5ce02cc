//! What a link says of the map and of the bytes of a file.

use crate::protocol::map::Siblings;

/// The part of a view that is the map's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MapView {
    /// Name of the colour map; empty for that of the variable.
    pub colours: String,
    /// Values at the ends of the colours, `270,310`; empty for those of the field.
    pub range: String,
    /// Latitude and longitude of the middle, and degrees across, `0,20,60`; empty for all of the field.
    pub place: String,
    /// Latitude and longitude of the chosen point; empty for none.
    pub point: String,
    /// What is taken away: `step:0-3` or `member:gep02`; empty for nothing.
    pub minus: String,
    /// Members of the plume.
    pub plume: String,
    /// The file whose bytes are looked at.
    pub file: Option<u32>,
}

impl MapView {
    /// Takes a part of a link, where it is one of the map's.
    pub(super) fn take(&mut self, name: &str, value: &str) {
        match name {
            "colours" => value.clone_into(&mut self.colours),
            "range" => value.clone_into(&mut self.range),
            "place" => value.clone_into(&mut self.place),
            "point" => value.clone_into(&mut self.point),
            "minus" => value.clone_into(&mut self.minus),
            "plume" => value.clone_into(&mut self.plume),
            "file" => self.file = value.parse().ok(),
            _ => {}
        }
    }

    /// The parts of a link; empty ones are left out by who takes them.
    pub(super) fn parts(&self) -> [(&'static str, String); 7] {
        let number = |number: Option<u32>| number.map(|number| number.to_string());
        [
            ("colours", self.colours.clone()),
            ("range", self.range.clone()),
            ("place", self.place.clone()),
            ("point", self.point.clone()),
            ("minus", self.minus.clone()),
            ("plume", self.plume.clone()),
            ("file", number(self.file).unwrap_or_default()),
        ]
    }

    /// The values at the ends of the colours, where they are two numbers that rise.
    pub fn limits(&self) -> Option<[f64; 2]> {
        let [low, high] = numbers(&self.range)?;
        (low < high).then_some([low, high])
    }

    /// The middle and the degrees across.
    pub fn shown(&self) -> Option<[f64; 3]> {
        numbers(&self.place)
    }

    /// Latitude and longitude of the chosen point.
    pub fn chosen(&self) -> Option<[f64; 2]> {
        let [latitude, longitude] = numbers(&self.point)?;
        (latitude.abs() <= 90.0).then_some([latitude, longitude])
    }

    /// The message that is taken away, of those beside another.
    pub fn subtrahend(&self, siblings: &Siblings) -> Option<u32> {
        let (kind, label) = self.minus.split_once(':')?;
        let among = match kind {
            "member" => &siblings.members,
            "step" => &siblings.steps,
            _ => return None,
        };
        let found = among.iter().find(|sibling| sibling.label == label)?;
        (found.message != siblings.message).then_some(found.message)
    }

    /// Members of the plume by their names.
    pub fn members(&self) -> Vec<String> {
        let names = self.plume.split(',').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }
}

/// Numbers for a link: no more digits than a screen has.
pub fn text(numbers: &[f64]) -> String {
    let numbers = numbers.iter();
    let texts: Vec<String> = numbers
        .map(|number| ((number * 1000.0).round() / 1000.0 + 0.0).to_string())
        .collect();
    texts.join(",")
}

fn numbers<const N: usize>(text: &str) -> Option<[f64; N]> {
    let numbers = text.split(',').map(|part| part.trim().parse::<f64>().ok());
    let numbers: Vec<f64> = numbers.collect::<Option<_>>()?;
    let numbers: [f64; N] = numbers.try_into().ok()?;
    numbers
        .iter()
        .all(|number| number.is_finite())
        .then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_map_that_it_was_made_of() {
        let map = MapView {
            colours: "RdBu_r".to_owned(),
            range: "-5,5.5".to_owned(),
            place: text(&[0.12345, -20.0, 60.0]),
            point: "-1.5,36".to_owned(),
            minus: "member:gep02".to_owned(),
            plume: "gep01,gep02".to_owned(),
            file: Some(2),
        };
        let mut again = MapView::default();
        for (name, value) in map.parts() {
            again.take(name, &value);
        }
        assert_eq!(again, map);
        assert_eq!(map.limits(), Some([-5.0, 5.5]));
        assert_eq!(map.shown(), Some([0.123, -20.0, 60.0]));
        assert_eq!(map.chosen(), Some([-1.5, 36.0]));
        assert_eq!(map.members(), ["gep01", "gep02"]);
    }

    #[test]
    fn what_is_taken_away_is_beside_the_message() {
        let sibling = |message, label: &str| crate::protocol::map::Sibling {
            message,
            label: label.to_owned(),
            bytes: None,
        };
        let siblings = Siblings {
            message: 1,
            members: vec![sibling(1, "gep01"), sibling(5, "gep02")],
            steps: vec![sibling(0, "0"), sibling(1, "3")],
            ..Siblings::default()
        };
        let minus = |text: &str| {
            let map = MapView {
                minus: text.to_owned(),
                ..MapView::default()
            };
            map.subtrahend(&siblings)
        };
        assert_eq!(minus("member:gep02"), Some(5));
        assert_eq!(minus("step:0"), Some(0));
        for none in ["", "step:3", "step:9", "member", "kind:0"] {
            assert_eq!(minus(none), None, "{none}");
        }
    }

    #[test]
    fn what_is_no_range_is_none() {
        for range in ["", "5", "5,5", "a,b", "1,2,3", "inf,1", "NaN,2"] {
            let map = MapView {
                range: range.to_owned(),
                ..MapView::default()
            };
            assert_eq!(map.limits(), None, "{range}");
        }
    }
}
