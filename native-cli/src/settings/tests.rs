//! Which place wins, and what is refused.

use std::collections::BTreeMap;
use std::path::Path;

use super::*;

/// A folder of its own below the system's temporary one, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gik-settings-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn resolve(
        &self,
        typed: &Global,
        variables: &[(&str, &str)],
    ) -> Result<Settings, SettingsError> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: BTreeMap<_, _> = variables.iter().map(owned).collect();
        let environment = Environment::new(variables, &self.0)?;
        Settings::within(typed, environment, self.0.clone())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn origin(settings: &Settings, name: &str) -> Origin {
    let found = settings.resolved.iter().find(|row| row.name == name);
    found.unwrap().origin.clone()
}

#[test]
fn the_strongest_place_wins() {
    let folder = Folder::new("strongest");
    let xdg = folder.0.join("xdg").to_string_lossy().into_owned();
    let users = ("XDG_CONFIG_HOME", xdg.as_str());
    let typed = Global::default();

    let settings = folder.resolve(&typed, &[users]).unwrap();
    assert_eq!(settings.s3.region, "us-east-1");
    assert_eq!(origin(&settings, "s3.region"), Origin::Default);

    folder.write(
        "xdg/gik/gik.toml",
        "[s3]\nregion = \"eu-west-1\"\n[network]\nretries = 9\n",
    );
    let settings = folder.resolve(&typed, &[users]).unwrap();
    assert_eq!(settings.s3.region, "eu-west-1");

    folder.write("gik.toml", "[s3]\nregion = \"eu-west-2\"\n");
    let settings = folder.resolve(&typed, &[users]).unwrap();
    assert_eq!(settings.s3.region, "eu-west-2");
    assert_eq!(settings.network.retries, 9, "the user's file still counts");
    let path = folder.0.join("gik.toml");
    assert_eq!(origin(&settings, "s3.region"), Origin::File { path });

    folder.write(".env", "AWS_REGION=eu-west-3\n");
    let settings = folder.resolve(&typed, &[users]).unwrap();
    assert_eq!(settings.s3.region, "eu-west-3");

    let settings = folder
        .resolve(&typed, &[users, ("AWS_REGION", "eu-west-4")])
        .unwrap();
    assert_eq!(
        settings.s3.region, "eu-west-4",
        "the real environment is not overridden"
    );
    let variable = "AWS_REGION";
    assert_eq!(
        origin(&settings, "s3.region"),
        Origin::Environment { variable }
    );

    let variables = [("AWS_REGION", "eu-west-4"), ("GIK_S3_REGION", "eu-west-5")];
    assert_eq!(
        folder.resolve(&typed, &variables).unwrap().s3.region,
        "eu-west-5"
    );

    let typed = Global {
        color: Some(Color::Always),
        ..Global::default()
    };
    let settings = folder.resolve(&typed, &[("NO_COLOR", "1")]).unwrap();
    assert_eq!(settings.color, Color::Always);
    assert_eq!(origin(&settings, "color"), Origin::Flag { flag: "--color" });
}

#[test]
fn a_variable_that_is_empty_is_not_there() {
    let folder = Folder::new("empty");
    let settings = folder
        .resolve(&Global::default(), &[("NO_COLOR", "")])
        .unwrap();
    assert_eq!(settings.color, Color::Auto);
    let settings = folder
        .resolve(&Global::default(), &[("NO_COLOR", "0")])
        .unwrap();
    assert_eq!(
        settings.color,
        Color::Never,
        "https://no-color.org: regardless of its value"
    );
}

#[test]
fn a_switch_of_the_clouds_is_read_as_yes_or_no() {
    let folder = Folder::new("switch");
    let sign = |text| folder.resolve(&Global::default(), &[("AWS_NO_SIGN_REQUEST", text)]);
    assert_eq!(sign("YES").unwrap().s3.sign, Signing::Never);
    assert_eq!(sign("false").unwrap().s3.sign, Signing::Auto);
    assert_eq!(
        sign("perhaps").unwrap_err().to_string(),
        "AWS_NO_SIGN_REQUEST: `perhaps` is no value for s3.sign: expected true or false"
    );
}

#[test]
fn an_unknown_key_is_named_with_its_file() {
    let folder = Folder::new("unknown");
    folder.write("gik.toml", "[s3]\nregoin = \"eu-west-1\"\n");
    let error = folder.resolve(&Global::default(), &[]).unwrap_err();
    let path = folder.0.join("gik.toml");
    assert_eq!(
        error.to_string(),
        format!("{}: unknown key `s3.regoin`", path.display())
    );
}

#[test]
fn a_value_of_the_wrong_kind_is_named_with_its_place() {
    let folder = Folder::new("kind");
    folder.write("gik.toml", "network.retries = -1\n");
    let error = folder
        .resolve(&Global::default(), &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("gik.toml: `-1` is no value for network.retries: expected a whole number"),
        "{error}"
    );
    folder.write("gik.toml", "catalog = [1]\n");
    let error = folder
        .resolve(&Global::default(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("`array` is no value for catalog"), "{error}");
    folder.write("gik.toml", "[s3\n");
    let error = folder.resolve(&Global::default(), &[]).unwrap_err();
    assert!(matches!(error, SettingsError::Syntax { .. }), "{error}");
}

#[test]
fn a_file_that_was_named_must_be_there_and_is_the_only_one() {
    let folder = Folder::new("named");
    folder.write("gik.toml", "[s3]\nregion = \"eu-west-2\"\n");
    folder.write("other/mine.toml", "catalog = \"mine/catalog.toml\"\n");
    let named = |name: &str| Global {
        config: Some(PathBuf::from(name)),
        ..Global::default()
    };
    let settings = folder.resolve(&named("other/mine.toml"), &[]).unwrap();
    assert_eq!(settings.s3.region, "us-east-1");
    assert_eq!(
        settings.catalog.as_deref(),
        Some(Path::new(&folder.0.join("other/mine/catalog.toml"))),
        "relative to the file that says it"
    );
    let error = folder.resolve(&named("nowhere.toml"), &[]).unwrap_err();
    assert!(matches!(error, SettingsError::Read { .. }), "{error}");
}

#[test]
fn lines_of_other_programs_in_a_dotenv_are_left_alone() {
    let folder = Folder::new("dotenv");
    folder.write(".env", "OTHER=two words\nAWS_REGION=eu-west-3\n");
    let settings = folder.resolve(&Global::default(), &[]).unwrap();
    assert_eq!(settings.s3.region, "eu-west-3");
    folder.write(".env", "AWS_SECRET_ACCESS_KEY=two words\n");
    let error = folder
        .resolve(&Global::default(), &[])
        .unwrap_err()
        .to_string();
    assert!(error.contains("AWS_SECRET_ACCESS_KEY"), "{error}");
    assert!(
        !error.contains("words"),
        "a secret is not repeated: {error}"
    );
}

#[test]
fn every_key_is_resolved_once_and_in_order() {
    let folder = Folder::new("order");
    let settings = folder.resolve(&Global::default(), &[]).unwrap();
    let resolved: Vec<_> = settings.resolved.iter().map(|row| row.name).collect();
    let keys: Vec<_> = KEYS.iter().map(|key| key.name).collect();
    assert_eq!(resolved, keys);
}
