//! A message, a map of it, the values of a point, and the bytes of a file.

use gik_tests::fixture::workspace;
use gik_tests::gik;
use gik_tests::oracle::{self, Stack};
use gik_tests::scratch::Scratch;
use serde_json::{Value, json};

use crate::driver::with_browser;
use crate::page::{Page, site};

const GEFS: &str = "tests/fixtures/sample/noaa-gefs-pds/gefs.20250918/00/atmos/pgrb2sp25";
/// The member and the step that are looked at.
const STEP_3: &str = "gep01.t00z.pgrb2s.0p25.f003";

/// The view of a message of the sample, on a tab.
fn view(tab: &str, rest: &str) -> String {
    format!(
        "#source=gefs&date=20250918&run=00&member=gep01&steps=0-12:3&from=sample&tab={tab}{rest}"
    )
}

/// First byte and bytes of a message of the file, by the text of its index line.
fn span(text: &str) -> (u64, u64) {
    let index = workspace().join(GEFS).join(format!("{STEP_3}.idx"));
    let index = std::fs::read_to_string(index).expect("an index");
    let offset = |line: &str| line.split(':').nth(1).and_then(|text| text.parse().ok());
    let mut lines = index.lines().skip_while(|line| !line.contains(text));
    let own: u64 = lines.next().and_then(offset).expect("an offset");
    let next: u64 = lines.next().and_then(offset).expect("an offset");
    (own, next - own)
}

#[test]
fn a_message_has_the_values_of_eccodes() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(
            &browser.client,
            &format!("{}/{}", site.url(), view("inventory", "&q=tmp%202&step=3")),
        )
        .await;
        page.rows_once(|rows| rows.len() == 1 && rows[0][0] == "TMP")
            .await;
        page.click("#rows .line").await;
        let title = page
            .until("#message-title", |text| text.contains("temperature"))
            .await;
        assert_eq!(title, "2 metre temperature");
        let (offset, length) = span(":TMP:2 m above ground:");
        let line = page.until("#message-line", |text| !text.is_empty()).await;
        assert!(
            line.contains(&format!(":{offset}:")) && line.contains("TMP"),
            "{line}"
        );
        let file = workspace().join(GEFS).join(STEP_3);
        let arguments = [file.to_str().expect("a path"), &offset.to_string()];
        let truth = oracle::run(Stack::Zarr2, "field_statistics.py", &arguments);
        let truth: Value = serde_json::from_str(&truth).expect("JSON");
        page.click("#count-values").await;
        for (name, key) in [
            ("min", "minimum"),
            ("mean", "mean"),
            ("max", "maximum"),
            ("missing", "missing"),
            ("points", "points"),
        ] {
            let text = page.until(&format!("#stat-{name}"), |_| true).await;
            let (shown, wanted) = (text.parse::<f64>(), truth[key].as_f64());
            let (shown, wanted) = (shown.expect("a number"), wanted.expect("a number"));
            let near = (shown - wanted).abs() <= wanted.abs() * 1e-12;
            assert!(near, "{name}: {shown} in the page, {wanted} in ecCodes");
        }
        // The keys of section 4 as ecCodes reads them.
        let script = "return [...document.querySelectorAll('#section-4 tbody tr')]
            .map(row => [...row.children].map(cell => cell.textContent))";
        let rows: Vec<Vec<String>> =
            serde_json::from_value(page.run(script, json!([])).await).expect("rows");
        for key in [
            "productDefinitionTemplateNumber",
            "parameterNumber",
            "forecastTime",
        ] {
            let row = rows.iter().find(|row| row[1] == key);
            let row = row.unwrap_or_else(|| panic!("no {key}: {rows:?}"));
            assert_eq!(truth["keys"][key], row[2].as_str(), "{key}");
        }
        // Its bytes are those of the file, and so is the range to copy.
        let bytes = std::fs::read(&file).expect("the file");
        let head: Vec<String> = bytes[offset as usize..][..16]
            .iter()
            .map(|octet| format!("{octet:02x}"))
            .collect();
        let hex = page.run(
            "return document.querySelector('#hex').textContent",
            json!([]),
        );
        let hex = hex.await;
        assert!(
            hex.as_str().expect("text").contains(&head.join(" ")),
            "{hex}"
        );
        let curl = page.run(
            "return document.querySelector('[data-kind=curl]').textContent",
            json!([]),
        );
        let curl = curl.await;
        let range = format!("--range {offset}-{} ", offset + length - 1);
        assert!(curl.as_str().expect("text").contains(&range), "{curl}");
    });
}

#[test]
fn a_map_shows_what_the_terminal_decodes() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(
            &browser.client,
            &format!("{}/{}", site.url(), view("inventory", "&q=tmp%202&step=3")),
        )
        .await;
        page.rows_once(|rows| rows.len() == 1 && rows[0][0] == "TMP")
            .await;
        page.click("#rows .line").await;
        page.click("#message-map").await;
        page.until("#map-title", |text| text == "2 metre temperature (K)")
            .await;
        let colours = page.run(COLOURS, json!([])).await;
        assert!(colours.as_u64().unwrap_or_default() > 20, "{colours}");

        // The terminal's values of the message.
        let scratch = Scratch::new();
        let (offset, length) = span(":TMP:2 m above ground:");
        let file = workspace().join(GEFS).join(STEP_3);
        let place = format!("{}#{offset},{length}", file.display());
        let run = gik::run(scratch.path(), &["decode", &place, "--format", "csv"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        page.click("#map-csv").await;
        let message = page.run("return location.hash.match(/message=(\\d+)/)[1]", json!([]));
        let message = message.await.as_str().expect("a number").to_owned();
        let csv = browser.downloaded(&format!("message-{message}.csv")).await;
        assert_eq!(String::from_utf8_lossy(&csv), run.stdout);
        page.click("#map-png").await;
        let png = browser.downloaded(&format!("message-{message}.png")).await;
        assert!(png.starts_with(b"\x89PNG"));

        // A click in the middle, and points beside it by keys.
        let value = |latitude: &str, longitude: &str| {
            let start = format!("{latitude},{longitude},");
            let line = run
                .stdout
                .lines()
                .find_map(|line| line.strip_prefix(&start));
            line.expect("a point").to_owned()
        };
        page.click("#map-canvas").await;
        let middle = format!("0°N 0°E: {} K", value("0", "0"));
        page.until("#cursor", |text| text == middle).await;
        page.client
            .find(fantoccini::Locator::Css("#map-canvas"))
            .await
            .expect("the canvas")
            .send_keys("\u{e014}\u{e013}")
            .await
            .expect("keys");
        let beside = format!("10°N 10°E: {} K", value("10", "10"));
        page.until("#cursor", |text| text == beside).await;

        // Another step is another field, and its value at the point is another.
        page.run(
            "const slider = document.querySelector('#map-slider');
             slider.value = 4; slider.dispatchEvent(new Event('input', { bubbles: true }))",
            json!([]),
        )
        .await;
        page.until("#map-when", |text| text.contains("step 12 h"))
            .await;
        page.until("#map-step", |text| text == "12 h").await;
        page.until("#cursor", |text| {
            text.starts_with("10°N 10°E: ") && text != beside
        })
        .await;

        // The point over all steps.
        page.until("#series-read", |text| text.contains("5 messages"))
            .await;
        page.click("#series-read").await;
        page.until("#series-summary", |text| {
            text.contains("1 lines over 5 steps")
        })
        .await;
        let script = "return [...document.querySelectorAll('#series-table tbody tr')]
            .map(row => [...row.children].map(cell => cell.textContent))";
        let rows = page.run(script, json!([])).await;
        let rows: Vec<Vec<String>> = serde_json::from_value(rows).expect("rows");
        assert_eq!(rows[1], ["3".to_owned(), value("10", "10")]);

        // A difference from itself three steps ago, and a link that says all of it.
        let choose = "const list = document.querySelector('#map-minus');
            list.value = 'step:3'; list.dispatchEvent(new Event('change', { bubbles: true }))";
        page.run(choose, json!([])).await;
        page.until("#map-when", |text| text.contains(" − ")).await;
        page.click("#zoom-in").await;
        let hash = "return location.hash";
        for _ in 0..100 {
            let hash = page.run(hash, json!([])).await;
            if hash.as_str().is_some_and(|hash| hash.contains("place=")) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let hash = page.run(hash, json!([])).await;
        let hash = hash.as_str().expect("a fragment");
        for part in ["tab=map", "minus=step:3", "point=10,10", "place=0,0,240"] {
            assert!(hash.contains(part), "{part}: {hash}");
        }
    });
}

#[test]
fn the_bytes_of_a_file_are_named() {
    with_browser(async |browser| {
        let site = site();
        let page = Page::open(&browser.client, &format!("{}/", site.url())).await;
        page.until("#verdict", |text| text.starts_with("Complete"))
            .await;
        let (offset, _) = span(":TMP:2 m above ground:");
        let whole = std::fs::read(workspace().join(GEFS).join(STEP_3)).expect("the file");
        let (before, after) = whole.split_at(usize::try_from(offset).expect("small"));
        let scratch = Scratch::new();
        let file = scratch.path().join("gap.grib2");
        std::fs::write(&file, [before, &[0; 77], after].concat()).expect("a file");
        page.choose(&file).await;
        page.until("#rows-summary", |text| text.contains("messages"))
            .await;
        page.click("#tab-bytes").await;
        let summary = page
            .until("#bytes-summary", |text| text.contains("1 gaps"))
            .await;
        assert!(
            summary.starts_with("gap.grib2: ") && summary.contains("0 overlaps"),
            "{summary}"
        );
        let gap = page.until("#byte-gaps", |text| text.contains("77 B")).await;
        let plain: String = gap.chars().filter(|letter| *letter != '\u{202f}').collect();
        assert!(
            plain.contains(&format!("bytes {offset} to {}", offset + 76)),
            "{plain}"
        );
        let map = page.find("#byte-map").await;
        // The end, and one back.
        map.send_keys("\u{e010}\u{e012}").await.expect("keys");
        let told = page
            .until("#bytes-told", |text| text.contains(" bytes "))
            .await;
        assert!(told.contains(", 3 h: "), "{told}");
        map.send_keys("\u{e007}").await.expect("keys");
        page.until("#message-title", |text| !text.is_empty()).await;
    });
}

/// How many colours the canvas has.
const COLOURS: &str = "const canvas = document.querySelector('#map-canvas');
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    return new Set(new Uint32Array(data.buffer)).size";
