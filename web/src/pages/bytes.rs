//! Which bytes of a file are what.

use leptos::prelude::*;

/// The bytes of a file.
#[component]
pub fn Bytes() -> impl IntoView {
    view! { <section/> }
}
