//! Which run, member and step of which source a URL is.

use std::collections::HashMap;

use crate::source::{Catalog, Era, MemberId, ObjectRef, Source};
use crate::time::{Date, Run};

/// A run and a member of the catalogue.
#[derive(Debug)]
pub(super) struct Origin<'a> {
    pub(super) source: &'a Source,
    pub(super) era: &'a Era,
    pub(super) run: Run,
    pub(super) member: MemberId,
    /// Root of the mirror, as the URLs have it.
    pub(super) root: String,
    objects: HashMap<String, ObjectRef>,
}

/// What is wrong with a URL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    pub(super) suffix: bool,
    pub(super) folder: bool,
}

impl<'a> Origin<'a> {
    /// The run that a URL belongs to; of the member with that name, where the URL does not tell.
    pub(super) fn of(catalog: &'a Catalog, url: &str, member: Option<&str>) -> Option<Self> {
        let mirrors = catalog.sources().flat_map(|source| {
            source
                .mirrors
                .iter()
                .map(move |mirror| (source, &mirror.root))
        });
        for (source, root) in mirrors {
            let Some(path) = url
                .strip_prefix(root.as_str())
                .and_then(|it| it.strip_prefix('/'))
            else {
                continue;
            };
            for run in runs(path) {
                let Ok(era) = source.era_of(run) else {
                    continue;
                };
                for id in era.members() {
                    if member.is_some_and(|name| name != id.name) {
                        continue;
                    }
                    let Some(objects) = objects(era, run, &id) else {
                        continue;
                    };
                    let origin = Self {
                        source,
                        era,
                        run,
                        member: id,
                        root: root.clone(),
                        objects,
                    };
                    if origin.object(url).is_some() {
                        return Some(origin);
                    }
                }
            }
        }
        None
    }

    /// Whether a URL lies below the root of a mirror.
    pub(super) fn is_rooted(catalog: &Catalog, url: &str) -> bool {
        let mut mirrors = catalog.sources().flat_map(|source| &source.mirrors);
        mirrors.any(|mirror| {
            url.strip_prefix(mirror.root.as_str())
                .is_some_and(|it| it.starts_with('/'))
        })
    }

    /// The object of the run that a URL stands for, and what had to be repaired.
    pub(super) fn object(&self, url: &str) -> Option<(&ObjectRef, Faults)> {
        let path = url.strip_prefix(self.root.as_str())?.strip_prefix('/')?;
        let mut faults = Faults::default();
        if let Some(object) = self.objects.get(path) {
            return Some((object, faults));
        }
        let mut path = path.to_owned();
        if !path.ends_with(".grib2") {
            faults.suffix = true;
            path.push_str(".grib2");
            if let Some(object) = self.objects.get(&path) {
                return Some((object, faults));
            }
        }
        faults.folder = true;
        self.source.misspelt.iter().find_map(|misspelt| {
            let path = path.replacen(&misspelt.found, &misspelt.right, 1);
            self.objects.get(&path).map(|object| (object, faults))
        })
    }

    /// The URL of an object.
    pub(super) fn url(&self, object: &ObjectRef) -> String {
        format!("{}/{}", self.root, object.data_path)
    }
}

fn objects(era: &Era, run: Run, id: &MemberId) -> Option<HashMap<String, ObjectRef>> {
    let members = std::slice::from_ref(id);
    let steps = era.steps(run, members).ok()?;
    let objects = era.objects(run, members, steps.iter()).ok()?;
    Some(
        objects
            .into_iter()
            .map(|object| (object.data_path.clone(), object))
            .collect(),
    )
}

/// Every run of the days that the path names.
fn runs(path: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for digits in path.split(|sign: char| !sign.is_ascii_digit()) {
        let date: Option<Date> = digits.get(..8).and_then(|date| date.parse().ok());
        for hour in 0..24 {
            runs.extend(date.and_then(|date| Run::new(date, hour)));
        }
    }
    runs.dedup();
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(url: &str, member: Option<&str>) -> Option<(String, String, String, Faults)> {
        let catalog = Catalog::builtin().unwrap();
        let origin = Origin::of(&catalog, url, member)?;
        let (object, faults) = origin.object(url).unwrap();
        let what = format!("{} {} {}", origin.source.id, origin.run, origin.member.name);
        Some((what, object.step.to_string(), origin.url(object), faults))
    }

    #[test]
    fn a_url_tells_its_run_and_member() {
        let url = "s3://noaa-gefs-pds/gefs.20250918/06/atmos/pgrb2sp25/gep07.t06z.pgrb2s.0p25.f009";
        let (what, step, repaired, faults) = found(url, None).unwrap();
        assert_eq!(
            (what.as_str(), step.as_str()),
            ("gefs 2025-09-18T06 gep07", "9")
        );
        assert_eq!((repaired.as_str(), faults), (url, Faults::default()));
    }

    #[test]
    fn what_published_urls_lack_is_put_back() {
        let right =
            "s3://ecmwf-forecasts/20250601/12z/ifs/0p25/enfo/20250601120000-3h-enfo-ef.grib2";
        for (url, suffix, folder) in [
            (right.to_owned(), false, false),
            (right.replace(".grib2", ""), true, false),
            (right.replace("/ifs", ""), false, true),
            (right.replace("/ifs", "").replace(".grib2", ""), true, true),
        ] {
            let (what, step, repaired, faults) = found(&url, Some("ens02")).unwrap();
            assert_eq!(
                (what.as_str(), step.as_str()),
                ("ifs-ens 2025-06-01T12 ens02", "3")
            );
            assert_eq!(
                (repaired.as_str(), faults),
                (right, Faults { suffix, folder }),
                "{url}"
            );
        }
        assert_eq!(
            found(
                "s3://ecmwf-forecasts/20250601/12z/ifs/0p25/enfo/20250601000000-3h-enfo-ef",
                Some("ens02")
            ),
            None
        );
        assert_eq!(found("s3://elsewhere/20250601/x", None), None);
    }
}
