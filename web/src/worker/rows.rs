//! Windows of the inventory.

use super::session::Session;
use crate::protocol::{Event, RowsWanted};
use crate::siblings;

/// A window of the inventory that is open.
pub(super) fn rows(session: &Session, wanted: &RowsWanted) -> Event {
    Event::Rows(session.table.borrow_mut().rows(wanted))
}

/// The messages beside one, or beside the first.
pub(super) fn siblings(session: &Session, message: Option<u32>) -> Event {
    let table = session.table.borrow();
    let found = message.and_then(|message| siblings::siblings(&table, message));
    Event::Siblings(found.or_else(|| siblings::siblings(&table, 0)))
}
