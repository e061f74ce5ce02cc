//! A field on a map.

use leptos::prelude::*;

/// The map.
#[component]
pub fn Map() -> impl IntoView {
    view! { <section/> }
}
