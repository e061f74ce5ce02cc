// Starts the worker's module.
import init from "./worker.js";

await init({ module_or_path: new URL("worker_bg.wasm", import.meta.url) });
