//! What the worker holds: the store, the catalogue, and the run or the files that are open.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use futures_util::future;
use gik_core::grib::naming::{TableTexts, Tables};
use gik_core::keys::StoreKeys;
use gik_core::plot::Lines;
use gik_core::refs::RefStore;
use gik_core::source::{Catalog, CatalogError};
use gik_core::store::Store as _;

use super::field::Fields;
use super::problem;
use super::store::PageStore;
use crate::protocol::Problem;
use crate::table::Table;

/// What the worker holds.
pub(super) struct Session {
    pub(super) store: PageStore,
    pub(super) catalog: Catalog,
    tables: OnceCell<Rc<Tables>>,
    codes: OnceCell<()>,
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
            codes: OnceCell::new(),
            table: RefCell::default(),
            references: RefCell::default(),
            fields: Fields::default(),
            lines: Default::default(),
            request: RefCell::default(),
        })
    }

    /// The tables of names. They are files beside the page, fetched once they are needed.
    pub(super) async fn tables(&self) -> Result<Rc<Tables>, Problem> {
        if let Some(tables) = self.tables.get() {
            return Ok(Rc::clone(tables));
        }
        let (names, concepts, ncep, products) = future::try_join4(
            self.table_text("names.tsv"),
            self.table_text("concepts.tsv"),
            self.table_text("ncep.tsv"),
            self.table_text("products.tsv"),
        )
        .await?;
        let texts = TableTexts {
            names,
            concepts,
            ncep,
            products,
        };
        let tables = Tables::parse(texts).map_err(|error| problem::of(&error))?;
        // Where two asked at once, both got the same.
        Ok(Rc::clone(self.tables.get_or_init(|| Rc::new(tables))))
    }

    /// Fetches what numbers of sections mean: whoever describes a message needs it.
    pub(super) async fn codes(&self) -> Result<(), Problem> {
        if self.codes.get().is_none() {
            let text = self.table_text("codes.csv").await?;
            gik_core::grib::table::provide(text);
            self.codes.get_or_init(|| ());
        }
        Ok(())
    }

    /// A table that lies beside the page. It stays as long as the worker.
    async fn table_text(&self, name: &str) -> Result<&'static str, Problem> {
        let url = self.store.beside(&format!("tables/{name}"));
        let found = self.store.get(&url).await;
        let object = found.map_err(|error| problem::of(&error))?;
        let text = String::from_utf8_lossy(&object.bytes).into_owned();
        Ok(Box::leak(text.into_boxed_str()))
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
