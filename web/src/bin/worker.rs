//! The module of the worker.

fn main() {
    #[cfg(target_arch = "wasm32")]
    if let Err(error) = gik_web::worker::start() {
        wasm_bindgen::throw_val(error);
    }
}
