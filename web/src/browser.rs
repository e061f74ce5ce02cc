//! Odds and ends of the browser: clock, downloads, clipboard, storage. Every `dyn_into` of the page is here.

pub mod canvas;

use js_sys::{Array, Promise, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// The window of the page.
pub fn window() -> Option<web_sys::Window> {
    web_sys::window()
}

/// Where the page lies, with a slash at the end and without a file name.
pub fn site() -> String {
    let href = window().and_then(|window| window.location().href().ok());
    let href = href.unwrap_or_default();
    let path = href.split(['#', '?']).next().unwrap_or_default();
    let end = path.rfind('/').map_or(path.len(), |at| at + 1);
    path[..end].to_owned()
}

/// The fragment of the page's address, with its `#`.
pub fn fragment() -> String {
    let fragment = window().and_then(|window| window.location().hash().ok());
    fragment.unwrap_or_default()
}

/// Writes the fragment of the page's address; no new entry of the history where only a detail changed.
pub fn set_fragment(fragment: &str, new_entry: bool) {
    let Some(history) = window().and_then(|window| window.history().ok()) else {
        return;
    };
    let url = format!("#{fragment}");
    let _ = if new_entry {
        history.push_state_with_url(&JsValue::NULL, "", Some(&url))
    } else {
        history.replace_state_with_url(&JsValue::NULL, "", Some(&url))
    };
}

/// Milliseconds since the page or the worker began.
pub fn now() -> f64 {
    let performance = js_sys::Reflect::get(&js_sys::global(), &"performance".into());
    let performance = performance.ok().and_then(|value| value.dyn_into().ok());
    performance.map_or(0.0, |performance: web_sys::Performance| performance.now())
}

/// Bytes of memory that this module has taken: it never gives any back.
pub fn heap() -> u64 {
    let memory = wasm_bindgen::memory().dyn_into::<js_sys::WebAssembly::Memory>();
    let buffer = memory.map(|memory| memory.buffer().unchecked_into::<js_sys::ArrayBuffer>());
    buffer.map_or(0, |buffer| u64::from(buffer.byte_length()))
}

/// Waits, in page and worker alike.
pub async fn sleep(milliseconds: i32) {
    let promise = Promise::new(&mut |resolve, _| {
        let timer = js_sys::Reflect::get(&js_sys::global(), &"setTimeout".into());
        if let Ok(timer) = timer.and_then(JsCast::dyn_into::<js_sys::Function>) {
            let _ = timer.call2(&JsValue::UNDEFINED, &resolve, &milliseconds.into());
        }
    });
    let _ = JsFuture::from(promise).await;
}

/// Waits for the next frame, or a moment where the page is not looked at.
pub async fn frame() {
    sleep(16).await;
}

/// Offers bytes as a download.
pub fn download(name: &str, bytes: &Uint8Array) -> Option<()> {
    let parts = Array::of1(bytes);
    let options = web_sys::BlobPropertyBag::new();
    options.set_type("application/octet-stream");
    let blob = web_sys::Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = web_sys::Url::create_object_url_with_blob(&blob).ok()?;
    let document = window()?.document()?;
    let link: web_sys::HtmlAnchorElement = document.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The download has taken its own reference by then.
    wasm_bindgen_futures::spawn_local(async move {
        sleep(60_000).await;
        let _ = web_sys::Url::revoke_object_url(&url);
    });
    Some(())
}

/// Puts text on the clipboard.
pub async fn copy(text: &str) -> bool {
    let Some(window) = window() else {
        return false;
    };
    // Pages without https have none.
    let clipboard = window.navigator().clipboard();
    if clipboard.is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Marks the text of an element and copies it the old way: pages without https may do no more.
pub fn copy_marked(id: &str) -> bool {
    let marked = || -> Result<bool, JsValue> {
        let window = window().ok_or(JsValue::NULL)?;
        let element = element(id).ok_or(JsValue::NULL)?;
        let selection = call(&window, "getSelection", &JsValue::UNDEFINED)?;
        call(&selection, "selectAllChildren", &element)?;
        let document = window.document().ok_or(JsValue::NULL)?;
        let copied = call(&document, "execCommand", &"copy".into())?;
        Ok(copied.is_truthy())
    };
    marked().unwrap_or(false)
}

/// Calls a method of a thing of the browser.
fn call(target: &JsValue, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let method: js_sys::Function = js_sys::Reflect::get(target, &method.into())?.dyn_into()?;
    method.call1(target, argument)
}

/// Languages that the user's browser asks for, the best first.
pub fn languages() -> Vec<String> {
    let Some(window) = window() else {
        return Vec::new();
    };
    let languages = window.navigator().languages();
    languages
        .iter()
        .filter_map(|code| code.as_string())
        .collect()
}

/// Lets a service worker keep the page's files. Pages without https have none, and do without.
pub fn keep_page(script: &str) {
    let Some(window) = window() else {
        return;
    };
    let container = js_sys::Reflect::get(&window.navigator(), &"serviceWorker".into());
    let Some(container) = container.ok().filter(|found| !found.is_undefined()) else {
        return;
    };
    let register = js_sys::Reflect::get(&container, &"register".into());
    if let Ok(register) = register.and_then(JsCast::dyn_into::<js_sys::Function>) {
        let _ = register.call1(&container, &script.into());
    }
}

/// Whether the browser has a network, as far as it knows.
pub fn is_online() -> bool {
    let navigator = js_sys::Reflect::get(&js_sys::global(), &"navigator".into());
    let online = navigator.and_then(|navigator| js_sys::Reflect::get(&navigator, &"onLine".into()));
    online.map_or(true, |online| online != JsValue::FALSE)
}

/// Whether there is room for everything at once.
pub fn is_wide() -> bool {
    let width = window().and_then(|window| window.inner_width().ok());
    width.and_then(|width| width.as_f64()).unwrap_or(0.0) >= 640.0
}

/// A setting that was kept.
pub fn setting(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(name).ok()?
}

/// Keeps a setting, where the browser lets the page.
pub fn keep_setting(name: &str, value: &str) {
    if let Some(storage) = window().and_then(|window| window.local_storage().ok().flatten()) {
        let _ = storage.set_item(name, value);
    }
}

/// Says in which language the document is.
pub fn set_document_language(code: &str) {
    let root = window()
        .and_then(|window| window.document())
        .and_then(|document| document.document_element());
    if let Some(root) = root {
        let _ = root.set_attribute("lang", code);
    }
}

/// The value of the field that an event happened in.
pub fn value(event: &web_sys::Event) -> String {
    let Some(target) = event.target() else {
        return String::new();
    };
    match target.dyn_into::<web_sys::HtmlInputElement>() {
        Ok(input) => input.value(),
        Err(target) => target
            .dyn_into::<web_sys::HtmlSelectElement>()
            .map(|select| select.value())
            .unwrap_or_default(),
    }
}

/// Whether an event happened in this element itself, not in a part of it.
pub fn is_target(event: &web_sys::Event, element: &web_sys::HtmlElement) -> bool {
    let target = event.target();
    target.is_some_and(|target| &target == AsRef::<web_sys::EventTarget>::as_ref(element))
}

/// The files that were chosen in a field; the field forgets them, so that the same ones can be chosen again.
pub fn chosen_files(event: &web_sys::Event) -> Vec<web_sys::File> {
    let input = event
        .target()
        .and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
    let Some(input) = input else {
        return Vec::new();
    };
    let chosen = files(input.files());
    input.set_value("");
    chosen
}

/// The files that were dropped.
pub fn dropped_files(event: &web_sys::DragEvent) -> Vec<web_sys::File> {
    files(event.data_transfer().and_then(|transfer| transfer.files()))
}

fn files(list: Option<web_sys::FileList>) -> Vec<web_sys::File> {
    let Some(list) = list else {
        return Vec::new();
    };
    (0..list.length()).filter_map(|at| list.get(at)).collect()
}

/// An element of the document, by its id.
pub fn element(id: &str) -> Option<web_sys::HtmlElement> {
    let document = window()?.document()?;
    document.get_element_by_id(id)?.dyn_into().ok()
}
