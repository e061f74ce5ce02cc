//! Files of the user's: chosen, dropped, and references that were downloaded before.

use std::path::Path;

use gik_tests::fixture::workspace;
use gik_tests::gik;
use gik_tests::scratch::Scratch;
use serde_json::json;

use crate::driver::with_browser;
use crate::page::{Page, site};

const GEFS: &str = "tests/fixtures/sample/noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25";
const ECMWF: &str = "tests/fixtures/sample/ecmwf-forecasts/20250601/00z/ifs/0p25/enfo";

#[test]
fn files_of_every_kind_are_listed() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        let root = workspace();
        let gefs = root.join(GEFS).join("gep01.t00z.pgrb2s.0p25.f003");
        let index = gefs.with_extension("f003.idx");
        let ecmwf = root.join(ECMWF).join("20250601000000-3h-enfo-ef.index");
        let stores = root.join("tests/fixtures/stores");
        let counted = |path: &Path| {
            let path = path.to_str().unwrap_or_default();
            let run = gik::run(&root, &["inspect", "--json", path]).json();
            run["messages"].as_array().map(Vec::len).unwrap_or_default()
        };
        for (file, messages) in [
            (gefs.clone(), counted(&gefs)),
            (index.clone(), counted(&index)),
            (ecmwf.clone(), counted(&ecmwf)),
        ] {
            page.choose(&file).await;
            let wanted = format!("{messages} messages");
            page.until("#rows-summary", |text| plain(text).starts_with(&wanted))
                .await;
        }
        // The index and the file that it was made of list the same bytes.
        page.choose(&gefs).await;
        let header = page
            .rows_once(|rows| rows.iter().any(|row| row[1].contains("heightAboveGround")))
            .await;
        page.choose(&index).await;
        let lines = page
            .rows_once(|rows| rows.iter().any(|row| row[1].contains("above ground")))
            .await;
        let spans = |rows: &[Vec<String>]| -> Vec<(String, String)> {
            rows.iter()
                .map(|row| (row[5].clone(), row[6].clone()))
                .collect()
        };
        // The last length stands in no index: the file's size tells it.
        let (header, lines) = (spans(&header), spans(&lines));
        let known = lines.iter().filter(|(_, length)| length != "?").count();
        assert_eq!(header[..known], lines[..known]);
        page.choose(&stores.join("gep01.json")).await;
        page.until("#rows-summary", |text| text.contains("messages"))
            .await;
        page.choose(&root.join("README.md")).await;
        page.until("#problem", |text| text.contains("cannot be read"))
            .await;
    });
}

#[test]
fn references_are_dropped_and_written_in_another_format() {
    with_browser(async |browser| {
        let site = site();
        let folder = Scratch::new();
        let sample = workspace().join("tests/fixtures/sample/noaa-gefs-pds");
        let sample = sample.to_str().unwrap_or_default();
        let run = gik::run(
            folder.path(),
            &[
                "refs",
                "gefs",
                "--date",
                "20250918",
                "--run",
                "00",
                "--steps",
                "0-12:3",
                "--members",
                "gep01",
                "--from",
                sample,
                "--template",
                "scan",
                "--out",
                "refs",
            ],
        );
        assert_eq!(run.code, 0, "{}", run.stderr);
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        let bytes = std::fs::read(folder.path().join("refs/gep01.parquet")).expect("references");
        page.run(
            "const bytes = new Uint8Array(arguments[0]);
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], 'gep01.parquet'));
            window.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, cancelable: true }));",
            json!([bytes]),
        )
        .await;
        page.click("#tab-build").await;
        page.until("#built", |text| text.contains("references"))
            .await;
        page.click("#download-json").await;
        let ours = browser.downloaded("gep01.json").await;
        let theirs = std::fs::read(folder.path().join("refs/gep01.json")).expect("references");
        let parsed =
            |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
        assert_eq!(parsed(&ours)["refs"], parsed(&theirs)["refs"]);
    });
}

/// Text without the spaces that group digits.
fn plain(text: &str) -> String {
    text.replace('\u{202f}', "")
}
