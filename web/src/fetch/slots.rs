//! So many requests to one host at a time.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Gives slots of hosts.
pub(super) struct Slots {
    each: usize,
    hosts: Rc<RefCell<HashMap<String, Host>>>,
}

/// A slot, given back on drop.
pub(super) struct Slot {
    name: String,
    hosts: Rc<RefCell<HashMap<String, Host>>>,
}

#[derive(Default)]
struct Host {
    taken: usize,
    waiting: VecDeque<Waker>,
}

impl Slots {
    /// So many for each host.
    pub(super) fn new(each: usize) -> Self {
        Self {
            each,
            hosts: Rc::default(),
        }
    }

    /// Waits for a slot.
    pub(super) async fn take(&self, host: &str) -> Slot {
        poll_fn(|context| {
            let mut hosts = self.hosts.borrow_mut();
            let entry = hosts.entry(host.to_owned()).or_default();
            if entry.taken < self.each {
                entry.taken += 1;
                return Poll::Ready(());
            }
            entry.waiting.push_back(context.waker().clone());
            Poll::Pending
        })
        .await;
        Slot {
            name: host.to_owned(),
            hosts: Rc::clone(&self.hosts),
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut hosts = self.hosts.borrow_mut();
        let Some(host) = hosts.get_mut(&self.name) else {
            return;
        };
        host.taken = host.taken.saturating_sub(1);
        // Whoever waits no more wakes for nothing, so all are woken: they are few.
        let waiting = std::mem::take(&mut host.waiting);
        drop(hosts);
        for waker in waiting {
            waker.wake();
        }
    }
}
