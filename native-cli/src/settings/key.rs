//! Every setting: its name in `gik.toml`, its environment variables, the values it takes.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::printer::{Color, Verbosity};

/// One setting.
#[derive(Debug)]
pub(crate) struct Key {
    /// Its name in `gik.toml`, with the table: `s3.region`.
    pub(crate) name: &'static str,
    /// What it is for, in a line.
    pub(crate) about: &'static str,
    /// The variables that set it, the first that is there wins.
    pub(crate) variables: &'static [Variable],
}

/// How an environment variable sets a setting. An empty variable sets nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Variable {
    /// Its text is the value.
    Plain(&'static str),
    /// Where it is there at all, the value is the second text.
    IfSet(&'static str, &'static str),
    /// Where it says yes, the value is the second text.
    IfTrue(&'static str, &'static str),
}

use Variable::{IfSet, IfTrue, Plain};

pub(crate) const CATALOG: Key = Key {
    name: "catalog",
    about: "a TOML file with sources of your own",
    variables: &[Plain("GIK_CATALOG")],
};

pub(crate) const COLOR: Key = Key {
    name: "color",
    about: "auto, always or never",
    variables: &[Plain("GIK_COLOR"), IfSet("NO_COLOR", "never")],
};

pub(crate) const VERBOSITY: Key = Key {
    name: "verbosity",
    about: "quiet, normal or verbose",
    variables: &[Plain("GIK_VERBOSITY")],
};

pub(crate) const RETRIES: Key = Key {
    name: "network.retries",
    about: "how often a failed request is repeated",
    variables: &[Plain("GIK_RETRIES")],
};

pub(crate) const TIMEOUT_SECONDS: Key = Key {
    name: "network.timeout_seconds",
    about: "seconds without a byte after which a transfer is given up",
    variables: &[Plain("GIK_TIMEOUT_SECONDS")],
};

pub(crate) const S3_REGION: Key = Key {
    name: "s3.region",
    about: "region of the buckets that the catalogue does not know",
    variables: &[
        Plain("GIK_S3_REGION"),
        Plain("AWS_REGION"),
        Plain("AWS_DEFAULT_REGION"),
    ],
};

pub(crate) const S3_ENDPOINT: Key = Key {
    name: "s3.endpoint",
    about: "an S3 server other than Amazon's",
    variables: &[
        Plain("GIK_S3_ENDPOINT"),
        Plain("AWS_ENDPOINT_URL_S3"),
        Plain("AWS_ENDPOINT_URL"),
        Plain("AWS_ENDPOINT"),
    ],
};

pub(crate) const S3_ALLOW_HTTP: Key = Key {
    name: "s3.allow_http",
    about: "whether that server may be spoken to without TLS",
    variables: &[Plain("GIK_S3_ALLOW_HTTP"), Plain("AWS_ALLOW_HTTP")],
};

pub(crate) const S3_SIGN: Key = Key {
    name: "s3.sign",
    about: "auto signs where there are credentials, but not for public archives",
    variables: &[
        Plain("GIK_S3_SIGN"),
        IfTrue("AWS_NO_SIGN_REQUEST", "never"),
        IfTrue("AWS_SKIP_SIGNATURE", "never"),
    ],
};

pub(crate) const GCS_ENDPOINT: Key = Key {
    name: "gcs.endpoint",
    about: "a Google Cloud Storage server other than Google's",
    variables: &[
        Plain("GIK_GCS_ENDPOINT"),
        Plain("GOOGLE_BASE_URL"),
        Plain("STORAGE_EMULATOR_HOST"),
    ],
};

pub(crate) const GCS_SERVICE_ACCOUNT: Key = Key {
    name: "gcs.service_account",
    about: "key file of a service account, or application credentials",
    variables: &[
        Plain("GIK_GCS_SERVICE_ACCOUNT"),
        Plain("GOOGLE_SERVICE_ACCOUNT"),
        Plain("GOOGLE_APPLICATION_CREDENTIALS"),
        Plain("GCS_SERVICE_ACCOUNT_FILE"),
    ],
};

pub(crate) const GCS_SIGN: Key = Key {
    name: "gcs.sign",
    about: "auto signs where there are credentials, but not for public archives",
    variables: &[
        Plain("GIK_GCS_SIGN"),
        IfTrue("GOOGLE_SKIP_SIGNATURE", "never"),
    ],
};

/// Every setting, in the order in which they are shown.
pub(crate) const KEYS: [&Key; 12] = [
    &CATALOG,
    &COLOR,
    &VERBOSITY,
    &RETRIES,
    &TIMEOUT_SECONDS,
    &S3_REGION,
    &S3_ENDPOINT,
    &S3_ALLOW_HTTP,
    &S3_SIGN,
    &GCS_ENDPOINT,
    &GCS_SERVICE_ACCOUNT,
    &GCS_SIGN,
];

/// Which requests to a bucket are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Signing {
    /// Where there are credentials, except for the public archives of the catalogue.
    #[default]
    Auto,
    /// All.
    Always,
    /// None.
    Never,
}

/// What a setting's text can mean.
pub(crate) trait Value: Sized {
    /// What is expected, for messages.
    const EXPECTED: &'static str;

    /// The value of a text; `folder` is where relative paths start.
    fn parse(text: &str, folder: &Path) -> Option<Self>;

    /// The value as text.
    fn show(&self) -> String;
}

impl Value for String {
    const EXPECTED: &'static str = "a text";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        Some(text.to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Value for PathBuf {
    const EXPECTED: &'static str = "a path";

    fn parse(text: &str, folder: &Path) -> Option<Self> {
        Some(folder.join(text))
    }

    fn show(&self) -> String {
        self.display().to_string()
    }
}

impl Value for u32 {
    const EXPECTED: &'static str = "a whole number";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        text.parse().ok()
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Value for bool {
    const EXPECTED: &'static str = "true or false";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        match text.to_ascii_lowercase().as_str() {
            "1" | "on" | "true" | "yes" => Some(true),
            "0" | "false" | "no" | "off" => Some(false),
            _ => None,
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// The word of one value of an enum, as on the command line.
fn word<T: ValueEnum>(value: &T) -> String {
    value
        .to_possible_value()
        .map(|value| value.get_name().to_owned())
        .unwrap_or_default()
}

impl Value for Color {
    const EXPECTED: &'static str = "auto, always or never";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        Self::from_str(text, false).ok()
    }

    fn show(&self) -> String {
        word(self)
    }
}

impl Value for Verbosity {
    const EXPECTED: &'static str = "quiet, normal or verbose";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        Self::from_str(text, false).ok()
    }

    fn show(&self) -> String {
        word(self)
    }
}

impl Value for Signing {
    const EXPECTED: &'static str = "auto, always or never";

    fn parse(text: &str, _: &Path) -> Option<Self> {
        Self::from_str(text, false).ok()
    }

    fn show(&self) -> String {
        word(self)
    }
}
