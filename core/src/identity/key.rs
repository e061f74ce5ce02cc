//! The whole identity of a message, apart from its run.

use std::borrow::Cow;

use serde::Serialize;

use super::{Level, Member, Statistic, When, Word};

/// What a message is: two messages of a run with the same key are the same message.
///
/// Everything that an index line says of a message is in its key, typed or as text, so that no two messages share one because
/// a field was lost. The date is not: a key is the same in every run, which is what makes a template reusable.
///
/// A `Key<'a>` borrows from the index; [`Key::into_owned`] gives one that does not. Both hash and compare alike, so that a map of
/// owned keys is searched with borrowed ones.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Key<'a> {
    /// The physical quantity.
    pub parameter: Parameter<'a>,
    /// Where in the vertical.
    pub level: Level<'a>,
    /// Step or window.
    pub when: When<'a>,
    /// What was done over the window, where the index says it. MARS does not: the parameter implies it.
    pub statistic: Option<Statistic>,
    /// Part of the ensemble, where the index says it.
    pub member: Option<Member>,
    /// What only MARS says.
    pub mars: Option<Mars<'a>>,
    /// Everything else, as written: the fields of a wgrib2 line behind the member (`prob >0.254:prob fcst 3/30`), or the keys of a
    /// MARS line that have no field here, as a JSON object sorted by key.
    pub extra: Cow<'a, str>,
    /// Which one, in the order of the file, of messages that nothing else tells apart; 0 but where a rule of the catalogue allows
    /// for more. See [`crate::index::tell_apart`].
    pub occurrence: u8,
}

/// A physical quantity, in the words of the index.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Parameter<'a> {
    /// `TMP`, `2t`, `129`.
    Name(Cow<'a, str>),
    /// Numbers, where wgrib2 has no name.
    Numbers(ParameterNumbers),
}

/// A parameter that wgrib2 has no name for: `var discipline=0 center=7 local_table=1 parmcat=16 parm=201`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct ParameterNumbers {
    /// Code table 0.0.
    pub discipline: u8,
    /// Code table 4.1.
    pub category: u8,
    /// Code table 4.2.
    pub number: u8,
    /// Originating centre (common code table C-11), said where the parameter is a local one.
    pub center: Option<u16>,
    /// Version of the master tables (code table 1.0), said where the parameter is none of a centre.
    pub master_table: Option<u8>,
    /// Version of the centre's tables (code table 1.1).
    pub local_table: Option<u8>,
}

/// MARS keywords that are no parameter, level, step or number. An empty word stands for a key that the line does not have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Mars<'a> {
    /// `class`: `od`, `ai`.
    pub class: Word,
    /// `stream`: `oper`, `enfo`, `waef`.
    pub stream: Word,
    /// `type`: `fc`, `cf`, `pf`, `em`, `es`, `an`.
    #[serde(rename = "type")]
    pub kind: Word,
    /// `expver`.
    pub expver: Word,
    /// `domain`.
    pub domain: Word,
    /// `model`: `aifs-single`.
    pub model: Option<Cow<'a, str>>,
    /// `quantile`: `1:10`.
    pub quantile: Option<Cow<'a, str>>,
}

impl Key<'_> {
    /// The same key for every member: without the member, and without the `type` of MARS where that only repeats it (`cf`, `pf`).
    ///
    /// Mean, spread and other derived forecasts keep theirs, as they are other fields than those of a member.
    #[must_use]
    pub fn without_member(mut self) -> Self {
        if !matches!(
            self.member,
            None | Some(
                Member::Control
                    | Member::Perturbed(_)
                    | Member::Negative(_)
                    | Member::HighResolutionControl
            )
        ) {
            return self;
        }
        self.member = None;
        if let Some(mars) = &mut self.mars
            && (mars.kind == "cf" || mars.kind == "pf")
        {
            mars.kind = Word::EMPTY;
        }
        self
    }

    /// The same key, with its own copies of all texts.
    pub fn into_owned(self) -> Key<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        Key {
            parameter: match self.parameter {
                Parameter::Name(name) => Parameter::Name(owned(name)),
                Parameter::Numbers(numbers) => Parameter::Numbers(numbers),
            },
            level: self.level.into_owned(),
            when: self.when.into_owned(),
            statistic: self.statistic,
            member: self.member,
            mars: self.mars.map(|mars| Mars {
                class: mars.class,
                stream: mars.stream,
                kind: mars.kind,
                expver: mars.expver,
                domain: mars.domain,
                model: mars.model.map(owned),
                quantile: mars.quantile.map(owned),
            }),
            extra: owned(self.extra),
            occurrence: self.occurrence,
        }
    }

    /// The text key of a MARS message, `param:levtype[:levelist]:step[:number=N]`, as `gh:pl:500:24:number=7`; `None` for others.
    ///
    /// A text for output formats that want one. It leaves out class, stream and type, so that it is no identity.
    pub fn mars_text(&self) -> Option<String> {
        let (Parameter::Name(param), Level::Mars { levtype, levelist }) =
            (&self.parameter, &self.level)
        else {
            return None;
        };
        let mut text = format!("{param}:{levtype}");
        for part in levelist
            .iter()
            .map(|levelist| levelist.to_string())
            .chain([self.when.to_string()])
            .chain(match self.member {
                Some(Member::Perturbed(number)) => Some(format!("number={number}")),
                _ => None,
            })
        {
            text.push(':');
            text.push_str(&part);
        }
        Some(text)
    }
}
