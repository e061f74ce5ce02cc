//! Runs as text, `2025-01-14T06`.

use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

use super::Run;

pub(crate) fn serialize<S: Serializer>(run: &Run, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(run)
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Run, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(D::Error::custom)
}

pub(crate) mod optional {
    use serde::{Deserializer, Serializer};

    use super::super::Run;

    pub(crate) fn serialize<S: Serializer>(
        run: &Option<Run>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match run {
            Some(run) => serializer.collect_str(run),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Run>, D::Error> {
        super::deserialize(deserializer).map(Some)
    }
}
