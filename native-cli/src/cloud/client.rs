//! HTTP clients that all buckets and servers share: one pool of connections, one honest name.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use object_store::client::{HttpClient, HttpConnector, ReqwestConnector};
use object_store::{BackoffConfig, ClientConfigKey, ClientOptions, HeaderValue, RetryConfig};

use crate::cloud::pace::{Pace, Paced};
use crate::settings::Network;

/// Who asks, as servers' logs show it.
pub(crate) const USER_AGENT: &str = match option_env!("CARGO_PKG_REPOSITORY") {
    Some(repository) if !repository.is_empty() => concat!(
        "gik/",
        env!("CARGO_PKG_VERSION"),
        " (+",
        env!("CARGO_PKG_REPOSITORY"),
        ")"
    ),
    _ => concat!("gik/", env!("CARGO_PKG_VERSION")),
};

/// Clients by the options that make them differ. A clone shares them.
#[derive(Clone, Debug)]
pub(super) struct Clients {
    network: Network,
    pace: Arc<Pace>,
    made: Arc<Mutex<HashMap<[Option<String>; 3], HttpClient>>>,
}

impl Clients {
    /// No clients yet: the first request makes the first one.
    pub(super) fn new(network: Network) -> Self {
        Self {
            network,
            pace: Arc::default(),
            made: Arc::default(),
        }
    }

    /// How clients behave. A transfer may take as long as it wants, as long as bytes come.
    pub(super) fn options(&self, allow_http: bool) -> ClientOptions {
        ClientOptions::new()
            .with_user_agent(HeaderValue::from_static(USER_AGENT))
            .with_allow_http(allow_http)
            .with_timeout_disabled()
            .with_connect_timeout(Duration::from_secs(10))
            .with_read_timeout(self.stalled())
    }

    /// How often and when a request is repeated that failed for a reason that may pass.
    pub(super) fn retry(&self) -> RetryConfig {
        RetryConfig {
            backoff: BackoffConfig {
                init_backoff: Duration::from_millis(100),
                max_backoff: Duration::from_secs(15),
                base: 2.0,
            },
            max_retries: usize::try_from(self.network.retries).unwrap_or(usize::MAX),
            retry_timeout: Duration::from_secs(180),
        }
    }

    /// Reading requests that were sent so far, each attempt counted.
    pub(super) fn reads(&self) -> u64 {
        self.pace.reads()
    }

    fn stalled(&self) -> Duration {
        Duration::from_secs(u64::from(self.network.timeout_seconds))
    }
}

impl HttpConnector for Clients {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let key = [
            ClientConfigKey::AllowHttp,
            ClientConfigKey::ConnectTimeout,
            ClientConfigKey::Timeout,
        ]
        .map(|key| options.get_config_value(&key));
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = made.get(&key) {
            return Ok(client.clone());
        }
        let client = HttpClient::new(Paced {
            client: ReqwestConnector::default().connect(options)?,
            pace: Arc::clone(&self.pace),
        });
        made.insert(key, client.clone());
        Ok(client)
    }
}
