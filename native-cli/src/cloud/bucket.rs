//! Buckets of the clouds: who signs, which region, which server.

use std::fmt;
use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::gcp::{GcpCredential, GoogleCloudStorageBuilder};
use object_store::{ObjectStore, StaticCredentialProvider};

use super::Cloud;
use crate::settings::{Environment, Signing};

/// The name of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Bucket {
    /// Of Google Cloud Storage.
    Google(String),
    /// Of S3.
    S3(String),
}

impl Bucket {
    /// The bucket that a URL lies in.
    pub(super) fn of(url: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let name = rest
            .split('/')
            .next()
            .filter(|name| !name.is_empty())?
            .to_owned();
        match scheme {
            "gs" => Some(Self::Google(name)),
            "s3" => Some(Self::S3(name)),
            _ => None,
        }
    }

    fn name(&self) -> &str {
        let (Self::Google(name) | Self::S3(name)) = self;
        name
    }
}

impl fmt::Display for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Google(name) => write!(f, "gs://{name}"),
            Self::S3(name) => write!(f, "s3://{name}"),
        }
    }
}

/// Variables that give credentials for S3. Those of the machine itself (instance metadata) are asked for only where
/// the settings say `always`: on a machine without them the question takes seconds.
const S3_CREDENTIALS: [&str; 4] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// A client of an S3 bucket. `region` is the catalogue's, and stronger than the settings'.
pub(super) fn s3(
    bucket: &Bucket,
    cloud: &Cloud,
    public: bool,
    region: Option<&str>,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let credentials = S3_CREDENTIALS
        .iter()
        .any(|name| cloud.environment.text(name).is_some());
    let signed = signed(cloud.s3.sign, public, credentials);
    let mut builder = passed_on(AmazonS3Builder::new(), &cloud.environment, signed)
        .with_bucket_name(bucket.name())
        .with_region(region.unwrap_or(&cloud.s3.region))
        .with_skip_signature(!signed)
        .with_client_options(cloud.clients.options(cloud.s3.allow_http))
        .with_retry(cloud.clients.retry())
        .with_http_connector(cloud.clients.clone());
    if let Some(endpoint) = &cloud.s3.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    Ok(Arc::new(builder.build()?))
}

/// Passes the usual variables on that gik has no setting of its own for; credentials only where requests are signed.
fn passed_on(
    mut builder: AmazonS3Builder,
    environment: &Environment,
    signed: bool,
) -> AmazonS3Builder {
    use AmazonS3ConfigKey as Key;
    for (name, value) in environment.starting_with("AWS_") {
        let Ok(key) = name.to_ascii_lowercase().parse::<Key>() else {
            continue;
        };
        let pass = match key {
            Key::Bucket
            | Key::Client(_)
            | Key::DefaultRegion
            | Key::Endpoint
            | Key::Region
            | Key::S3Endpoint
            | Key::SkipSignature => false,
            Key::RequestPayer | Key::S3Express | Key::VirtualHostedStyleRequest => true,
            _ => signed,
        };
        if pass {
            builder = builder.with_config(key, value);
        }
    }
    builder
}

/// A client of a Google bucket.
pub(super) fn google(
    bucket: &Bucket,
    cloud: &Cloud,
    public: bool,
) -> object_store::Result<Arc<dyn ObjectStore>> {
    let account = cloud.gcs.service_account.as_ref();
    let signed = signed(cloud.gcs.sign, public, account.is_some());
    // Servers of one's own are mostly emulators without TLS; Google's is never spoken to so.
    let allow_http = cloud
        .gcs
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"));
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_bucket_name(bucket.name())
        .with_client_options(cloud.clients.options(allow_http))
        .with_retry(cloud.clients.retry())
        .with_http_connector(cloud.clients.clone());
    builder = match (signed, account) {
        // Credentials that are never sent keep the builder from looking for some.
        (false, _) => builder.with_skip_signature(true).with_credentials(Arc::new(
            StaticCredentialProvider::new(GcpCredential {
                bearer: String::new(),
            }),
        )),
        (true, Some(account)) => builder.with_application_credentials(account.to_string_lossy()),
        (true, None) => builder,
    };
    if let Some(endpoint) = &cloud.gcs.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    Ok(Arc::new(builder.build()?))
}

/// Whether requests are signed.
fn signed(sign: Signing, public: bool, credentials: bool) -> bool {
    match sign {
        Signing::Always => true,
        Signing::Auto => credentials && !public,
        Signing::Never => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_archives_are_read_unsigned_although_there_are_credentials() {
        assert!(!signed(Signing::Auto, true, true));
        assert!(signed(Signing::Auto, false, true));
        assert!(!signed(Signing::Auto, false, false));
        assert!(signed(Signing::Always, true, false));
        assert!(!signed(Signing::Never, false, true));
    }

    #[test]
    fn the_bucket_of_a_url_is_between_the_scheme_and_the_key() {
        let s3 = |name: &str| Some(Bucket::S3(name.to_owned()));
        assert_eq!(
            Bucket::of("s3://ecmwf-forecasts/a/b"),
            s3("ecmwf-forecasts")
        );
        assert_eq!(Bucket::of("s3://ecmwf-forecasts"), s3("ecmwf-forecasts"));
        assert_eq!(Bucket::of("s3:///a"), None);
        assert_eq!(Bucket::of("https://host/a"), None);
    }
}
