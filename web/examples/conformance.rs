//! Runs the suite of stores in a browser, against the server that the page's address names: `?http://127.0.0.1:1/bucket`.
//! What came of it becomes the title of the page: `ok`, or what the store did that a store must not do.

#[cfg(target_arch = "wasm32")]
fn main() {
    use gik_core::source::Catalog;
    use gik_core::store::conformance;
    use gik_web::browser;
    use gik_web::worker::store::PageStore;

    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        let Some((window, catalog)) = browser::window().zip(Catalog::builtin().ok()) else {
            return;
        };
        let base = window.location().search().unwrap_or_default();
        let store = PageStore::new(&catalog);
        let outcome = conformance::check(&store, base.trim_start_matches('?')).await;
        let title = match outcome {
            Ok(()) => "ok".to_owned(),
            Err(violation) => violation.to_string(),
        };
        if let Some(document) = window.document() {
            document.set_title(&title);
        }
    });
}

#[cfg(not(target_arch = "wasm32"))]
fn main() {}
