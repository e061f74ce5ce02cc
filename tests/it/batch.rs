//! Recipes for batch engines: their schemas take them, and what they start does a plan.
#![expect(clippy::print_stderr, reason = "what was checked is the proof")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use gik_tests::archive;
use gik_tests::fixture::{files, workspace};
use gik_tests::gik;
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;

fn recipes() -> PathBuf {
    workspace().join("native-cli/batch")
}

#[test]
fn engines_take_their_recipes() {
    let folder = recipes().display().to_string();
    let told = oracle::run(Stack::Zarr3, "check_batch.py", &[&folder]);
    eprintln!("{told}");
    assert!(told.contains("\"kubernetes\": 2"), "{told}");
}

#[test]
fn systemd_takes_its_units() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("no systemd-analyze here: units are not checked");
        return;
    }
    let scratch = Scratch::new();
    let mut units = Vec::new();
    for path in files(&recipes()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".service") || name.ends_with(".timer") {
            // It looks whether the binary is there, and a template is checked by one of its units.
            let text = fs::read_to_string(&path).unwrap();
            let text = text.replace("/usr/local/bin/gik", &gik::binary().display().to_string());
            units.push(scratch.write(&name.replace('@', "@17"), text));
        }
    }
    assert_eq!(units.len(), 3);
    let verify = |units: &[PathBuf]| {
        let output = Command::new("systemd-analyze")
            .args(["verify", "--man=no"])
            .args(units)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (taken, told) = verify(&units);
    assert!(taken && !told.contains("Unknown"), "{told}");
    let broken = scratch.write(
        "broken.service",
        "[Service]\nType=oneshot\nExecStart=nowhere/gik\n",
    );
    assert!(!verify(&[broken]).0, "a broken unit is refused");
}

/// A scheduler that does at once what Slurm does some day.
const SBATCH: &str = r#"#!/usr/bin/env bash
set -euo pipefail
for word in "$@"; do
    case "$word" in
        --array=*) array=${word#--array=}; array=${array%%%*} ;;
        --wrap=*) wrap=${word#--wrap=} ;;
        --dependency=afterok:7) ;;
        --*) ;;
        *) echo "unknown: $word" >&2; exit 1 ;;
    esac
done
if [ -n "${array:-}" ]; then
    first=${array%-*} last=${array#*-}
    for number in $(seq "$last" -1 "$first"); do
        SLURM_ARRAY_TASK_ID=$number SLURM_ARRAY_TASK_MIN=$first SLURM_ARRAY_TASK_COUNT=$((last - first + 1)) bash -c "$wrap" >&2
    done
    echo 7
else
    bash -c "$wrap" >&2
fi
"#;

#[test]
fn an_array_of_slurm_does_a_plan_and_merges_it() {
    let scratch = Scratch::new();
    let folder = scratch.path();
    let script = recipes().join("slurm.sh");
    let syntax = Command::new("bash")
        .arg("-n")
        .arg(&script)
        .status()
        .unwrap();
    assert!(syntax.success());
    let sbatch = scratch.write("bin/sbatch", SBATCH);
    fs::set_permissions(&sbatch, fs::Permissions::from_mode(0o755)).unwrap();
    std::os::unix::fs::symlink(gik::binary(), folder.join("bin/gik")).unwrap();
    let options = "--date 20260706 --hours 36,39 --grid 6 --members 0-2 --vars cgan";
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("stream");
    let archive = archive::made(&target, "ecmwf", options);
    let words = format!(
        "plan stream ifs-ens --date 20260706 --members 0-2 --template scan --vars t2m,tp --steps 36,39 --format zarr \
         --groups 2 --from {} --out values.zarr",
        archive.display()
    );
    let steps = gik::run(folder, &words.split_whitespace().collect::<Vec<_>>());
    assert_eq!(steps.code, 0, "{}", steps.stderr);
    let plan = scratch.write("plan.json", &steps.stdout);
    let path = format!(
        "{}:{}",
        folder.join("bin").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new("bash")
        .arg(&script)
        .arg(&plan)
        .current_dir(folder)
        .env("PATH", path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(folder.join("values.zarr/zarr.json").exists(), "{told}");
    assert_eq!(gik::run(folder, &["status", "plan.json"]).code, 0);
    eprintln!("{}", String::from_utf8_lossy(&output.stdout));
}
