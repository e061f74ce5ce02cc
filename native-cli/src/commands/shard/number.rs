//! Which shards this machine is to do: as typed, or as the batch engine says in its variables.

/// The variables of an engine.
struct Engine {
    number: &'static str,
    /// How many there are, where it says so.
    count: Option<&'static str>,
    /// The number of the first, where it may choose.
    first: Option<&'static str>,
}

const ENGINES: [Engine; 4] = [
    Engine {
        number: "SLURM_ARRAY_TASK_ID",
        count: Some("SLURM_ARRAY_TASK_COUNT"),
        first: Some("SLURM_ARRAY_TASK_MIN"),
    },
    Engine {
        number: "AWS_BATCH_JOB_ARRAY_INDEX",
        count: Some("AWS_BATCH_JOB_ARRAY_SIZE"),
        first: None,
    },
    Engine {
        number: "JOB_COMPLETION_INDEX",
        count: None,
        first: None,
    },
    Engine {
        number: "CLOUD_RUN_TASK_INDEX",
        count: Some("CLOUD_RUN_TASK_COUNT"),
        first: None,
    },
];

/// Why nobody knows which shard is meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    #[error("{name} is {text}: expected a number from 0, as 17 or 17/200")]
    NotANumber { name: String, text: String },
    #[error("which shard? --shard says it, or one of {}", known())]
    Nobody,
    #[error("there is no share {number} of {of}: they are 0 to {}", of.saturating_sub(1))]
    NoShare { number: usize, of: usize },
    #[error("there is no shard {number}: the plan has 0 to {}", shards.saturating_sub(1))]
    TooLarge { number: usize, shards: usize },
    #[error("{first} and {second} say different shards: choose with --shard")]
    Two {
        first: &'static str,
        second: &'static str,
    },
    #[error(
        "SLURM_ARRAY_TASK_ID is {number} in an array that starts at {first}: say with --count-from whether the first shard is 0 or 1"
    )]
    UnknownFirst { number: usize, first: String },
}

fn known() -> String {
    ENGINES.map(|engine| engine.number).join(", ")
}

/// The shards, from 0: one, where the array is as long as the plan or nobody says how long it is. Else share 17 of 200 is every
/// 200th shard from 17 on, whatever the plan has; a share may be empty. `variable` gives the text of a variable.
pub(super) fn shards<'a>(
    (typed, count_from): (Option<&str>, Option<u8>),
    shards: usize,
    variable: impl Fn(&str) -> Option<&'a str>,
) -> Result<Vec<usize>, NumberError> {
    let (number, of) = match typed {
        Some(text) => match text.split_once('/') {
            Some((number, of)) => (parse("--shard", number)?, Some(parse("--shard", of)?)),
            None => (parse("--shard", text)?, None),
        },
        None => said(count_from, shards, variable)?,
    };
    match of {
        Some(of) if number < of => Ok((number..shards).step_by(of).collect()),
        Some(of) => Err(NumberError::NoShare { number, of }),
        None if number < shards => Ok(vec![number]),
        None => Err(NumberError::TooLarge { number, shards }),
    }
}

/// What engines say: the shard from 0, and of how many.
fn said<'a>(
    count_from: Option<u8>,
    shards: usize,
    variable: impl Fn(&str) -> Option<&'a str>,
) -> Result<(usize, Option<usize>), NumberError> {
    let mut found: Option<(&'static str, (usize, Option<usize>))> = None;
    for engine in &ENGINES {
        let Some(text) = variable(engine.number) else {
            continue;
        };
        let number = parse(engine.number, text)?;
        let count = engine.count.and_then(|name| Some((name, variable(name)?)));
        let count = count.map(|(name, text)| parse(name, text)).transpose()?;
        let own = match (count_from, engine.first) {
            (Some(first), _) => {
                let less = number.checked_sub(first.into());
                let less = less.ok_or_else(|| not_a_number(engine.number, text))?;
                // A part of an array may be sent again: what counts is the plan.
                (less, count.filter(|_| engine.first.is_none()))
            }
            (None, None) => (number, count),
            (None, Some(first)) => {
                let first = variable(first).unwrap_or("an unknown number");
                let whole = count == Some(shards);
                match (first, whole) {
                    ("0", true) => (number, count),
                    ("1", true) => {
                        let less = number.checked_sub(1);
                        let less = less.ok_or_else(|| not_a_number(engine.number, text))?;
                        (less, count)
                    }
                    _ => {
                        return Err(NumberError::UnknownFirst {
                            number,
                            first: first.to_owned(),
                        });
                    }
                }
            }
        };
        match found {
            Some((first, known)) if known.0 != own.0 => {
                return Err(NumberError::Two {
                    first,
                    second: engine.number,
                });
            }
            _ => found = Some((engine.number, own)),
        }
    }
    found.map(|(_, own)| own).ok_or(NumberError::Nobody)
}

fn parse(name: &str, text: &str) -> Result<usize, NumberError> {
    text.trim().parse().map_err(|_| not_a_number(name, text))
}

fn not_a_number(name: &str, text: &str) -> NumberError {
    NumberError::NotANumber {
        name: name.to_owned(),
        text: text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(
        typed: Option<&str>,
        from: Option<u8>,
        variables: &[(&str, &'static str)],
    ) -> Result<usize, NumberError> {
        let found = all(typed, from, variables)?;
        assert_eq!(found.len(), 1, "{found:?}");
        Ok(found[0])
    }

    fn all(
        typed: Option<&str>,
        from: Option<u8>,
        variables: &[(&str, &'static str)],
    ) -> Result<Vec<usize>, NumberError> {
        shards((typed, from), 200, |name| {
            let known = variables.iter().find(|(known, _)| *known == name);
            known.map(|(_, text)| *text)
        })
    }

    #[test]
    fn shares_of_any_number_are_the_plan() {
        for count in [1, 3, 199, 200, 201, 1_000] {
            let share = |number| all(Some(&format!("{number}/{count}")), None, &[]).unwrap();
            let mut found: Vec<usize> = (0..count).flat_map(share).collect();
            found.sort_unstable();
            assert_eq!(found, (0..200).collect::<Vec<_>>(), "{count} shares");
        }
        assert!(all(Some("200/201"), None, &[]).unwrap().is_empty());
        assert!(all(Some("0/0"), None, &[]).is_err());
    }

    #[test]
    fn what_was_typed_counts_from_0_and_wins() {
        let engine = [("JOB_COMPLETION_INDEX", "3")];
        assert_eq!(of(Some("17/200"), None, &engine), Ok(17));
        assert_eq!(of(Some("0"), None, &[]), Ok(0));
        assert!(matches!(
            of(Some("200/200"), None, &[]),
            Err(NumberError::NoShare { .. })
        ));
        assert!(matches!(
            of(Some("200"), None, &[]),
            Err(NumberError::TooLarge { .. })
        ));
        assert_eq!(all(Some("17/100"), None, &[]), Ok(vec![17, 117]));
        for text in ["", "x", "-1", "1/", "1/2/3"] {
            assert!(of(Some(text), None, &[]).is_err(), "{text}");
        }
    }

    #[test]
    fn engines_that_count_from_0_are_believed() {
        assert_eq!(of(None, None, &[("JOB_COMPLETION_INDEX", "199")]), Ok(199));
        assert_eq!(
            of(
                None,
                None,
                &[
                    ("CLOUD_RUN_TASK_INDEX", "0"),
                    ("CLOUD_RUN_TASK_COUNT", "200")
                ]
            ),
            Ok(0)
        );
        let aws = [
            ("AWS_BATCH_JOB_ARRAY_INDEX", "5"),
            ("AWS_BATCH_JOB_ARRAY_SIZE", "100"),
        ];
        assert_eq!(all(None, None, &aws), Ok(vec![5, 105]));
        assert_eq!(of(None, None, &[]), Err(NumberError::Nobody));
    }

    #[test]
    fn slurm_counts_from_where_its_array_starts_or_must_be_told() {
        let slurm = |number, first, count| {
            [
                ("SLURM_ARRAY_TASK_ID", number),
                ("SLURM_ARRAY_TASK_MIN", first),
                ("SLURM_ARRAY_TASK_COUNT", count),
            ]
        };
        assert_eq!(of(None, None, &slurm("17", "0", "200")), Ok(17));
        assert_eq!(of(None, None, &slurm("200", "1", "200")), Ok(199));
        // Two shards sent again: is 17 the seventeenth or the eighteenth?
        let part = slurm("17", "3", "2");
        assert!(matches!(
            of(None, None, &part),
            Err(NumberError::UnknownFirst { .. })
        ));
        assert_eq!(of(None, Some(0), &part), Ok(17));
        assert_eq!(of(None, Some(1), &part), Ok(16));
        let alone = [("SLURM_ARRAY_TASK_ID", "1")];
        assert!(matches!(
            of(None, None, &alone),
            Err(NumberError::UnknownFirst { .. })
        ));
        assert!(of(None, Some(1), &slurm("0", "0", "200")).is_err());
    }

    #[test]
    fn two_engines_must_agree() {
        let both = [("JOB_COMPLETION_INDEX", "3"), ("CLOUD_RUN_TASK_INDEX", "4")];
        assert!(matches!(
            of(None, None, &both),
            Err(NumberError::Two { .. })
        ));
        let both = [("JOB_COMPLETION_INDEX", "3"), ("CLOUD_RUN_TASK_INDEX", "3")];
        assert_eq!(of(None, None, &both), Ok(3));
    }
}
