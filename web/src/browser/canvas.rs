//! A canvas that shows the last picture of a map wherever the map is moved, until the next one comes.

use js_sys::{Uint8Array, Uint8ClampedArray};
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::place::Place;

/// The last picture, and the part of the world that it shows.
pub struct Picture {
    canvas: HtmlCanvasElement,
    place: Place,
}

impl Picture {
    /// A picture of pixels (red, green, blue, opacity); the buffer is not copied on its way.
    pub fn new(pixels: &Uint8Array, (width, height): (u32, u32), place: Place) -> Option<Self> {
        let canvas = canvas(&super::window()?.document()?.create_element("canvas").ok()?)?;
        canvas.set_width(width);
        canvas.set_height(height);
        let clamped = Uint8ClampedArray::new(&pixels.buffer());
        let data = ImageData::new_with_js_u8_clamped_array_and_sh(&clamped, width, height).ok()?;
        context(&canvas)?.put_image_data(&data, 0.0, 0.0).ok()?;
        Some(Self { canvas, place })
    }
}

/// Shows a picture on the canvas of an id, as a place wants it, with a mark at a point.
pub fn show(
    id: &str,
    picture: &Picture,
    (place, size): (Place, (u32, u32)),
    point: Option<[f64; 2]>,
) -> Option<()> {
    let screen = canvas(&super::element(id)?.into())?;
    if (screen.width(), screen.height()) != size {
        screen.set_width(size.0);
        screen.set_height(size.1);
    }
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let context = context(&screen)?;
    context.set_image_smoothing_enabled(false);
    context.clear_rect(0.0, 0.0, width, height);
    let (x, y) = place.locate(picture.place.latitude, picture.place.longitude);
    let grown = picture.place.across / place.across;
    let (wide, high) = (width * grown, height * grown);
    for turn in [-360.0, 0.0, 360.0] {
        let left = (x + turn / place.across) * width - wide / 2.0;
        if left < width && left + wide > 0.0 {
            let top = y * height - high / 2.0;
            context
                .draw_image_with_html_canvas_element_and_dw_and_dh(
                    &picture.canvas,
                    left,
                    top,
                    wide,
                    high,
                )
                .ok()?;
        }
    }
    if let Some([latitude, longitude]) = point {
        let (x, y) = place.locate(latitude, longitude);
        mark(&context, (x * width, y * height), width / 90.0);
    }
    Some(())
}

/// A cross with a gap in its middle, dark on light: to be seen on all colours.
fn mark(context: &CanvasRenderingContext2d, (x, y): (f64, f64), size: f64) {
    let size = size.clamp(8.0, 16.0);
    for (width, colour) in [(5.0, "#ffffff"), (2.0, "#000000")] {
        context.set_line_width(width);
        context.set_stroke_style_str(colour);
        context.begin_path();
        for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
            context.move_to(x + dx * size * 0.3, y + dy * size * 0.3);
            context.line_to(x + dx * size, y + dy * size);
        }
        context.stroke();
    }
}

/// Pixels of the screen across and down that the element of an id has.
pub fn size_of(id: &str) -> Option<(f64, f64)> {
    let element = super::element(id)?;
    let (width, height) = (element.client_width(), element.client_height());
    (width > 0 && height > 0).then(|| (f64::from(width), f64::from(height)))
}

/// Where a pointer is on an element, in parts of it.
pub fn part(event: &web_sys::MouseEvent, id: &str) -> Option<(f64, f64)> {
    let (width, height) = size_of(id)?;
    let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
    Some((x / width, y / height))
}

/// Keeps a pointer on an element, though it leaves it while it is pressed.
pub fn capture(id: &str, pointer: i32) {
    if let Some(element) = super::element(id) {
        let _ = element.set_pointer_capture(pointer);
    }
}

/// Whether the user asked for less motion.
pub fn is_calm() -> bool {
    let asked = super::window().and_then(|window| {
        let asked = window.match_media("(prefers-reduced-motion: reduce)");
        asked.ok().flatten()
    });
    asked.is_some_and(|asked| asked.matches())
}

fn canvas(element: &web_sys::Element) -> Option<HtmlCanvasElement> {
    element.clone().dyn_into().ok()
}

fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    canvas.get_context("2d").ok()??.dyn_into().ok()
}
