//! The module of the document.

fn main() {
    #[cfg(target_arch = "wasm32")]
    gik_web::app::start();
}
