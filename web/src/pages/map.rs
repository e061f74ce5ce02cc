//! A field on a map: drawn by the worker, moved and zoomed at once, and drawn anew where it was moved to.

use leptos::ev;
use leptos::prelude::*;

use crate::browser::canvas::{self, Picture};
use crate::browser::{self};
use crate::components::map_canvas::{CANVAS, Canvas};
use crate::components::map_choice::Choice;
use crate::components::map_legend::Legend;
use crate::components::problem::ProblemText;
use crate::components::series::SeriesPart;
use crate::format;
use crate::model::{Model, model};
use crate::place::Place;
use crate::protocol::map::Picture as FileKind;
use crate::protocol::map::{DrawWanted, Drawn, FieldWanted, Point, PointWanted, Siblings};
use crate::protocol::{Event, Job, Problem};
use crate::state::map_view;
use crate::texts::Text;

/// The most pixels that a map is wide: more take longer than they help.
const WIDEST: f64 = 1_600.0;
/// Milliseconds after which a place that was moved to is part of the link.
const SETTLED: i32 = 400;

/// What the parts of the map share. It is a handful of handles: copy it.
#[derive(Clone, Copy)]
pub struct MapModel {
    /// The page.
    pub model: Model,
    /// Messages beside the one that is shown.
    pub siblings: RwSignal<Option<Siblings>>,
    /// The part of the world that is shown; `None` for all of the field.
    pub place: RwSignal<Option<[f64; 3]>>,
    /// Pixels of the map.
    pub size: RwSignal<(u32, u32)>,
    /// The last map that was drawn.
    pub drawn: RwSignal<Option<Drawn>>,
    /// Whether one is being drawn.
    pub busy: RwSignal<bool>,
    /// Why there is none.
    pub problem: RwSignal<Option<Problem>>,
    /// The point that was chosen, with its value.
    pub point: RwSignal<Option<Option<Point>>>,
    picture: StoredValue<Option<Picture>, LocalStorage>,
    moves: StoredValue<u32>,
    /// Points that keys lead east and south, and whether the worker is on its way there.
    way: StoredValue<(i32, i32, bool)>,
}

/// The map.
#[component]
pub fn Map() -> impl IntoView {
    let map = MapModel::new(model());
    provide_context(map);
    let model = map.model;
    map.find_siblings();
    map.draw_what_is_wanted();
    map.follow_link();
    map.follow_point();
    let resized = window_event_listener(ev::resize, move |_| map.measure());
    on_cleanup(move || resized.remove());
    let none = move || {
        map.siblings.with(Option::is_none) && model.session.with(|session| !session.is_busy())
    };
    view! {
        <section class="map" aria-labelledby="tab-map">
            <Choice/>
            <h2 id="map-title">{move || title(map)}</h2>
            <p class="quiet" id="map-when">
                {move || {
                    map.drawn
                        .with(|drawn| {
                            drawn.as_ref().map(|drawn| drawn.field.when.clone()).unwrap_or_default()
                        })
                }}
            </p>
            <Show when=none>
                <p>{model.say(Text::Empty)}</p>
            </Show>
            {move || map.problem.get().map(|problem| view! { <ProblemText problem/> })}
            <Canvas/>
            <Legend/>
            <Readout/>
            <Files/>
            <SeriesPart/>
        </section>
    }
}

/// The map of the page.
pub fn map_model() -> MapModel {
    expect_context()
}

/// The chosen point with its value, told to those who listen.
#[component]
fn Readout() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let text = move || {
        let point = map.point.get()?;
        let Some(point) = point else {
            return Some(Text::MapBeyond.say(model.language.get()).to_owned());
        };
        let units = map.drawn.with(|drawn| {
            let drawn = drawn.as_ref();
            drawn.map_or_else(String::new, |drawn| drawn.field.units.clone())
        });
        Some(said(model, point, &units))
    };
    view! {
        <p class="readout">
            <output id="cursor" aria-live="polite">
                {text}
            </output>
        </p>
    }
}

/// A point and its value in words.
pub fn said(model: Model, point: Point, units: &str) -> String {
    let place = format::place(point.latitude, point.longitude);
    match point.value {
        Some(value) => format!("{place}: {} {units}", format::number(value)),
        None => format!("{place}: {}", Text::MapMissing.say(model.language.get())),
    }
}

/// Downloads of what is shown.
#[component]
fn Files() -> impl IntoView {
    let map = map_model();
    let model = map.model;
    let save = move |kind: FileKind| {
        move |_| {
            let Some(wanted) = map.wanted() else {
                return;
            };
            let footer = model.source().map(|source| {
                let year: String = model
                    .view
                    .with_untracked(|view| view.date.chars().take(4).collect());
                source.attribution.replace("{year}", &year)
            });
            let job = Job::Picture {
                map: wanted,
                kind,
                footer: footer.unwrap_or_default(),
            };
            model.ask(job, move |event, files| match event {
                Event::Artifacts { names } => {
                    for (name, file) in names.iter().zip(&files) {
                        browser::download(name, file);
                    }
                }
                Event::Failed(problem) => {
                    let _ = map.problem.try_set(Some(problem));
                }
                _ => {}
            });
        }
    };
    let nothing = move || map.drawn.with(Option::is_none);
    view! {
        <p class="buttons">
            <button type="button" id="map-png" disabled=nothing on:click=save(FileKind::Png)>
                {model.say(Text::MapPng)}
            </button>
            <button type="button" id="map-csv" disabled=nothing on:click=save(FileKind::Csv)>
                {model.say(Text::MapCsv)}
            </button>
        </p>
    }
}

/// What is shown; until that is known, that it is a map.
fn title(map: MapModel) -> String {
    let named = map.drawn.with(|drawn| {
        let field = &drawn.as_ref()?.field;
        Some(format!("{} ({})", field.title, field.units))
    });
    named.unwrap_or_else(|| Text::Map.say(map.model.language.get()).to_owned())
}

impl MapModel {
    fn new(model: Model) -> Self {
        Self {
            model,
            siblings: RwSignal::default(),
            place: RwSignal::new(model.view.with_untracked(|view| view.map.shown())),
            size: RwSignal::new((0, 0)),
            drawn: RwSignal::default(),
            busy: RwSignal::new(false),
            problem: RwSignal::default(),
            point: RwSignal::default(),
            picture: StoredValue::new_local(None),
            moves: StoredValue::new(0),
            way: StoredValue::new((0, 0, false)),
        }
    }

    /// The number of the request that opened what is shown, once its messages are known.
    pub fn open(self) -> Option<u32> {
        self.model
            .session
            .with(|session| session.listed.is_some().then_some(session.request))
    }

    /// The field that is wanted, once the messages beside it are known.
    pub fn field(self) -> Option<FieldWanted> {
        let message = self.model.view.with(|view| view.message);
        self.siblings.with(|siblings| {
            let siblings = siblings.as_ref()?;
            let known = message.is_none_or(|message| message == siblings.message);
            known.then(|| FieldWanted {
                message: siblings.message,
                minus: self.model.view.with(|view| view.map.subtrahend(siblings)),
            })
        })
    }

    /// The map that is wanted.
    pub fn wanted(self) -> Option<DrawWanted> {
        let (width, height) = self.size.get();
        let field = self.field().filter(|_| width > 0)?;
        self.model.view.with(|view| {
            Some(DrawWanted {
                field,
                colours: view.map.colours.clone(),
                limits: view.map.limits(),
                place: self.place.get(),
                width,
                height,
            })
        })
    }

    /// The part of the world that is to be seen, once that is known.
    pub fn shown(self) -> Option<Place> {
        let (width, height) = self.size.get_untracked();
        let place = self.place.get_untracked().or_else(|| {
            let drawn = |drawn: &Option<Drawn>| drawn.as_ref().map(|drawn| drawn.place);
            self.drawn.with_untracked(drawn)
        });
        let ratio = f64::from(height) / f64::from(width);
        place
            .filter(|_| width > 0)
            .map(|place| Place::new(place, ratio))
    }

    /// Shows another part of the world; the link follows when it stays.
    pub fn move_to(self, place: Option<[f64; 3]>) {
        self.place.set(place);
        self.compose();
        self.moves
            .update_value(|moves| *moves = moves.wrapping_add(1));
        let own = self.moves.get_value();
        leptos::task::spawn_local(async move {
            browser::sleep(SETTLED).await;
            if self.moves.try_get_value() == Some(own) {
                let text = place.map_or_else(String::new, |place| map_view::text(&place));
                self.model.view.update(|view| view.map.place = text);
            }
        });
    }

    /// Shows another message.
    pub fn go(self, message: u32) {
        self.model.view.update(|view| view.message = Some(message));
    }

    /// Chooses the point of the grid that is nearest to a place.
    pub fn choose(self, place: (f64, f64)) {
        self.way.set_value((0, 0, true));
        self.go_to(place, 0, 0);
    }

    /// Goes on to the next point of the grid. Keys that come faster than the worker answers are added up.
    pub fn step(self, east: i32, south: i32) {
        let on_its_way = self.way.get_value().2;
        self.way
            .update_value(|way| *way = (way.0 + east, way.1 + south, true));
        if !on_its_way {
            self.step_on();
        }
    }

    fn step_on(self) {
        let chosen = self.model.view.with_untracked(|view| view.map.chosen());
        let (east, south, _) = self.way.get_value();
        self.way.set_value((0, 0, true));
        match (chosen, self.shown()) {
            (Some([latitude, longitude]), _) => self.go_to((latitude, longitude), east, south),
            // The first key shows where the point is.
            (None, Some(place)) => self.go_to((place.latitude, place.longitude), 0, 0),
            (None, None) => self.way.set_value((0, 0, false)),
        }
    }

    fn go_to(self, (latitude, longitude): (f64, f64), east: i32, south: i32) {
        let drawn = |drawn: &Option<Drawn>| drawn.as_ref().map(|drawn| drawn.field.wanted);
        let Some(field) = self.drawn.with_untracked(drawn) else {
            self.way.set_value((0, 0, false));
            return;
        };
        let wanted = PointWanted {
            field,
            latitude,
            longitude,
            east,
            south,
        };
        self.model.ask(Job::Point(wanted), move |event, _| {
            if let Event::Point(point) = event {
                let _ = self.point.try_set(Some(point));
                if let Some(point) = point {
                    let text = map_view::text(&[point.latitude, point.longitude]);
                    self.model.view.update(|view| view.map.point = text);
                }
            }
            match self.way.try_get_value() {
                Some((0, 0, _)) => self.way.set_value((0, 0, false)),
                Some(_) => self.step_on(),
                // The page is gone.
                None => {}
            }
        });
    }

    /// Takes the size of the canvas as it is now.
    pub fn measure(self) {
        let Some((width, height)) = canvas::size_of(CANVAS) else {
            return;
        };
        let ratio = browser::window().map_or(1.0, |window| window.device_pixel_ratio());
        let wide = (width * ratio).min(WIDEST).round();
        let size = (wide as u32, (wide * height / width).round() as u32);
        if self.size.get_untracked() != size {
            self.size.set(size);
        }
    }

    /// Puts the last picture where it belongs now.
    fn compose(self) {
        let Some(place) = self.shown() else {
            return;
        };
        let point = self.model.view.with_untracked(|view| view.map.chosen());
        let size = self.size.get_untracked();
        self.picture.with_value(|picture| {
            if let Some(picture) = picture {
                canvas::show(CANVAS, picture, (place, size), point);
            }
        });
    }

    fn find_siblings(self) {
        let asked = Memo::new(move |_| {
            let open = self.open()?;
            Some((open, self.model.view.with(|view| view.message)))
        });
        Effect::new(move |_| {
            let Some((open, message)) = asked.get() else {
                self.siblings.set(None);
                return;
            };
            self.model.ask(Job::Siblings { message }, move |event, _| {
                let current = asked.try_get_untracked().flatten() == Some((open, message));
                if let Event::Siblings(siblings) = event
                    && current
                {
                    let _ = self.siblings.try_set(siblings);
                }
            });
        });
    }

    /// Asks for maps, one at a time: of those that are wanted meanwhile the last one.
    fn draw_what_is_wanted(self) {
        let wanted = Memo::new(move |_| Some((self.open()?, self.wanted()?)));
        let ask = StoredValue::new_local(None::<Box<dyn Fn()>>);
        ask.set_value(Some(Box::new(move || {
            let Some((open, asked)) = wanted.get_untracked() else {
                return;
            };
            self.busy.set(true);
            self.model
                .ask(Job::Draw(asked.clone()), move |event, files| {
                    let Some(now) = wanted.try_get_untracked() else {
                        // The page is gone.
                        return;
                    };
                    self.busy.set(false);
                    let other_field = now
                        .as_ref()
                        .is_some_and(|now| now.0 != open || now.1.field != asked.field);
                    match event {
                        Event::Drawn(drawn) if !other_field => {
                            let pixels = files.first();
                            let picture = pixels.and_then(|pixels| picture(&drawn, pixels));
                            self.picture.set_value(picture);
                            self.problem.set(None);
                            self.drawn.set(Some(*drawn));
                            self.compose();
                        }
                        Event::Failed(problem) if !other_field => self.problem.set(Some(problem)),
                        _ => {}
                    }
                    if now.is_some_and(|now| now != (open, asked.clone())) {
                        ask.try_with_value(|ask| ask.as_ref().map(|ask| ask()));
                    }
                });
        })));
        Effect::new(move |_| {
            wanted.track();
            if !self.busy.get_untracked() {
                ask.with_value(|ask| ask.as_ref().map(|ask| ask()));
            }
        });
    }

    /// A link that was followed moves the map.
    fn follow_link(self) {
        let place = Memo::new(move |_| self.model.view.with(|view| view.map.shown()));
        Effect::new(move |_| {
            let linked = place.get();
            let known = self.place.get_untracked();
            let text = |place: Option<[f64; 3]>| place.map(|place| map_view::text(&place));
            if text(known) != text(linked) {
                self.place.set(linked);
                self.compose();
            }
        });
    }

    /// The value of the chosen point, of each field that is shown.
    fn follow_point(self) {
        let chosen = Memo::new(move |_| self.model.view.with(|view| view.map.chosen()));
        let field = Memo::new(move |_| {
            self.drawn
                .with(|drawn| drawn.as_ref().map(|one| one.field.wanted))
        });
        Effect::new(move |_| {
            let (chosen, field) = (chosen.get(), field.get());
            self.compose();
            let Some(([latitude, longitude], field)) = chosen.zip(field) else {
                self.point.set(None);
                return;
            };
            let wanted = PointWanted {
                field,
                latitude,
                longitude,
                east: 0,
                south: 0,
            };
            self.model.ask(Job::Point(wanted), move |event, _| {
                if let Event::Point(point) = event {
                    let _ = self.point.try_set(Some(point));
                }
            });
        });
    }
}

fn picture(drawn: &Drawn, pixels: &js_sys::Uint8Array) -> Option<Picture> {
    let ratio = f64::from(drawn.height) / f64::from(drawn.width);
    let place = Place::new(drawn.place, ratio);
    Picture::new(pixels, (drawn.width, drawn.height), place)
}
