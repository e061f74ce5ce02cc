//! The first thing that anybody sees: the sample, from inventory to download.

use std::io::{Cursor, Read as _};
use std::path::Path;

use gik_tests::gik;
use gik_tests::oracle::{self, Stack};
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
                .args(["--format", "kv-parquet,kerchunk-json,kerchunk-parquet"]),
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
        page.click("#download-kerchunk").await;
        let zipped = browser.downloaded("gep01.zip").await;
        let folder = written.path().join("refs");
        let ours = unzipped(&zipped, browser.folder.path());
        assert!(ours.len() > 20, "{ours:?}");
        for name in &ours {
            let read = |root: &Path| std::fs::read(root.join(name)).expect(name);
            assert!(read(browser.folder.path()) == read(&folder), "{name}");
        }
        // What was downloaded opens where people work, with the values that went in.
        let downloads = browser.folder.path().join("downloads");
        let parquet_folder = ours[0].split('/').next().expect("a folder");
        for store in [
            downloads.join("gep01.parquet"),
            downloads.join("gep01.json"),
            browser.folder.path().join(parquet_folder),
        ] {
            let store = store.to_str().expect("a path");
            let options =
                "--field gefs --date 20250918 --member 1 --grid 10 --remote-protocol http";
            let arguments: Vec<&str> = [store].into_iter().chain(options.split(' ')).collect();
            oracle::run(Stack::Zarr2, "open_refs.py", &arguments);
        }
    });
}

/// Unpacks a zip into a folder; the names in it.
fn unzipped(bytes: &[u8], folder: &Path) -> Vec<String> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a zip");
    let mut names = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).expect("an entry");
        let mut content = Vec::new();
        file.read_to_end(&mut content).expect("an entry");
        let path = folder.join(file.name());
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, content).expect("a file");
        names.push(file.name().to_owned());
    }
    names
}
