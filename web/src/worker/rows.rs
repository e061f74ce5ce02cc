//! Windows of the inventory.

use super::session::Session;
use crate::protocol::{Event, RowsWanted};

/// A window of the inventory that is open.
pub(super) fn rows(session: &Session, wanted: &RowsWanted) -> Event {
    Event::Rows(session.table.borrow_mut().rows(wanted))
}
