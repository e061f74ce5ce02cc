//! References of members: which files of a folder they are, and what is in them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, anyhow};
use gik_core::convert::{self, Context, Published};
use gik_core::grib::naming::Tables;
use gik_core::keys::{RawReference, StoreKeys};
use gik_core::pipeline::stream::MemberStore;
use gik_core::source::Catalog;

use crate::cloud::Cloud;
use crate::exit::CommandError;
use crate::published;

/// Where references and archives are.
pub(super) struct Places<'a> {
    pub(super) store: &'a Cloud,
    pub(super) catalog: &'a Catalog,
    pub(super) tables: &'a Tables,
    /// A place that has the archive's objects, instead of the one that references name.
    pub(super) base: Option<String>,
}

/// Reads all references.
pub(super) async fn read(
    typed: &[String],
    places: &Places<'_>,
) -> Result<Vec<MemberStore>, CommandError> {
    let mut inputs = Vec::new();
    for input in typed {
        let folder = Path::new(input);
        let bucket = input.starts_with("s3://") || input.starts_with("gs://");
        if bucket && input.ends_with('/') {
            let names = places.store.list(input).await?;
            inputs.extend(search(input, &names, places.catalog)?);
        } else if folder.is_dir() && !folder.join(".zmetadata").exists() {
            let root = format!("{}/", input.trim_end_matches('/'));
            inputs.extend(search(&root, &names(folder)?, places.catalog)?);
        } else {
            inputs.push((member(input), input.clone()));
        }
    }
    let mut stores = Vec::new();
    for (name, input) in inputs {
        for published in published::read(&input, places.store).await? {
            let name = match &published.name {
                Some(inner) => inner.member.clone(),
                None => name.clone(),
            };
            let store = converted(published, name, places).await;
            stores.push(store.with_context(|| input.clone())?);
        }
    }
    Ok(stores)
}

/// What a folder holds.
fn names(folder: &Path) -> Result<Vec<String>, CommandError> {
    let entries = fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    let mut names = Vec::new();
    for entry in entries {
        names.extend(entry?.file_name().into_string().ok());
    }
    Ok(names)
}

/// The files of a folder that are named as references of a member, one for each member.
fn search(
    root: &str,
    names: &[String],
    catalog: &Catalog,
) -> Result<Vec<(String, String)>, CommandError> {
    let eras = catalog.sources().flat_map(|source| &source.eras);
    let known: BTreeSet<String> = eras
        .flat_map(|era| era.members())
        .map(|member| member.name)
        .collect();
    // The same member in several formats: the first of these is read.
    let mut found: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for name in names {
        let endings = [".parquet", ".par", ".json", ".json.gz", ".kerchunk"];
        let ending = endings.iter().position(|ending| name.ends_with(ending));
        let member = member(name);
        if let Some(rank) = ending.filter(|_| known.contains(&member)) {
            let path = format!("{root}{name}");
            let better = found.get(&member).is_none_or(|(other, _)| rank < *other);
            if better {
                found.insert(member, (rank, path));
            }
        }
    }
    if found.is_empty() {
        return Err(CommandError::usage(anyhow!(
            "{root}: no references of members: expected gep01.parquet, stage3_ens_01_final.parquet or 2025091800z-gep01.parquet"
        )));
    }
    let found = found.into_iter();
    Ok(found.map(|(name, (_, path))| (name, path)).collect())
}

/// The member that a file is named after.
fn member(path: &str) -> String {
    let name = path
        .trim_end_matches('/')
        .rsplit('/')
        .next()
        .unwrap_or(path);
    let name = name.split('.').next().unwrap_or(name);
    let name = name.strip_prefix("stage3_").unwrap_or(name);
    let name = name.strip_suffix("_final").unwrap_or(name);
    let dated = name
        .split_once("z-")
        .filter(|(date, _)| date.len() == 10 && date.bytes().all(|letter| letter.is_ascii_digit()));
    let name = dated.map_or(name, |(_, member)| member);
    name.replace("ens_", "ens")
}

async fn converted(
    published: Published,
    name: String,
    places: &Places<'_>,
) -> anyhow::Result<MemberStore> {
    let mut collapsed = convert::collapsed(&published.keys, places.catalog);
    let context = Context {
        catalog: places.catalog,
        tables: places.tables,
        archive: None::<(&Cloud, &str)>,
    };
    let source = published.provenance.as_ref().map(|it| it.source.clone());
    let converted = convert::convert(published, &context).await?;
    let refused = converted.refused.iter().map(|it| it.because.clone());
    let refused = refused.collect();
    let mut keys = converted.into_keys()?;
    if let Some(base) = &places.base {
        let roots = roots(places.catalog);
        rebase(&mut keys, &roots, base);
        for message in &mut collapsed {
            moved(&mut message.url, &roots, base);
        }
    }
    Ok(MemberStore {
        name,
        keys,
        refused,
        collapsed,
        source,
    })
}

fn roots(catalog: &Catalog) -> Vec<String> {
    let mirrors = catalog.sources().flat_map(|source| &source.mirrors);
    mirrors.map(|mirror| mirror.root.clone()).collect()
}

fn rebase(keys: &mut StoreKeys, roots: &[String], base: &str) {
    for reference in keys.keys.values_mut() {
        if let RawReference::Range { url, .. } | RawReference::Object { url } = reference {
            moved(url, roots, base);
        }
    }
}

/// An object of a mirror, below another base.
fn moved(url: &mut String, roots: &[String], base: &str) {
    let rest = roots
        .iter()
        .find_map(|root| url.strip_prefix(root.as_str())?.strip_prefix('/'));
    if let Some(rest) = rest {
        *url = format!("{}/{rest}", base.trim_end_matches('/'));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_after_members() {
        for (file, name) in [
            ("out/gep01.parquet", "gep01"),
            ("stage3_control_final.parquet", "control"),
            ("stage3_ens_07_final.parquet", "ens07"),
            ("x/2026020600z-ens_50.parquet", "ens50"),
            ("2026020600z-gep01.parquet", "gep01"),
            ("ens01.kerchunk/", "ens01"),
            ("gep01.json.gz", "gep01"),
        ] {
            assert_eq!(member(file), name, "{file}");
        }
    }
}
