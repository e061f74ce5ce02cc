//! What the page shows: the view that a link names, and what is known of the run that it names.

pub mod map_view;

use crate::demo;
use crate::escape;
use crate::protocol::{Built, Column, Event, Listed, OpenRun, Problem, Progress, Sort};
use map_view::MapView;

/// Everything that a link says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// What is looked at.
    pub tab: Tab,
    /// Where the run is read.
    pub place: Place,
    /// Catalogue id.
    pub source: String,
    /// Day of the run, `20250918`.
    pub date: String,
    /// Hour of the run.
    pub hour: u8,
    /// Members as users type them.
    pub member: String,
    /// Steps as users type them; empty for all.
    pub steps: String,
    /// Variables as users type them; empty for all.
    pub variables: String,
    /// Whether names and grid are read from the run's own headers, not from the catalogue.
    pub scan: bool,
    /// Words that rows of the inventory must have.
    pub filter: String,
    /// Only this variable; empty for all.
    pub variable: String,
    /// Only this level; empty for all.
    pub level: String,
    /// Only this step; empty for all.
    pub step: String,
    /// Order of the inventory.
    pub sort: Sort,
    /// The message that is opened.
    pub message: Option<u32>,
    /// The map, and the bytes of a file.
    pub map: MapView,
}

/// Where a run is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// Files of the user's; no link can name them.
    Files,
    /// A mirror of the catalogue, by its id; the first one where it is empty.
    Mirror(String),
    /// The sample that comes with the page.
    #[default]
    Sample,
    /// A root of the user's.
    Url(String),
}

/// A part of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Tab {
    /// About gik, settings, licences.
    About,
    /// Downloads and gaps.
    Build,
    /// The bytes of a file.
    Bytes,
    /// Kinds against steps.
    Coverage,
    /// The messages.
    #[default]
    Inventory,
    /// A field.
    Map,
}

impl Tab {
    /// All of them, in the order of the page.
    pub const ALL: [Self; 6] = [
        Self::Inventory,
        Self::Map,
        Self::Coverage,
        Self::Bytes,
        Self::Build,
        Self::About,
    ];

    /// Its name in links.
    pub fn name(self) -> &'static str {
        match self {
            Self::About => "about",
            Self::Build => "build",
            Self::Bytes => "bytes",
            Self::Coverage => "coverage",
            Self::Inventory => "inventory",
            Self::Map => "map",
        }
    }
}

/// The columns by their names in links.
const COLUMNS: [(&str, Column); 8] = [
    ("place", Column::Place),
    ("variable", Column::Variable),
    ("level", Column::Level),
    ("step", Column::Step),
    ("window", Column::Window),
    ("member", Column::Member),
    ("offset", Column::Offset),
    ("length", Column::Length),
];

impl Default for View {
    fn default() -> Self {
        let [first, ..] = demo::SAMPLES;
        let (date, hour) = split_run(first.run);
        Self {
            tab: Tab::default(),
            place: Place::Sample,
            source: first.source.to_owned(),
            date,
            hour,
            member: first
                .members
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
            steps: first.steps.to_owned(),
            variables: String::new(),
            scan: false,
            filter: String::new(),
            variable: String::new(),
            level: String::new(),
            step: String::new(),
            sort: Sort::default(),
            message: None,
            map: MapView::default(),
        }
    }
}

impl View {
    /// The view of a link's fragment, with or without its `#`. What it does not say is as at the first start, and what it
    /// says in a way that nobody understands is passed over.
    pub fn parse(fragment: &str) -> Self {
        let fragment = fragment.trim_start_matches('#');
        let mut view = Self::default();
        if fragment.contains("source=") {
            view.place = Place::Mirror(String::new());
            view.steps = String::new();
            view.member = String::new();
        }
        for pair in fragment.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let value = escape::decoded(value);
            match name {
                "tab" => {
                    let known = Tab::ALL.into_iter().find(|tab| tab.name() == value);
                    view.tab = known.unwrap_or(view.tab);
                }
                "from" => {
                    view.place = match value.as_str() {
                        "files" => Place::Files,
                        "sample" => Place::Sample,
                        url if url.contains("://") => Place::Url(value),
                        _ => Place::Mirror(value),
                    }
                }
                "source" => view.source = value,
                "date" => view.date = value,
                "run" => view.hour = value.parse().unwrap_or(view.hour),
                "member" => view.member = value,
                "steps" => view.steps = value,
                "vars" => view.variables = value,
                "names" => view.scan = value == "headers",
                "q" => view.filter = value,
                "var" => view.variable = value,
                "level" => view.level = value,
                "step" => view.step = value,
                "sort" => {
                    let name = value.trim_start_matches('-');
                    if let Some((_, column)) = COLUMNS.iter().find(|(known, _)| *known == name) {
                        view.sort = Sort {
                            column: *column,
                            descending: value.starts_with('-'),
                        };
                    }
                }
                "message" => view.message = value.parse().ok(),
                name => view.map.take(name, &value),
            }
        }
        view
    }

    /// The fragment of a link to this view, without `#`.
    pub fn fragment(&self) -> String {
        let mut text = String::new();
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                if !text.is_empty() {
                    text.push('&');
                }
                text.push_str(name);
                text.push('=');
                text.push_str(&escape::fragment(value));
            }
        };
        if self.place == Place::Files {
            add("from", "files");
        } else {
            add("source", &self.source);
            add("date", &self.date);
            add("run", &format!("{:02}", self.hour));
            add("member", &self.member);
            add("steps", &self.steps);
            add("vars", &self.variables);
            add("names", if self.scan { "headers" } else { "" });
            match &self.place {
                Place::Sample => add("from", "sample"),
                Place::Mirror(id) => add("from", id),
                Place::Url(url) => add("from", url),
                Place::Files => {}
            }
        }
        add("tab", self.tab.name());
        add("q", &self.filter);
        add("var", &self.variable);
        add("level", &self.level);
        add("step", &self.step);
        if self.sort != Sort::default() {
            let column = COLUMNS
                .iter()
                .find(|(_, column)| *column == self.sort.column);
            let name = column.map_or("place", |(name, _)| *name);
            let sign = if self.sort.descending { "-" } else { "" };
            add("sort", &format!("{sign}{name}"));
        }
        if let Some(message) = self.message {
            add("message", &message.to_string());
        }
        for (name, value) in self.map.parts() {
            add(name, &value);
        }
        text
    }

    /// The same view of a run of the sample.
    pub fn of_sample(&self, sample: &demo::Sample) -> Self {
        let (date, hour) = split_run(sample.run);
        Self {
            place: Place::Sample,
            source: sample.source.to_owned(),
            date,
            hour,
            member: sample
                .members
                .first()
                .copied()
                .unwrap_or_default()
                .to_owned(),
            steps: sample.steps.to_owned(),
            ..self.clone()
        }
    }

    /// The run as core writes it.
    pub fn run(&self) -> String {
        let (year, rest) = self.date.split_at_checked(4).unwrap_or((&self.date, ""));
        let (month, day) = rest.split_at_checked(2).unwrap_or((rest, ""));
        format!("{year}-{month}-{day}T{:02}", self.hour)
    }

    /// What the worker is asked for; `site` is where the page lies. `None` where files are looked at.
    pub fn request(&self, site: &str) -> Option<OpenRun> {
        let run = self.run();
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let mut request = OpenRun {
            source: self.source.clone(),
            run: run.clone(),
            members: self.member.clone(),
            steps: text(&self.steps),
            variables: self.variables.clone(),
            base: None,
            uri_base: None,
            scan: self.scan,
        };
        match &self.place {
            Place::Files => return None,
            Place::Mirror(id) => request.base = text(id),
            Place::Sample => {
                let folder = demo::sample(&self.source, &run)?.folder;
                request.base = Some(format!("{site}demo/{folder}"));
                request.scan = true;
            }
            Place::Url(url) => request.base = Some(url.trim_end_matches('/').to_owned()),
        }
        Some(request)
    }
}

/// Day and hour of `2025-09-18T00`.
fn split_run(run: &str) -> (String, u8) {
    let (date, hour) = run.split_once('T').unwrap_or((run, ""));
    (date.replace('-', ""), hour.parse().unwrap_or(0))
}

/// What is known of the run or the files that are open.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Session {
    /// Number of the request that opened it; what other requests say is of no interest any more.
    pub request: u32,
    /// How far it is.
    pub phase: Phase,
    /// How many files were read.
    pub progress: Progress,
    /// When it began, in milliseconds.
    pub started: f64,
    /// When the last news came.
    pub now: f64,
    /// The inventory.
    pub listed: Option<Listed>,
    /// The references.
    pub built: Option<Built>,
    /// What went wrong.
    pub problem: Option<Problem>,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Phase {
    /// Nothing was asked for.
    #[default]
    Empty,
    /// Indexes are being read.
    Reading,
    /// The inventory is there; references are being built.
    Building,
    /// All is there that will be.
    Finished,
}

impl Session {
    /// A session that begins.
    pub fn begin(request: u32, now: f64) -> Self {
        Self {
            request,
            phase: Phase::Reading,
            started: now,
            now,
            ..Self::default()
        }
    }

    /// Takes what the worker says of a request.
    pub fn apply(&mut self, request: u32, event: Event, now: f64) {
        if request != self.request {
            return;
        }
        self.now = now;
        match event {
            Event::Progress(progress) => self.progress = progress,
            Event::Listed(listed) => {
                self.listed = Some(listed);
                self.phase = Phase::Building;
            }
            Event::Built(built) => {
                self.built = Some(*built);
                self.phase = Phase::Finished;
            }
            Event::Failed(problem) => {
                self.problem = Some(problem);
                self.phase = Phase::Finished;
            }
            Event::Done => self.phase = Phase::Finished,
            _ => {}
        }
    }

    /// Whether something is under way.
    pub fn is_busy(&self) -> bool {
        matches!(self.phase, Phase::Reading | Phase::Building)
    }

    /// Bytes in a second since the start.
    pub fn rate(&self) -> f64 {
        let seconds = (self.now - self.started) / 1000.0;
        if seconds > 0.0 {
            self.progress.bytes as f64 / seconds
        } else {
            0.0
        }
    }

    /// Seconds that are left, once there is something to judge by.
    pub fn seconds_left(&self) -> Option<f64> {
        let Progress { total, done, .. } = self.progress;
        let elapsed = (self.now - self.started) / 1000.0;
        let enough = done > 0 && elapsed > 0.5 && done < total;
        enough.then(|| elapsed * f64::from(total - done) / f64::from(done))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ProblemKind;

    #[test]
    fn a_link_gives_the_view_that_it_was_made_of() {
        let plain = View::default();
        assert_eq!(View::parse(&plain.fragment()), plain);
        assert_eq!(View::parse(""), plain);
        let view = View {
            tab: Tab::Coverage,
            place: Place::Url("https://host/a b/&c#d".to_owned()),
            source: "ifs-ens".to_owned(),
            date: "20260706".to_owned(),
            hour: 12,
            member: "ens01-ens03".to_owned(),
            steps: "0-144:3,150".to_owned(),
            variables: "t2m,u@850".to_owned(),
            scan: true,
            filter: "tmp 2 m".to_owned(),
            variable: "TMP".to_owned(),
            level: "2 m above ground".to_owned(),
            step: "3".to_owned(),
            sort: Sort {
                column: Column::Length,
                descending: true,
            },
            message: Some(7),
            map: MapView {
                minus: "step:0".to_owned(),
                ..MapView::default()
            },
        };
        assert_eq!(View::parse(&format!("#{}", view.fragment())), view);
        for place in [
            Place::Files,
            Place::Sample,
            Place::Mirror("gcs".to_owned()),
            Place::Mirror(String::new()),
        ] {
            let view = View {
                place,
                ..View::default()
            };
            assert_eq!(View::parse(&view.fragment()).place, view.place);
        }
    }

    #[test]
    fn a_link_that_nobody_understands_does_no_harm() {
        let view = View::parse("#tab=nonsense&run=x&sort=-y&message=-1&&==&%%");
        assert_eq!(view, View::default());
    }

    #[test]
    fn the_sample_is_read_where_the_page_lies() {
        let request = View::default().request("https://h/gik/").unwrap();
        assert_eq!(
            request.base.as_deref(),
            Some("https://h/gik/demo/noaa-gefs-pds")
        );
        assert_eq!(
            (request.run.as_str(), request.scan),
            ("2025-09-18T00", true)
        );
        let other = View::parse("source=gfs&date=20250101&run=06");
        let request = other.request("https://h/").unwrap();
        assert_eq!((request.base, request.scan), (None, false));
        assert_eq!(request.run, "2025-01-01T06");
    }

    #[test]
    fn news_of_an_older_request_are_passed_over() {
        let mut session = Session::begin(2, 1000.0);
        session.apply(1, Event::Done, 1001.0);
        assert_eq!(session.phase, Phase::Reading);
        let progress = Progress {
            total: 10,
            done: 5,
            bytes: 4_000_000,
            ..Progress::default()
        };
        session.apply(2, Event::Progress(progress), 3000.0);
        assert_eq!((session.rate(), session.seconds_left()), (2e6, Some(2.0)));
        let problem = Problem {
            kind: ProblemKind::Cors,
            url: None,
            text: String::new(),
        };
        session.apply(2, Event::Failed(problem.clone()), 3000.0);
        assert_eq!(session.problem, Some(problem));
        assert!(!session.is_busy());
    }
}
