//! One run that stands for all others: ECMWF's paths and index lines with another date and hour.

/// How a path of another run leads to the one that is there.
#[derive(Debug)]
pub(super) struct Repeat {
    /// The path of the object that is there.
    pub(super) path: String,
    /// What is written for what in its text.
    words: Vec<(String, String)>,
}

impl Repeat {
    /// `/bucket/20250703/12z/ifs/0p25/enfo/20250703120000-3h-enfo-ef.index` is an object of `2025060100`; `None` for what is its
    /// own, or has no date.
    pub(super) fn of(run: &str, path: &str) -> Option<Self> {
        let (own_date, own_hour) = run.split_at_checked(8)?;
        let mut parts = path.split('/');
        let date =
            parts.find(|part| part.len() == 8 && part.bytes().all(|it| it.is_ascii_digit()))?;
        let hour = parts.next()?.strip_suffix('z')?;
        if (date, hour) == (own_date, own_hour) {
            return None;
        }
        let path = path
            .replace(
                &format!("{date}{hour}0000-"),
                &format!("{own_date}{own_hour}0000-"),
            )
            .replace(
                &format!("/{date}/{hour}z/"),
                &format!("/{own_date}/{own_hour}z/"),
            );
        Some(Self {
            path,
            words: vec![
                (format!("\"{own_date}\""), format!("\"{date}\"")),
                (
                    format!("\"time\": \"{own_hour}00\""),
                    format!("\"time\": \"{hour}00\""),
                ),
            ],
        })
    }

    /// Date and hour of the lines of an index; the length stays.
    pub(super) fn rewrite(&self, content: &mut [u8]) {
        for (from, to) in &self.words {
            let (from, to) = (from.as_bytes(), to.as_bytes());
            let found: Vec<usize> = memchr::memmem::find_iter(content, from).collect();
            for at in found {
                content[at..at + to.len()].copy_from_slice(to);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_run_is_the_one_with_another_date() {
        let path = "/b/20250703/12z/ifs/0p25/enfo/20250703120000-3h-enfo-ef.index";
        let repeat = Repeat::of("2025060100", path).unwrap();
        assert_eq!(
            repeat.path,
            "/b/20250601/00z/ifs/0p25/enfo/20250601000000-3h-enfo-ef.index"
        );
        let mut text = br#"{"date": "20250601", "time": "0000", "step": "0"}"#.to_vec();
        repeat.rewrite(&mut text);
        assert_eq!(
            text,
            br#"{"date": "20250703", "time": "1200", "step": "0"}"#
        );
        assert!(Repeat::of("2025060100", &repeat.path).is_none());
        assert!(Repeat::of("2025060100", "/b/plan.json").is_none());
    }
}
