//! What the worker holds: the store, the catalogue, and the run or the files that are open.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use gik_core::grib::naming::Tables;
use gik_core::keys::StoreKeys;
use gik_core::plot::Lines;
use gik_core::refs::RefStore;
use gik_core::source::{Catalog, CatalogError};

use super::field::Fields;
use super::store::PageStore;
use crate::table::Table;

/// What the worker holds.
pub(super) struct Session {
    pub(super) store: PageStore,
    pub(super) catalog: Catalog,
    tables: OnceCell<Rc<Tables>>,
    /// The inventory of what is open.
    pub(super) table: RefCell<Table>,
    /// The references of what is open.
    pub(super) references: RefCell<References>,
    /// Fields of what is open that were decoded.
    pub(super) fields: Fields,
    /// Lines of maps, the coarse ones first.
    pub(super) lines: [OnceCell<Rc<Lines>>; 2],
    /// Number of the request that opened it.
    pub(super) request: RefCell<u32>,
}

/// References that can be written.
#[derive(Default)]
pub(super) enum References {
    /// One store for each member.
    Built(Vec<RefStore>),
    /// None.
    #[default]
    None,
    /// A store that was read, and its name.
    Read(String, Box<StoreKeys>),
}

impl Session {
    pub(super) fn new() -> Result<Self, CatalogError> {
        let catalog = Catalog::builtin()?;
        Ok(Self {
            store: PageStore::new(&catalog),
            catalog,
            tables: OnceCell::new(),
            table: RefCell::default(),
            references: RefCell::default(),
            fields: Fields::default(),
            lines: Default::default(),
            request: RefCell::default(),
        })
    }

    /// The tables of names, read once they are needed.
    pub(super) fn tables(&self) -> Result<Rc<Tables>, gik_core::grib::naming::TableError> {
        if let Some(tables) = self.tables.get() {
            return Ok(Rc::clone(tables));
        }
        let tables = Rc::new(Tables::builtin()?);
        Ok(Rc::clone(self.tables.get_or_init(|| tables)))
    }

    /// Forgets what is open, for what a request opens.
    pub(super) fn begin(&self, request: u32) {
        self.store.abort();
        *self.request.borrow_mut() = request;
        *self.table.borrow_mut() = Table::default();
        *self.references.borrow_mut() = References::None;
        self.fields.clear();
    }

    /// Whether a request is still the one that the page waits for.
    pub(super) fn is_current(&self, request: u32) -> bool {
        *self.request.borrow() == request
    }
}
