//! Where in the vertical a message is.

use std::borrow::Cow;

use serde::Serialize;

use super::{Surface, Word};

/// The level of a message, in the words of whoever wrote it down.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level<'a> {
    /// Fixed surfaces of code table 4.5: a level has one, a layer has two.
    Surfaces {
        /// The level, or the first boundary of the layer.
        first: Surface,
        /// The other boundary of the layer.
        second: Option<Surface>,
    },
    /// MARS keywords: `pl` and `850`, `sfc` and nothing, `sol` and `3`.
    Mars {
        /// `levtype`; empty where the index does not say it.
        levtype: Word,
        /// `levelist`, as written.
        levelist: Option<Cow<'a, str>>,
    },
    /// A phrase that stands for no surface that we know, or for more than one.
    Text(Cow<'a, str>),
}

impl Level<'_> {
    /// The same level, with its own copy of the text.
    pub fn into_owned(self) -> Level<'static> {
        match self {
            Self::Surfaces { first, second } => Level::Surfaces { first, second },
            Self::Mars { levtype, levelist } => Level::Mars {
                levtype,
                levelist: levelist.map(|text| Cow::Owned(text.into_owned())),
            },
            Self::Text(text) => Level::Text(Cow::Owned(text.into_owned())),
        }
    }
}
