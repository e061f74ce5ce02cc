//! The first thing that anybody sees: the sample, from inventory to download.

use gik_tests::gik;
use gik_tests::scratch::Scratch;

use crate::driver::with_browser;
use crate::page::{Page, site};

#[test]
fn the_sample_is_built_and_downloads_are_what_the_terminal_writes() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        let summary = page
            .until("#rows-summary", |text| text.contains("messages"))
            .await;
        let rows = page.rows().await;
        assert!(
            rows.iter()
                .any(|row| row[0] == "TMP" && row[1] == "2 m above ground"),
            "{summary} {rows:?}"
        );
        page.click("#tab-build").await;
        page.until("#built", |text| text.contains("references"))
            .await;
        let written = Scratch::new();
        let from = format!("{}/demo/noaa-gefs-pds", site.url());
        let run = gik::Run::of(
            gik::command(written.path())
                .env("AWS_ALLOW_HTTP", "true")
                .args(["refs", "gefs", "--date", "20250918", "--run", "00"])
                .args(["--steps", "0-12:3", "--members", "gep01", "--from", &from])
                .args(["--template", "scan", "--out", "refs"])
                .args(["--format", "kv-parquet,kerchunk-json"]),
        );
        assert_eq!(run.code, 0, "{}", run.stderr);
        for (button, name) in [
            ("#download-kv", "gep01.parquet"),
            ("#download-json", "gep01.json"),
        ] {
            page.click(button).await;
            let ours = browser.downloaded(name).await;
            let theirs = std::fs::read(written.path().join("refs").join(name)).expect(name);
            assert!(
                ours == theirs,
                "{name}: {} and {} bytes",
                ours.len(),
                theirs.len()
            );
        }
    });
}
