//! The table of what is decoded, in the documentation of core.

use gik_core::grib::supported;
use gik_tests::fixture;

/// `UPDATE_GOLDEN=1` writes it anew.
#[test]
fn the_documentation_lists_what_the_code_does() {
    let path = fixture::workspace().join("core/src/grib/supported.md");
    let markdown = supported::markdown();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &markdown).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), markdown);
}
