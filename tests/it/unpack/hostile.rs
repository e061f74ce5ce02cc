//! Cut and changed messages.
