//! Why a job failed: an error of one room, with the object that it speaks of.

use crate::ensemble::region::RegionError;
use crate::ensemble::units::NoConversion;
use crate::grib::GribError;
use crate::grib::grid::GridError;
use crate::grib::malformed::Malformed;
use crate::index::{IndexError, NotAnIndex};
use crate::keys::KeysError;
use crate::output::per_hour::PerHourError;
use crate::refs::build::BuildError;
use crate::source::{CatalogError, SourceError};
use crate::store::StoreError;
use crate::template::build::TemplateError;
use crate::template::select::SelectError;
use crate::time::{Moment, Run, Step};
use crate::tree::TreeError;

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The store cannot be built from the messages.
    #[error("the references cannot be built")]
    Build(#[from] BuildError),
    /// The catalogue has no such source, or is damaged.
    #[error(transparent)]
    Catalog(#[from] CatalogError),
    /// A message cannot be read.
    #[error("{url}: the message at byte {offset} cannot be read")]
    Grib {
        /// The object.
        url: String,
        /// Where the message starts.
        offset: u64,
        /// What is wrong with it.
        source: GribError,
    },
    /// A grid whose points cannot be placed.
    #[error("{label}: its grid cannot be used")]
    Grid {
        /// How the index writes the message.
        label: String,
        /// What is wrong with it.
        source: GridError,
    },
    /// An index cannot be read.
    #[error("{url}: not a usable index")]
    Index {
        /// The object.
        url: String,
        /// The line, and what is wrong with it.
        source: IndexError,
    },
    /// The message at an index line is not what the line says.
    #[error(
        "{url}, line {line}: the index says {what} {expected}, the message at byte {offset} says {found}"
    )]
    Mismatch {
        /// The index object.
        url: String,
        /// The line.
        line: usize,
        /// What they disagree on.
        what: &'static str,
        /// What the index says.
        expected: String,
        /// Where the message starts.
        offset: u64,
        /// What the message says.
        found: String,
    },
    /// Objects of two runs where one is needed.
    #[error("{} is of run {}, {} is of run {}: one store holds one run", first.1, first.0, second.1, second.0)]
    TwoRuns {
        /// The first run, and the object that says it.
        first: (Run, String),
        /// Another run, and the object that says it.
        second: (Run, String),
    },
    /// Keys that make no store.
    #[error("the store cannot be read")]
    Keys(#[from] KeysError),
    /// No message of an object can be referred to.
    #[error("{url}: no usable GRIB2 message: {because}")]
    NoMessage {
        /// The first object.
        url: String,
        /// What stands against the first message.
        because: String,
    },
    /// No index object of the run is there.
    #[error("none of the {count} index objects is there, from {first} on")]
    Nothing {
        /// How many were looked for.
        count: usize,
        /// The first of them.
        first: String,
    },
    /// What was read as an index is something else.
    #[error("{url}: {source}")]
    NotAnIndex {
        /// The object.
        url: String,
        /// What it is.
        source: NotAnIndex,
    },
    /// A template of another source or era.
    #[error("the template {template} is none for {run}")]
    OtherTemplate {
        /// The template.
        template: String,
        /// Source, era and run.
        run: String,
    },
    /// An index cannot be said in the published layout.
    #[error("{url}: no file of this hour can be written")]
    PerHour {
        /// The index object.
        url: String,
        /// Why.
        source: PerHourError,
    },
    /// A section of a message cannot be read.
    #[error("{url}: the message at byte {offset} cannot be read")]
    Section {
        /// The object.
        url: String,
        /// Where the message starts.
        offset: u64,
        /// What is wrong with it.
        source: Malformed,
    },
    /// A variable that the source does not have.
    #[error(transparent)]
    Select(#[from] SelectError),
    /// Something that the source does not have.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// Bytes could not be fetched.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The messages of a kind are not alike.
    #[error("the structure of the run is not clear")]
    Template(#[from] TemplateError),
    /// The run is not as its template says.
    #[error("{url}, line {line}: {says}, the message at byte {offset} has {found}")]
    TemplateMismatch {
        /// The index object.
        url: String,
        /// The line.
        line: usize,
        /// Which template says what of which message.
        says: String,
        /// Where the message starts.
        offset: u64,
        /// What the message says.
        found: String,
    },
    /// The kinds of messages do not fit into one tree.
    #[error("the structure of the run is not clear")]
    Tree(#[from] TreeError),
    /// An index line speaks of another step, run or member than its object.
    #[error("{url}, line {line}: {what} {found} in the index of {expected}")]
    WrongObject {
        /// The index object.
        url: String,
        /// The line.
        line: usize,
        /// What is wrong.
        what: &'static str,
        /// What the line says.
        found: String,
        /// What the object's name says.
        expected: String,
    },
    /// No variable that was asked for is carried in the run's era.
    #[error("{variables}: not carried in the era {era}")]
    NotInEra {
        /// What was asked for.
        variables: String,
        /// The era.
        era: String,
    },
    /// One name for two variables.
    #[error(
        "{name} is both {first} and {second}: name the level after @, or use a product that names them"
    )]
    Ambiguous {
        /// The name.
        name: String,
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// Variables of one file on two grids.
    #[error("{first} and {second} have different grids: they cannot be in one file")]
    Grids {
        /// One.
        first: String,
        /// The other.
        second: String,
    },
    /// A condition on what is not in the result.
    #[error("{asked}: no such variable in the result; there are: {known}")]
    NoSuchOutput {
        /// The condition.
        asked: String,
        /// The variables that there are.
        known: String,
    },
    /// Nothing is left that could be read.
    #[error("no values: {because}")]
    NoValues {
        /// The first reason.
        because: String,
    },
    /// Amounts between steps, of one step.
    #[error("amounts between steps need two steps at least")]
    OneStep,
    /// A message is not the one that was meant.
    #[error("{url}: the message at byte {offset} has {what} {found}, not {expected}")]
    OtherMessage {
        /// The object.
        url: String,
        /// Where the message starts.
        offset: u64,
        /// What differs.
        what: &'static str,
        /// What was meant.
        expected: String,
        /// What is there.
        found: String,
    },
    /// A region that cannot be cut.
    #[error("{variable}: no region can be cut")]
    Region {
        /// The variable.
        variable: String,
        /// Why.
        source: RegionError,
    },
    /// References of two runs.
    #[error("{} is of run {}, {} is of run {}", first.0, first.1, second.0, second.1)]
    Runs {
        /// The first, and its run.
        first: (String, Moment),
        /// Another one.
        second: (String, Moment),
    },
    /// Two files of one member.
    #[error("{first} and {second} are both member {number}")]
    SameMember {
        /// One.
        first: String,
        /// The other.
        second: String,
        /// The member.
        number: i64,
    },
    /// Two messages where one is meant.
    #[error("{what} at step {step}: two messages, at bytes {first} and {second}")]
    TwoMessages {
        /// The variable.
        what: String,
        /// The step.
        step: Step,
        /// Where one starts.
        first: u64,
        /// Where the other starts.
        second: u64,
    },
    /// A unit that cannot be had.
    #[error("{variable}: the unit cannot be had")]
    Units {
        /// The variable.
        variable: String,
        /// Why.
        #[source]
        source: NoConversion,
    },
}
