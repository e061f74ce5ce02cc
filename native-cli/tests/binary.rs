//! The binary starts. Its tests are in `tests/`; where this one is built, cargo builds the binary for them, with the features of the whole
//! workspace, so that nothing is compiled twice.

#[test]
fn it_says_its_version() {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_gik"));
    let output = command.arg("--version").output().unwrap();
    assert!(output.status.success());
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), concat!("gik ", env!("CARGO_PKG_VERSION")));
}
