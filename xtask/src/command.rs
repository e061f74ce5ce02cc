//! Commands that chores run: shown before they start, and an error when they fail.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::folder;

/// What cargo and rustup set for the programs they start, each of which would pin the toolchain of this chore.
pub(crate) const PINNED: [&str; 4] = ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"];

/// A program, started in the root of the workspace.
pub(crate) fn program(name: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder::workspace());
    command
}

/// The cargo that runs this chore, with arguments separated by spaces.
pub(crate) fn cargo(arguments: &str) -> Command {
    let mut command = program(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments.split_whitespace());
    // By the path and not by the variable CMAKE: that would make cargo build HDF5 again for whoever does not set it.
    let own = crate::cmake::bin();
    if own.exists() {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let all = std::iter::once(own).chain(std::env::split_paths(&path));
        command.envs(std::env::join_paths(all).map(|path| ("PATH", path)));
    }
    command
}

/// The cargo that rustup picks by `RUSTUP_TOOLCHAIN` or by default, whichever one runs this chore.
pub(crate) fn rustup_cargo(arguments: &str) -> Command {
    let mut command = program("cargo");
    for pinned in PINNED {
        command.env_remove(pinned);
    }
    command.args(arguments.split_whitespace());
    command
}

/// Shows a command and runs it.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// What a command prints on stdout; stderr goes to the terminal.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", shown(command), output.status);
    }
    String::from_utf8(output.stdout)
        .with_context(|| format!("{} did not print UTF-8", shown(command)))
}

/// A command as one would type it: variables that were set, the program's name, arguments.
pub(crate) fn shown(command: &Command) -> String {
    let variables = command.get_envs().filter_map(|(name, value)| {
        Some(format!(
            "{}={}",
            name.to_string_lossy(),
            quoted(&value?.to_string_lossy())
        ))
    });
    let program = std::path::Path::new(command.get_program());
    let root = folder::workspace();
    let name = match program.strip_prefix(root) {
        Ok(inside) => inside.display().to_string(),
        Err(_) if program.ends_with("cargo") => "cargo".to_owned(),
        Err(_) => program.display().to_string(),
    };
    let prefix = format!("{}/", root.display());
    let arguments = command
        .get_args()
        .map(|argument| quoted(&argument.to_string_lossy().replace(&prefix, "")));
    variables
        .chain([name])
        .chain(arguments)
        .collect::<Vec<_>>()
        .join(" ")
}

fn quoted(text: &str) -> String {
    if !text.is_empty() && !text.contains([' ', '\'', '"', '{', '$', '|', '*']) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_typed() {
        let mut command = program("python");
        command.args(["-c", "print('a b')"]).env("MODE", "x y");
        assert_eq!(
            shown(&command),
            r"MODE='x y' python -c 'print('\''a b'\'')'"
        );
    }

    #[test]
    fn failures_are_errors() {
        assert!(output(&mut cargo("no-such-subcommand")).is_err());
        assert!(output(&mut program("no-such-program")).is_err());
    }
}
