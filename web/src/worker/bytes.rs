//! Which bytes of a file are what.

use gik_core::store::Store;

use super::session::Session;
use crate::byte_map;
use crate::protocol::{Event, Problem, ProblemKind};

/// The bytes of a file, or of the file of a message, or of the first one.
pub(super) async fn byte_map(
    session: &Session,
    file: Option<u32>,
    message: Option<u32>,
) -> Result<Event, Problem> {
    let (file, url) = {
        let table = session.table.borrow();
        let of_message = message
            .and_then(|number| table.messages.get(number as usize))
            .map(|message| message.object);
        let file = file.or(of_message).unwrap_or_default();
        let object = table.objects.get(file as usize);
        (file, object.map(|object| object.data_url.clone()))
    };
    let Some(url) = url else {
        return Err(Problem {
            kind: ProblemKind::Usage,
            url: None,
            text: format!("there is no file {file}"),
        });
    };
    // Where the server does not say the size, the map ends with the last message.
    let size = session.store.head(&url).await.ok();
    let size = size.and_then(|meta| meta.size);
    let map = byte_map::byte_map(&session.table.borrow(), file, size);
    Ok(map.map_or(Event::Done, |map| Event::ByteMap(Box::new(map))))
}
