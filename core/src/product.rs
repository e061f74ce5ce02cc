//! Products as data: which variables of which steps over which region make a file that somebody waits for.

use serde::{Deserialize, Serialize};

mod builtin {
    include!(concat!(env!("OUT_DIR"), "/products.rs"));
}

/// A file that somebody waits for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// Short name that users type.
    pub id: String,
    /// What it is, in one line.
    pub title: String,
    /// Name of the file without its ending; `{source}`, `{date}` and `{run}` stand for those of the run.
    pub file: String,
    /// Steps, as users type them.
    pub steps: String,
    /// West, south, east and north in degrees; the whole grid where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<[f64; 4]>,
    /// Statistics, as users type them.
    pub stats: Vec<String>,
    /// What a program that was there before writes about its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<Seed>,
    /// The variables, in the order of the file.
    #[serde(rename = "variable")]
    pub variables: Vec<Wanted>,
}

/// Global attributes of a program that was there before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// `title`.
    pub title: String,
    /// `institution`.
    pub institution: String,
    /// `source`.
    pub source: String,
}

/// A variable of a product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Which one, as users type it: `u@700`.
    pub select: String,
    /// What it is called in the file; the name with the level by default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Unit to write; that of the archive where none is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub units: Option<String>,
    /// What it is, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub long_name: Option<String>,
    /// Amounts of this many hours before each step, put together from whatever windows the archive has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accumulate_hours: Option<i32>,
    /// What smaller values are raised to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floor: Option<f64>,
}

impl Wanted {
    /// A variable as it is in the archive.
    pub fn plain(select: &str) -> Self {
        Self {
            select: select.to_owned(),
            name: None,
            units: None,
            long_name: None,
            accumulate_hours: None,
            floor: None,
        }
    }
}

/// Why there is no such product.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ProductError {
    /// Not TOML, an unknown key, or a value of a wrong kind.
    #[error("{file} is no description of a product")]
    Toml {
        /// The file.
        file: String,
        /// Key, line and column.
        #[source]
        source: Box<toml::de::Error>,
    },
    /// No file describes it.
    #[error("no product `{id}`: expected a file.toml, or one of {known}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// The products that there are.
        known: String,
    },
}

impl Product {
    /// The product that a file describes. `file` is only named, never opened.
    ///
    /// # Errors
    /// [`ProductError::Toml`], unknown keys included.
    pub fn parse(file: &str, text: &str) -> Result<Self, ProductError> {
        toml::from_str(text).map_err(|error| ProductError::Toml {
            file: file.to_owned(),
            source: Box::new(error),
        })
    }

    /// A product that is built in.
    ///
    /// # Errors
    /// [`ProductError::Unknown`]; none else for a released catalogue: a test reads every file.
    pub fn builtin(id: &str) -> Result<Self, ProductError> {
        let mut known = Vec::new();
        for (file, text) in builtin::PRODUCTS {
            let product = Self::parse(file, text)?;
            if product.id == id {
                return Ok(product);
            }
            known.push(product.id);
        }
        Err(ProductError::Unknown {
            id: id.to_owned(),
            known: known.join(", "),
        })
    }

    /// Name of its file for a run, without an ending.
    pub fn file_of(&self, source: &str, run: crate::time::Run) -> String {
        let hour = format!(
            "{:02}",
            run.seconds_since_epoch().rem_euclid(86_400) / 3_600
        );
        self.file
            .replace("{source}", &source.to_uppercase())
            .replace("{date}", &run.date.to_string())
            .replace("{run}", &hour)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_product_that_is_built_in_can_be_read() {
        for (file, _) in builtin::PRODUCTS {
            let id = file.trim_end_matches(".toml");
            let product = Product::builtin(id).unwrap();
            assert!(!product.variables.is_empty() && !product.stats.is_empty());
        }
        let cgan = Product::builtin("cgan").unwrap();
        assert_eq!(cgan.variables.len(), 12);
        let run = "2026-02-06T00".parse().unwrap();
        assert_eq!(cgan.file_of("ifs-ens", run), "IFS_20260206_00Z_cgan");
    }

    #[test]
    fn what_is_no_product_is_an_error_that_says_what_there_is() {
        let error = Product::builtin("rain").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no product `rain`: expected a file.toml, or one of cgan, gefs-tp, rain24h"
        );
        let error = Product::parse("x.toml", "id = 'x'\nspeed = 3").unwrap_err();
        assert!(matches!(error, ProductError::Toml { .. }));
    }
}
