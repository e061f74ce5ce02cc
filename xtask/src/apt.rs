//! Debian packages, where a chore needs a program that cargo and pip cannot bring.

use anyhow::{Context, Result, bail};

use crate::command;

/// Installs packages and says so; an error that names the command where this machine does not allow it.
pub(crate) fn install(packages: &[&str], why: &str) -> Result<()> {
    let by_hand = format!("sudo apt-get install {}", packages.join(" "));
    if !found("apt-get") {
        bail!("{why}: install what Debian calls {}", packages.join(", "));
    }
    println!("{why}: installing {} with apt", packages.join(", "));
    let prefix: &[&str] = if is_root() { &[] } else { &["sudo", "-n"] };
    let apt = |arguments: &[&str]| -> Result<()> {
        let mut words = prefix.iter().chain(["apt-get"].iter()).chain(arguments);
        let mut command = command::program(words.next().context("a program")?);
        command.args(words).env("DEBIAN_FRONTEND", "noninteractive");
        command::run(&mut command)
    };
    // An image's own lists may be old; when they cannot be renewed the install tells.
    let renewed = apt(&["update", "-qq"]);
    let mut arguments = vec!["install", "-y", "-qq", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
        .and(renewed)
        .with_context(|| format!("run `{by_hand}`, then try again"))
}

fn found(program: &str) -> bool {
    command::program(program)
        .arg("--version")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn is_root() -> bool {
    command::output(command::program("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}
