// Starts the page's module. A file of its own, as no inline script may run here.
import init from "./page.js";

await init({ module_or_path: new URL("page_bg.wasm", import.meta.url) });
