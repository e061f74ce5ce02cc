//! The suite of stores, on the store of the page: the same that memory and S3 pass.

use gik_core::store::conformance::OBJECTS;
use gik_tests::fixture::workspace;
use gik_tests::scratch::Scratch;
use gik_tests::server::{Behaviour, Cors, Fault, Server};
use gik_tests::site::Site;

use crate::driver::with_browser;
use crate::page::Page;

#[test]
fn the_store_of_the_page_passes_the_suite() {
    with_browser(async |browser| {
        let folder = workspace().join(".cache/page-tests");
        assert!(
            folder.join("conformance.js").exists(),
            "the suite is not built: `cargo xtask test` builds it"
        );
        let site = Site::start(&folder);
        let bucket = Scratch::new();
        for (name, bytes) in OBJECTS {
            bucket.write(&format!("bucket/{name}"), bytes);
        }
        let faults = [
            vec![],
            vec![Fault::IgnoreRange],
            vec![Fault::Busy { share: 0.2 }],
        ];
        for (faults, cors) in faults
            .into_iter()
            .zip([Cors::NoExpose, Cors::NoExpose, Cors::On])
        {
            let behaviour = Behaviour {
                cors,
                faults: faults.clone(),
                ..Behaviour::default()
            };
            let server = Server::with(bucket.path(), behaviour);
            let address = format!("{}/?{}/bucket", site.url(), server.url());
            let page = Page::open(&browser.client, &address).await;
            let title = page.title_other_than("working").await;
            assert_eq!(title, "ok", "{faults:?}");
        }
    });
}
