//! How hard archives are asked: what was sent is counted, and who says "slow down" is asked less, by all requests at once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use object_store::client::{
    HttpClient, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};

/// Refusals that are borne at first; an answer earns one back. AWS' SDKs keep such a quota for all requests of a client:
/// an archive that only refuses is left alone long before each request has used up its own retries.
const BUDGET: u64 = 500;
/// The pause after a refusal; each further one doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
/// The longest pause, also where the server asks for a longer one.
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What all requests of a command share.
#[derive(Debug, Default)]
pub(super) struct Pace {
    reads: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Refusals that were not earned back.
    spent: u64,
    hosts: HashMap<String, Host>,
}

/// A server that refused.
#[derive(Clone, Copy, Debug)]
struct Host {
    /// Refusals since the last answer.
    refusals: u32,
    /// Nothing is sent before.
    resume: Instant,
}

/// The archive refused more often than is borne.
#[derive(Debug, thiserror::Error)]
#[error("{host} asked to slow down too often: {BUDGET} times more than it answered")]
struct SlowDown {
    host: String,
}

impl Pace {
    /// Reading requests that were sent, each attempt counted.
    pub(super) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// How long to wait before this host is asked again.
    fn pause(&self, host: &str, now: Instant) -> Option<Duration> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let resume = state.hosts.get(host)?.resume;
        let left = resume.saturating_duration_since(now);
        (!left.is_zero()).then_some(left)
    }

    /// Takes note of an answer that is no refusal.
    fn answered(&self, host: &str) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spent = state.spent.saturating_sub(1);
        state.hosts.remove(host);
    }

    /// Takes note of a refusal; an error where it is one too many.
    fn refused(&self, host: &str, asked: Option<Duration>, now: Instant) -> Result<(), SlowDown> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.spent += 1;
        if state.spent > BUDGET {
            return Err(SlowDown {
                host: host.to_owned(),
            });
        }
        let known = state.hosts.get(host).copied();
        // Requests that were under way when the first one was refused tell nothing new.
        if known.is_some_and(|known| known.resume > now) {
            return Ok(());
        }
        let refusals = known.map_or(0, |known| known.refusals + 1);
        let doubled = FIRST_PAUSE.saturating_mul(1 << refusals.min(10));
        let pause = asked.unwrap_or(doubled).min(LONGEST_PAUSE);
        let host = host.to_owned();
        state.hosts.insert(
            host,
            Host {
                refusals,
                resume: now + pause,
            },
        );
        Ok(())
    }
}

/// A client that keeps to the pace.
#[derive(Debug)]
pub(super) struct Paced {
    pub(super) client: HttpClient,
    pub(super) pace: Arc<Pace>,
}

#[async_trait::async_trait]
impl HttpService for Paced {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let host = request.uri().authority().map(ToString::to_string);
        let host = host.unwrap_or_default();
        while let Some(pause) = self.pace.pause(&host, Instant::now()) {
            // All who waited would come back in the same instant.
            tokio::time::sleep(pause + jitter(pause)).await;
        }
        if ["GET", "HEAD"].contains(&request.method().as_str()) {
            self.pace.reads.fetch_add(1, Ordering::Relaxed);
        }
        let response = self.client.execute(request).await?;
        if !matches!(response.status().as_u16(), 429 | 503) {
            self.pace.answered(&host);
            return Ok(response);
        }
        let after = response.headers().get("retry-after");
        let after = after.and_then(|text| text.to_str().ok()?.parse().ok());
        let after = after.map(Duration::from_secs);
        let refused = self.pace.refused(&host, after, Instant::now());
        // Not of a kind that is tried again.
        refused.map_err(|error| HttpError::new(HttpErrorKind::Unknown, error))?;
        Ok(response)
    }
}

/// Up to half of a pause, by the clock's last digits: nothing here needs good random numbers.
fn jitter(pause: Duration) -> Duration {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let nanoseconds = now.map_or(0, |now| now.subsec_nanos());
    pause * (nanoseconds % 1_000) / 2_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_of_one_host_hold_all_of_its_requests_and_no_others() {
        let (pace, start) = (Pace::default(), Instant::now());
        assert_eq!(pace.pause("a", start), None);
        pace.refused("a", None, start).unwrap();
        assert_eq!(pace.pause("a", start), Some(FIRST_PAUSE));
        assert_eq!(pace.pause("b", start), None);
        // A second one of the same moment does not count; one after the pause doubles it.
        pace.refused("a", None, start).unwrap();
        let later = start + FIRST_PAUSE;
        assert_eq!(pace.pause("a", later), None);
        pace.refused("a", None, later).unwrap();
        assert_eq!(pace.pause("a", later), Some(2 * FIRST_PAUSE));
        pace.answered("a");
        assert_eq!(pace.pause("a", later), None);
    }

    #[test]
    fn a_server_that_names_a_time_is_believed_up_to_a_limit() {
        let (pace, start) = (Pace::default(), Instant::now());
        let asked = |seconds| Some(Duration::from_secs(seconds));
        pace.refused("a", asked(2), start).unwrap();
        assert_eq!(pace.pause("a", start), asked(2));
        pace.refused("b", asked(3_600), start).unwrap();
        assert_eq!(pace.pause("b", start), Some(LONGEST_PAUSE));
    }

    #[test]
    fn the_budget_is_one_for_all_and_answers_earn_it_back() {
        let (pace, start) = (Pace::default(), Instant::now());
        for _ in 0..BUDGET {
            pace.refused("a", None, start).unwrap();
        }
        assert!(pace.refused("b", None, start).is_err());
        pace.answered("c");
        pace.answered("c");
        assert!(pace.refused("b", None, start).is_ok());
    }
}
