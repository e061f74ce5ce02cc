//! What page and worker say to each other. Plain data: bytes travel beside it, as transferred buffers.
//!
//! A request has a number, and every reply to it bears that number; the one that says [`Reply::last`] is its end.

pub mod bytes;
pub mod map;
pub mod message;

use serde::{Deserialize, Serialize};

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Number of the request.
    pub id: u32,
    /// What is wanted.
    pub job: Job,
}

/// What the worker can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Job {
    /// The bytes of a file, by its number, or of that of a message: [`Event::ByteMap`].
    ByteMap {
        /// Number of the file.
        file: Option<u32>,
        /// A message of the file.
        message: Option<u32>,
    },
    /// Gives up the request of that number: its transfers are aborted.
    Cancel {
        /// Number of the request.
        request: u32,
    },
    /// The sources: [`Event::Catalogue`].
    Catalogue,
    /// Members and steps of a run: [`Event::Choices`].
    Choices {
        /// Catalogue id.
        source: String,
        /// The run, `2025-09-18T00`.
        run: String,
        /// The member whose steps are listed, where it is chosen.
        member: Option<String>,
    },
    /// Forgets the index files that were kept: [`Event::Cached`].
    ClearCache,
    /// How many index files are kept: [`Event::Cached`].
    CountCache,
    /// A map: [`Event::Drawn`], its pixels beside.
    Draw(map::DrawWanted),
    /// Decodes a field, so that it is at hand: [`Event::Done`].
    Field(map::FieldWanted),
    /// A message by the line of its index and its header: [`Event::Message`].
    Message {
        /// Its number.
        message: u32,
    },
    /// Reads the indexes of a run and builds its references: [`Event::Progress`] again and again, [`Event::Listed`],
    /// [`Event::Built`].
    Open(OpenRun),
    /// Reads the files that come with the request: [`Event::Listed`], and [`Event::Built`] where they are references.
    OpenFiles,
    /// A field as a file: [`Event::Artifacts`].
    Picture {
        /// The map.
        map: map::DrawWanted,
        /// As what.
        kind: map::Picture,
        /// Small print.
        footer: String,
    },
    /// The value of a point: [`Event::Point`].
    Point(map::PointWanted),
    /// A window of the inventory: [`Event::Rows`].
    Rows(RowsWanted),
    /// Values of a point over the steps: [`Event::Series`] again and again.
    Series(map::SeriesWanted),
    /// Messages beside one, or beside the first: [`Event::Siblings`].
    Siblings {
        /// Its number.
        message: Option<u32>,
    },
    /// Where the page lies, `https://host/path/`: first of all.
    Start {
        /// Its address without a file name.
        site: String,
    },
    /// Reads a message whole and counts its values: [`Event::Statistics`].
    Statistics {
        /// Its number.
        message: u32,
    },
    /// The references that were built, as files: [`Event::Artifacts`].
    Write {
        /// In which format.
        format: Format,
    },
}

/// A run to open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenRun {
    /// Catalogue id.
    pub source: String,
    /// The run, `2025-09-18T00`.
    pub run: String,
    /// Members as users type them.
    pub members: String,
    /// Steps as users type them; `None` for all.
    pub steps: Option<String>,
    /// Variables as users type them; empty for all.
    pub variables: String,
    /// Root that is read; `None` for the source's first mirror.
    pub base: Option<String>,
    /// Root that references name; `None` for the one that is read.
    pub uri_base: Option<String>,
    /// Whether names and grid are read from the run's own headers, not from the catalogue.
    pub scan: bool,
}

/// A format of references.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Format {
    /// One JSON file.
    KerchunkJson,
    /// A folder of Parquet files; it comes as a zip.
    KerchunkParquet,
    /// One Parquet file of keys and values.
    KvParquet,
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Number of the request; 0 for what nobody asked for.
    pub id: u32,
    /// Whether nothing more comes.
    pub last: bool,
    /// What is said.
    pub event: Event,
}

/// What the worker says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// Files; the bytes come beside, in this order.
    Artifacts {
        /// Their names.
        names: Vec<String>,
    },
    /// References were built.
    Built(Box<Built>),
    /// The bytes of a file.
    ByteMap(Box<bytes::ByteMap>),
    /// Index files that are kept.
    Cached {
        /// How many; `None` where the browser keeps none.
        files: Option<u32>,
    },
    /// The sources.
    Catalogue(Vec<SourceInfo>),
    /// What a run has.
    Choices(Choices),
    /// It is done, and there is nothing to say.
    Done,
    /// A map.
    Drawn(Box<map::Drawn>),
    /// It cannot be done.
    Failed(Problem),
    /// The indexes were read: the inventory can be asked for.
    Listed(Listed),
    /// A message.
    Message(Box<message::Message>),
    /// The point of a grid; `None` beyond it.
    Point(Option<map::Point>),
    /// How far it is.
    Progress(Progress),
    /// The worker runs.
    Ready,
    /// A window of the inventory.
    Rows(Rows),
    /// Values of a point over the steps.
    Series(Box<map::Series>),
    /// Messages beside one; `None` where there is no message.
    Siblings(Option<map::Siblings>),
    /// A field in five numbers.
    Statistics(message::Statistics),
}

/// A source of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceInfo {
    /// Catalogue id.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// Who makes it.
    pub centre: String,
    /// Licence of the data.
    pub licence: String,
    /// The words that the licence asks for; `{year}` stands for the year of the run.
    pub attribution: String,
    /// First run of the catalogue.
    pub first: String,
    /// Whether one index file holds all members: then each is large.
    pub shared_indexes: bool,
    /// Where its files are.
    pub mirrors: Vec<MirrorInfo>,
}

impl SourceInfo {
    /// The words that the licence asks for, for a run of that day, `20250918`.
    pub fn attribution_of(&self, date: &str) -> String {
        let year: String = date.chars().take(4).collect();
        self.attribution.replace("{year}", &year)
    }
}

/// A place of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorInfo {
    /// `aws`, `gcs`, ...
    pub id: String,
    /// Root of its addresses.
    pub root: String,
    /// Whether pages of other sites may read it, where that is known.
    pub cors: Option<bool>,
}

/// What a run has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    /// Hours of the day at which there is a run.
    pub hours: Vec<u8>,
    /// Names of members.
    pub members: Vec<String>,
    /// Steps of the member, as users type them.
    pub steps: String,
    /// How many these are.
    pub count: u32,
}

/// How far a job is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Index files to read.
    pub total: u32,
    /// Those that were read.
    pub done: u32,
    /// Headers to read, once that is known.
    pub headers: u32,
    /// Bytes that came.
    pub bytes: u64,
    /// Requests that were sent again.
    pub retries: u32,
    /// Files that were read before, and kept.
    pub kept: u32,
    /// What is under way.
    pub active: Vec<Active>,
}

/// A transfer that is under way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Active {
    /// The object.
    pub url: String,
    /// Bytes that came.
    pub bytes: u64,
    /// Bytes that will come, where that is known.
    pub size: Option<u64>,
}

/// An inventory.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Messages.
    pub messages: u32,
    /// What was read: the run, or names of files.
    pub title: String,
    /// Index files or files of the user's.
    pub objects: u32,
}

/// What was built.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Built {
    /// References.
    pub references: u32,
    /// Arrays of data.
    pub arrays: u32,
    /// Headers that were read and agree.
    pub proven: u32,
    /// Kinds of messages known from the index only.
    pub derived: u32,
    /// What told names and grid.
    pub template: String,
    /// Stem of the files that can be written; `None` where nothing can.
    pub stem: Option<String>,
    /// Expected against found.
    pub coverage: Coverage,
    /// What is missing: the first so many.
    pub gaps: Vec<GapText>,
    /// How many there are.
    pub gap_count: u32,
    /// Bytes of memory that the worker has taken so far.
    pub heap: u64,
}

/// Kinds of messages against steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Steps, in hours as text.
    pub steps: Vec<String>,
    /// One row for each kind.
    pub rows: Vec<CoverageRow>,
}

/// A kind of message over the steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CoverageRow {
    /// How the index writes it.
    pub label: String,
    /// The array, `{varname}/{stepType}/{typeOfLevel}`; empty where no template knows it.
    pub array: String,
    /// One letter for each step, see [`Cell`].
    pub cells: String,
    /// Messages expected.
    pub expected: u32,
    /// Messages found.
    pub found: u32,
}

/// What is to be said of a kind at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cell {
    /// All that is expected is there.
    Complete,
    /// Some members have it.
    Partial,
    /// Expected, and not there.
    Missing,
    /// There, and no template knows it.
    Unmatched,
    /// Not expected.
    Nothing,
}

impl Cell {
    /// Its letter in [`CoverageRow::cells`].
    pub fn letter(self) -> char {
        match self {
            Self::Complete => 'c',
            Self::Partial => 'p',
            Self::Missing => 'm',
            Self::Unmatched => 'u',
            Self::Nothing => '-',
        }
    }

    /// The cell of a letter; what is no letter of a cell is nothing.
    pub fn of(letter: char) -> Self {
        match letter {
            'c' => Self::Complete,
            'p' => Self::Partial,
            'm' => Self::Missing,
            'u' => Self::Unmatched,
            _ => Self::Nothing,
        }
    }
}

/// Something that is missing, in words of core.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapText {
    /// A variable with its level, or an object.
    pub what: String,
    /// The step.
    pub step: String,
    /// The member.
    pub member: String,
    /// Why: a word that stands for the reason.
    pub reason: String,
    /// The object, or what else there is to say.
    pub detail: String,
}

/// A window of the inventory that is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsWanted {
    /// Words that must all be in a row.
    pub filter: String,
    /// Only this variable.
    pub variable: Option<String>,
    /// Only this level.
    pub level: Option<String>,
    /// Only this step.
    pub step: Option<String>,
    /// In which order.
    pub sort: Sort,
    /// First row of the window.
    pub first: u32,
    /// Rows of the window.
    pub count: u32,
}

/// An order of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Sort {
    /// By what.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

/// A column of the inventory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Column {
    /// As the files list them.
    #[default]
    Place,
    /// The variable.
    Variable,
    /// The level.
    Level,
    /// The step.
    Step,
    /// The window of time.
    Window,
    /// The member.
    Member,
    /// First byte.
    Offset,
    /// Bytes.
    Length,
}

/// A window of the inventory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rows {
    /// Messages that fit.
    pub total: u32,
    /// Bytes of these.
    pub bytes: u64,
    /// First row of the window.
    pub first: u32,
    /// The rows.
    pub rows: Vec<Row>,
    /// Values of each column that has few, with counts, among what the other choices leave.
    pub facets: Facets,
}

/// Values to choose from, each with the number of messages that have it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    /// Variables.
    pub variables: Vec<(String, u32)>,
    /// Levels.
    pub levels: Vec<(String, u32)>,
    /// Steps.
    pub steps: Vec<(String, u32)>,
}

/// A message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number, which stays the same whatever the order.
    pub message: u32,
    /// The variable.
    pub variable: String,
    /// The level.
    pub level: String,
    /// The step.
    pub step: String,
    /// The window of time; empty where there is none.
    pub window: String,
    /// The member; empty where there is none.
    pub member: String,
    /// First byte.
    pub offset: u64,
    /// Bytes; `None` where that is not known.
    pub length: Option<u64>,
}

/// Why something cannot be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What can be done about it depends on this.
    pub kind: ProblemKind,
    /// The object, where it is one.
    pub url: Option<String>,
    /// What core or the browser says.
    pub text: String,
}

/// What kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProblemKind {
    /// The server asks for patience, 503 or 429.
    Busy,
    /// It was given up on request.
    Cancelled,
    /// The server does not let pages of other sites read.
    Cors,
    /// 401 or 403.
    Denied,
    /// The archive is not what the template or the index says.
    Mismatch,
    /// No answer at all.
    Network,
    /// There is no such object.
    NotFound,
    /// The server does not send parts of files.
    Range,
    /// The file is none that can be read.
    Unreadable,
    /// What was asked for does not exist.
    Usage,
    /// Something else.
    Other,
}
