//! Where a page finds the objects of a bucket: at their server's own address, or at the relay of the page's server.

use crate::escape;

/// How addresses of buckets are reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Address of the relay, with a slash at the end; `None` where the page's server has none.
    pub relay: Option<String>,
    /// Regions of buckets on S3.
    pub regions: Vec<(String, String)>,
}

impl Reach {
    /// The address that is fetched for the name of an object; `None` for a name that no page can reach.
    pub fn address(&self, url: &str) -> Option<String> {
        let (scheme, rest) = url.split_once("://")?;
        match scheme {
            "http" | "https" => Some(url.to_owned()),
            "s3" | "gs" => {
                let (bucket, key) = rest.split_once('/')?;
                let key = escape::path(key);
                if bucket.is_empty() || key.is_empty() {
                    return None;
                }
                Some(match (&self.relay, scheme) {
                    (Some(relay), "s3") => format!("{relay}s3/{bucket}/{key}"),
                    (_, "s3") => self.s3(bucket, &key),
                    _ => format!("https://storage.googleapis.com/{bucket}/{key}"),
                })
            }
            _ => None,
        }
    }

    fn s3(&self, bucket: &str, key: &str) -> String {
        let region = self.regions.iter().find(|(known, _)| known == bucket);
        let host = match region {
            Some((_, region)) => format!("s3.{region}.amazonaws.com"),
            None => "s3.amazonaws.com".to_owned(),
        };
        // A certificate for *.s3.amazonaws.com is none for a name with more dots.
        if bucket.contains('.') {
            format!("https://{host}/{bucket}/{key}")
        } else {
            format!("https://{bucket}.{host}/{key}")
        }
    }
}

/// Scheme and host of an address.
pub fn origin(url: &str) -> &str {
    let after = url.find("://").map_or(0, |at| at + 3);
    let end = url[after..].find('/').map_or(url.len(), |at| after + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_are_read_at_their_servers_or_through_the_relay() {
        let regions = vec![("noaa-gefs-pds".to_owned(), "us-east-1".to_owned())];
        let direct = Reach {
            relay: None,
            regions: regions.clone(),
        };
        let at = |reach: &Reach, url: &str| reach.address(url);
        assert_eq!(
            at(&direct, "s3://noaa-gefs-pds/gefs.20250918/a b").unwrap(),
            "https://noaa-gefs-pds.s3.us-east-1.amazonaws.com/gefs.20250918/a%20b"
        );
        assert_eq!(
            at(&direct, "s3://a.b/k").unwrap(),
            "https://s3.amazonaws.com/a.b/k"
        );
        assert_eq!(
            at(&direct, "gs://ecmwf-open-data/k").unwrap(),
            "https://storage.googleapis.com/ecmwf-open-data/k"
        );
        assert_eq!(at(&direct, "https://x/y?z").unwrap(), "https://x/y?z");
        assert_eq!(at(&direct, "s3://bucket"), None);
        assert_eq!(at(&direct, "file:///x"), None);
        let relayed = Reach {
            relay: Some("https://page/gik/relay/".to_owned()),
            regions,
        };
        assert_eq!(
            at(&relayed, "s3://noaa-gefs-pds/k").unwrap(),
            "https://page/gik/relay/s3/noaa-gefs-pds/k"
        );
    }

    #[test]
    fn an_origin_has_no_path() {
        assert_eq!(origin("https://h:1/a/b"), "https://h:1");
        assert_eq!(origin("https://h"), "https://h");
    }
}
