//! What was typed for work on many machines: `gik plan`, `run`, `status` and `merge`.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches, Subcommand};

use super::{Dates, Refs, Stream};

/// What to plan.
#[derive(Debug, Subcommand)]
pub(crate) enum Plan {
    /// Plan `gik refs`: each run is done by one machine
    Refs(Planned<Refs>),
    /// Plan `gik stream`: a machine has steps of runs, with all their members
    Stream(Planned<Stream>),
}

/// The options of a command, for many runs, and how they are shared out.
#[derive(Clone, Debug)]
pub(crate) struct Planned<T> {
    pub(crate) source: Option<String>,
    pub(crate) dates: Dates,
    /// Hours of the runs, as they were typed.
    pub(crate) hours: Vec<String>,
    /// All other options that were typed, by their long names; none for a flag.
    pub(crate) options: BTreeMap<String, Vec<String>>,
    pub(crate) sharding: Sharding,
    of: PhantomData<T>,
}

/// How work is shared out.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Shards")]
pub(crate) struct Sharding {
    /// How many shards; one for each run (refs) or step of a run (stream) by default
    #[arg(long, value_name = "N", conflicts_with = "shard_bytes")]
    pub(crate) shards: Option<usize>,
    /// As many shards as it takes that each reads about this many bytes
    #[arg(long, value_name = "BYTES")]
    pub(crate) shard_bytes: Option<u64>,
    /// Groups that the variables of a product are in: more than one where there are more machines than steps
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) groups: usize,
    /// Where shards leave results and verdicts, a folder, s3:// or gs://; by default _gik/ beside the results
    #[arg(long, value_name = "PLACE")]
    pub(crate) work: Option<String>,
}

const APART: [&str; 3] = ["date", "run", "source"];

impl<T: Args> Args for Planned<T> {
    fn augment_args(command: Command) -> Command {
        let command = T::augment_args(command)
            .mut_arg("date", |arg| {
                arg.value_parser(clap::value_parser!(String))
                    .required(true)
                    .value_name("DATE")
                    .help("Days of the runs: YYYYMMDD, or A..B with both ends")
            })
            .mut_arg("run", |arg| arg.help("Hours of the runs: 00 or 00,12"));
        Sharding::augment_args(command)
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<T: Args> FromArgMatches for Planned<T> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let own = T::augment_args(Command::new("planned"));
        let mut options = BTreeMap::new();
        for arg in own.get_arguments() {
            let id = arg.get_id().as_str();
            let typed = matches.value_source(id) == Some(ValueSource::CommandLine);
            let name = arg.get_long().filter(|_| typed && !APART.contains(&id));
            if let Some(name) = name {
                let values = match takes_values(arg) {
                    true => raw(matches, id)?,
                    false => Vec::new(),
                };
                options.insert(name.to_owned(), values);
            }
        }
        let dates = raw(matches, "date")?.join(",");
        let dates = dates.parse();
        let hours = raw(matches, "run")?.join(",");
        let hours = hours.split(',').filter(|hour| !hour.is_empty());
        Ok(Self {
            source: raw(matches, "source")?.into_iter().next(),
            dates: dates.map_err(|error| {
                clap::Error::raw(ErrorKind::ValueValidation, format!("--date: {error}\n"))
            })?,
            hours: hours.map(str::to_owned).collect(),
            options,
            sharding: Sharding::from_arg_matches(matches)?,
            of: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

fn takes_values(arg: &Arg) -> bool {
    arg.get_action().takes_values()
}

fn raw(matches: &ArgMatches, id: &str) -> Result<Vec<String>, clap::Error> {
    let values = matches.get_raw(id).into_iter().flatten();
    let texts = values.map(|value| {
        let text = value.to_str().map(str::to_owned);
        text.ok_or_else(|| clap::Error::new(ErrorKind::InvalidUtf8))
    });
    texts.collect()
}

#[derive(Args, Debug)]
#[command(after_help = RUN_HELP)]
pub(crate) struct RunShard {
    /// The plan: a file, or an address that starts with s3://, gs:// or https://
    pub(crate) plan: String,
    /// Which shard, from 0; 17/200 is the eighteenth of 200 shares, whatever the plan has; by default what the batch engine says
    #[arg(long, value_name = "N[/OF]")]
    pub(crate) shard: Option<String>,
    /// The number that the batch engine gives the first shard, where that cannot be told
    #[arg(long, value_name = "0|1", conflicts_with = "shard", value_parser = clap::value_parser!(u8).range(0..=1))]
    pub(crate) count_from: Option<u8>,
    /// Make it again, and replace what is there
    #[arg(long)]
    pub(crate) force: bool,
    /// Exit 0 where it is done with gaps: for engines that take any other code for a failure
    #[arg(long)]
    pub(crate) gaps_ok: bool,
}

const RUN_HELP: &str = "\
A shard is done once, whoever else does it: what is there is kept, and never half of anything.

Share 17/200 is every 200th shard from 17 on: the one shard 17 where the plan has 200, and perhaps none where it has fewer.

Without --shard the number is that of SLURM_ARRAY_TASK_ID, AWS_BATCH_JOB_ARRAY_INDEX, JOB_COMPLETION_INDEX or CLOUD_RUN_TASK_INDEX. \
The last three count from 0. Slurm counts as its --array says: an array from 0 to the last shard is taken from 0, one from 1 to the \
number of shards from 1; any other one needs --count-from.

Exit codes: 0 done, 3 done with gaps, 2 wrongly asked for, 1 failed.";

#[derive(Args, Debug)]
#[command(after_help = STATUS_HELP)]
pub(crate) struct Status {
    /// The plan: a file, or an address that starts with s3://, gs:// or https://
    pub(crate) plan: String,
}

const STATUS_HELP: &str = "\
Exit codes: 0 all shards are done, 3 all are done and some have gaps, 1 some are missing or failed, 2 wrongly asked for.";

#[derive(Args, Debug)]
#[command(after_help = MERGE_HELP)]
pub(crate) struct Merge {
    /// The plan: a file, or an address that starts with s3://, gs:// or https://
    pub(crate) plan: String,
    /// Put together what there is, and leave what is not: runs that are incomplete are named
    #[arg(long)]
    pub(crate) partial: bool,
    /// Read every file of references again, and hold it against its hash; by default its length is looked at
    #[arg(long)]
    pub(crate) read_back: bool,
}

const MERGE_HELP: &str = "\
References are where they belong as soon as their shard is done; merging proves that all of them are there, and lists them. Values are \
put together here, run by run, as `gik stream` writes them.

Exit codes: 0 complete, 3 merged with gaps or not all runs, 2 wrongly asked for, 1 failed or shards are missing.";
