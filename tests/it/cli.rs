//! `gik` as a user meets it: exit codes, what goes to stdout and what to stderr, settings.

use std::io::Read;
use std::process::Stdio;

use gik_tests::gik::{self, Run, run};
use gik_tests::scratch::Scratch;
use serde_json::Value;

const INDEX: &str = "1:0:d=2025080100:TMP:2 m above ground:15 hour fcst:ENS=+1\n2:90:d=2025080100:APCP:surface:12-15 hour acc fcst:ENS=+1\n";

fn folder() -> Scratch {
    let folder = Scratch::new();
    folder.write("x.idx", INDEX);
    folder
}

#[test]
fn what_was_typed_wrong_ends_with_2_and_what_went_wrong_with_1() {
    let folder = folder();
    folder.write("page.html", "<!DOCTYPE html><html></html>");
    let cases: [(&[&str], i32, &str); 9] = [
        (&[], 2, "Usage:"),
        (&["no-such-command"], 2, "unrecognized subcommand"),
        (
            &["inspect", "x.idx", "--message", "0"],
            2,
            "expected a message from 1",
        ),
        (
            &["inspect", "x.idx", "--message", "3"],
            2,
            "no message 3, it has 2",
        ),
        (
            &["inspect", "ftp://host/x"],
            1,
            "no store for this kind of address",
        ),
        (&["inspect", "nothing.idx"], 1, "nothing.idx: not found"),
        (&["inspect", "page.html"], 1, "an HTML page"),
        (
            &["sources", "nothing"],
            2,
            "no source `nothing`: expected one of ",
        ),
        (
            &["--config", "nothing.toml", "config"],
            2,
            "nothing.toml: cannot read the settings",
        ),
    ];
    for (arguments, code, words) in cases {
        let done = run(folder.path(), arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.stderr);
        assert!(done.stdout.is_empty(), "{arguments:?}: {}", done.stdout);
        assert!(
            done.stderr.contains(words),
            "{arguments:?}: {}",
            done.stderr
        );
    }
}

#[test]
fn data_goes_to_stdout_and_nothing_else_does() {
    let folder = folder();
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["config"],
        &["sources"],
        &["sources", "gefs"],
        &["inspect", "x.idx"],
        &["inspect", "x.idx", "--message", "1"],
        &["man"],
        &["completions", "bash"],
        &["completions", "zsh"],
        &["completions", "fish"],
    ] {
        let done = run(folder.path(), &[arguments, &["--quiet"]].concat());
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.stderr);
        assert!(
            done.stdout.ends_with('\n'),
            "{arguments:?}: {}",
            done.stdout
        );
        assert_eq!(done.stderr, "", "{arguments:?}");
    }
}

#[test]
fn json_is_one_value_with_the_promised_keys() {
    let folder = folder();
    let config = run(folder.path(), &["config", "--json"]).json();
    let setting = &config["settings"][0];
    assert_eq!(setting["name"], "catalog");
    assert_eq!(setting["origin"]["kind"], "default");

    let sources = run(folder.path(), &["sources", "--json"]).json();
    let sources = sources["sources"].as_array().unwrap();
    let ids: Vec<&str> = sources
        .iter()
        .map(|source| source["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"gefs") && ids.contains(&"ifs-ens"), "{ids:?}");
    for source in sources {
        for key in ["title", "licence", "attribution", "mirror", "era"] {
            assert!(!source[key].is_null(), "{}: {key}", source["id"]);
        }
        for era in source["era"].as_array().unwrap() {
            assert!(
                era["evidence"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
            );
        }
    }

    let found = run(folder.path(), &["inspect", "--json", "x.idx"]).json();
    assert_eq!(found["kind"], "noaa");
    let messages = found["messages"].as_array().unwrap();
    assert_eq!(messages.len(), 2);
    for message in messages {
        for key in [
            "offset",
            "length",
            "varname",
            "shortName",
            "name",
            "units",
            "stepType",
            "typeOfLevel",
            "level",
            "step",
            "number",
        ] {
            assert!(message.get(key).is_some(), "{key}");
        }
    }
    assert_eq!(messages[0]["varname"], "t2m");
    assert_eq!(messages[0]["level"], 2);
    assert_eq!(messages[1]["stepRange"], "12-15");
    assert_eq!(messages[1]["length"], Value::Null);
}

fn setting(run: &Run, name: &str) -> Value {
    let settings = run.json()["settings"].clone();
    let settings = settings.as_array().unwrap();
    settings
        .iter()
        .find(|setting| setting["name"] == name)
        .unwrap()
        .clone()
}

#[test]
fn flags_come_before_the_environment_and_that_before_files() {
    let folder = folder();
    let config = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = gik::command(folder.path());
        command.envs(variables.iter().copied());
        Run::of(command.args(["config", "--json"]).args(arguments))
    };
    folder.write(
        "gik.toml",
        "color = \"never\"\n[s3]\nregion = \"eu-west-2\"\n",
    );
    let done = config(&[], &[]);
    assert_eq!(setting(&done, "s3.region")["value"], "eu-west-2");
    let path = folder.path().join("gik.toml");
    assert_eq!(
        setting(&done, "s3.region")["origin"]["path"],
        path.to_str().unwrap()
    );

    folder.write(".env", "AWS_REGION=eu-west-3\nGIK_COLOR=auto\n");
    let done = config(&[], &[]);
    assert_eq!(setting(&done, "s3.region")["value"], "eu-west-3");
    assert_eq!(
        setting(&done, "s3.region")["origin"]["kind"],
        "environment-file"
    );

    let done = config(&[("AWS_REGION", "eu-west-4")], &["--color", "always"]);
    assert_eq!(setting(&done, "s3.region")["value"], "eu-west-4");
    assert_eq!(
        setting(&done, "s3.region")["origin"]["variable"],
        "AWS_REGION"
    );
    assert_eq!(setting(&done, "color")["value"], "always");
    assert_eq!(setting(&done, "color")["origin"]["flag"], "--color");
}

#[test]
fn secrets_are_not_shown() {
    let folder = folder();
    let mut command = gik::command(folder.path());
    command.env("AWS_SECRET_ACCESS_KEY", "verysecret");
    for arguments in [&["config"][..], &["config", "--json", "--verbose"]] {
        let done = Run::of(command.args(arguments));
        assert!(!done.stdout.contains("verysecret") && !done.stderr.contains("verysecret"));
    }
}

#[test]
fn an_unknown_key_is_an_error_that_names_file_and_key() {
    let folder = folder();
    folder.write("gik.toml", "[s3]\nregoin = \"eu-west-2\"\n");
    let done = run(folder.path(), &["config"]);
    assert_eq!(done.code, 2);
    let path = folder.path().join("gik.toml");
    let first = format!("error: {}: unknown key `s3.regoin`\n", path.display());
    assert!(done.stderr.starts_with(&first), "{}", done.stderr);
    assert!(
        done.stderr
            .contains("hint: known keys are catalog, color, "),
        "{}",
        done.stderr
    );
}

#[test]
fn a_user_adds_a_source_with_a_file() {
    let folder = folder();
    let built_in = run(folder.path(), &["sources", "gefs", "--json"]).json();
    assert_eq!(built_in["sources"][0]["id"], "gefs");
    folder.write("bad.toml", "id = \"x\"\nnonsense = 1\n");
    let done = run(folder.path(), &["sources", "--catalog", "bad.toml"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(
        done.stderr
            .contains("bad.toml is no description of a source"),
        "{}",
        done.stderr
    );
    let done = run(folder.path(), &["sources", "--catalog", "nothing.toml"]);
    assert_eq!(done.code, 2, "{}", done.stderr);
    assert!(
        done.stderr.contains("named by --catalog"),
        "{}",
        done.stderr
    );
}

#[test]
fn an_error_says_each_thing_once() {
    let folder = folder();
    // Nobody listens there, and the library repeats its sources in its own texts.
    let mut command = gik::command(folder.path());
    command.env("GIK_RETRIES", "0");
    let done = Run::of(command.args(["inspect", "http://127.0.0.1:9/x.idx"]));
    assert_eq!(done.code, 1);
    let lines: Vec<&str> = done.stderr.lines().collect();
    assert_eq!(
        lines[0],
        "error: http://127.0.0.1:9/x.idx: the transfer failed"
    );
    assert!(
        lines
            .last()
            .unwrap()
            .starts_with("hint: the server could not be reached"),
        "{lines:?}"
    );
    for words in [
        "error sending request",
        "Connection refused",
        "tcp connect error",
    ] {
        let count = done.stderr.matches(words).count();
        assert!(count <= 1, "{count} times `{words}` in {}", done.stderr);
    }
}

#[test]
fn color_is_for_terminals_and_those_who_ask() {
    let folder = folder();
    let colored = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = gik::command(folder.path());
        command.envs(variables.iter().copied());
        let done = Run::of(command.args(arguments));
        format!("{}{}", done.stdout, done.stderr).contains('\x1b')
    };
    assert!(!colored(&[], &["config"]));
    assert!(colored(&[], &["config", "--color", "always"]));
    assert!(colored(&[("GIK_COLOR", "always")], &["inspect", "nothing"]));
    assert!(!colored(&[("GIK_COLOR", "never")], &["inspect", "nothing"]));
    assert!(!colored(
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
        &["config"]
    ));
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder();
    let lines = (1..20_000).map(|number| {
        format!(
            "{number}:{}:d=2025080100:TMP:2 m above ground:15 hour fcst:ENS=+1\n",
            number * 10
        )
    });
    folder.write("long.idx", lines.collect::<String>());
    for json in [&[][..], &["--json"]] {
        let mut command = gik::command(folder.path());
        command.args(["inspect", "long.idx", "--quiet"]).args(json);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut start = [0; 10];
        child.stdout.take().unwrap().read_exact(&mut start).unwrap();
        let done = child.wait_with_output().unwrap();
        assert_eq!(done.status.code(), Some(0));
        assert_eq!(String::from_utf8(done.stderr).unwrap(), "");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn data_that_could_not_be_written_is_a_failure() {
    let folder = folder();
    for arguments in [
        &["config"][..],
        &["config", "--json"],
        &["inspect", "x.idx"],
        &["man"],
    ] {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let mut command = gik::command(folder.path());
        command.args(arguments).stdout(full).stderr(Stdio::piped());
        let done = command.spawn().unwrap().wait_with_output().unwrap();
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("cannot write to stdout"),
            "{arguments:?}: {said}"
        );
    }
}

#[test]
fn the_manual_has_every_command_and_flag() {
    let folder = folder();
    let page = run(folder.path(), &["man"]).stdout.replace("\\-", "-");
    let help = run(folder.path(), &["--help"]).stdout;
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands: Vec<&str> = commands
        .take_while(|line| !line.is_empty())
        // A text that goes on in a second line stands further in.
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .collect();
    assert!(
        commands.contains(&"inspect") && commands.contains(&"sources"),
        "{commands:?}"
    );
    for command in commands {
        assert!(page.contains(&format!("gik-{command}")), "{command}");
    }
    for flag in [
        "--json",
        "--quiet",
        "--verbose",
        "--color",
        "--catalog",
        "--config",
        "--message",
    ] {
        assert!(page.contains(flag), "{flag}");
    }
}
