//! Files that are packed: `.gz` and `.tar.gz`.
//!
//! Limits stand for the memory that a small file may ask for: gzip makes a thousand bytes of one.

use std::io::Read;

use flate2::read::MultiGzDecoder;

use super::KeysError;

/// A file of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its path in the archive.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Unpacks a `.gz` of at most `limit` bytes.
pub fn gunzip(bytes: &[u8], limit: u64) -> Result<Vec<u8>, KeysError> {
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(bytes)
        .take(limit.saturating_add(1))
        .read_to_end(&mut unpacked)
        .map_err(archive)?;
    if exceeds(read, limit) {
        return Err(large("the unpacked file", limit));
    }
    Ok(unpacked)
}

/// The files of a `.tar.gz` whose path `wanted` accepts, in the order of the archive, at most `limit` bytes together.
///
/// What is no plain file (folders, links) is passed over. Two files of one path are an error.
pub fn entries(
    bytes: &[u8],
    limit: u64,
    mut wanted: impl FnMut(&str) -> bool,
) -> Result<Vec<Entry>, KeysError> {
    let mut found: Vec<Entry> = Vec::new();
    let mut left = limit;
    let mut tar = tar::Archive::new(MultiGzDecoder::new(bytes));
    for entry in tar.entries().map_err(archive)? {
        let mut entry = entry.map_err(archive)?;
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        if !entry.header().entry_type().is_file() || !wanted(&path) {
            continue;
        }
        if found.iter().any(|other| other.path == path) {
            return Err(KeysError::Duplicate { key: path });
        }
        let size = entry.size();
        left = left
            .checked_sub(size)
            .ok_or_else(|| large("what is wanted of the archive", limit))?;
        let mut bytes = Vec::new();
        let read = entry.read_to_end(&mut bytes).map_err(archive)?;
        if u64::try_from(read).ok() != Some(size) {
            return Err(archive(std::io::Error::from(
                std::io::ErrorKind::UnexpectedEof,
            )));
        }
        found.push(Entry { path, bytes });
    }
    // The checksum of gzip stands behind all that tar reads.
    std::io::copy(&mut tar.into_inner(), &mut std::io::sink()).map_err(archive)?;
    Ok(found)
}

fn exceeds(count: usize, limit: u64) -> bool {
    u64::try_from(count).is_ok_and(|count| count > limit)
}

fn large(what: &str, limit: u64) -> KeysError {
    KeysError::Large {
        what: what.to_owned(),
        limit,
    }
}

fn archive(source: std::io::Error) -> KeysError {
    KeysError::Archive { source }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut tar = tar::Builder::new(Vec::new());
        for (path, bytes) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(u64::try_from(bytes.len()).unwrap());
            header.set_cksum();
            tar.append_data(&mut header, path, *bytes).unwrap();
        }
        gzip(&tar.into_inner().unwrap())
    }

    #[test]
    fn a_packed_file_is_unpacked_up_to_its_limit() {
        let packed = gzip(b"12345");
        assert_eq!(gunzip(&packed, 5).unwrap(), b"12345");
        assert_eq!(
            gunzip(&packed, 4).unwrap_err().to_string(),
            "the unpacked file is larger than 4 bytes"
        );
        for end in 0..packed.len() {
            assert!(gunzip(&packed[..end], 5).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn wanted_files_of_an_archive_are_read() {
        let long = "x/".repeat(90) + "c.par";
        let packed = tar(&[("a/b.par", b"12"), ("a/d.txt", b"3"), (&long, b"45")]);
        let paths = |limit| entries(&packed, limit, |path| path.ends_with(".par"));
        let found = paths(4).unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].path.as_str(), &found[0].bytes[..]),
            ("a/b.par", &b"12"[..])
        );
        assert_eq!(found[1].path, long);
        assert!(matches!(paths(3), Err(KeysError::Large { .. })));
        for end in 0..packed.len() {
            assert!(
                entries(&packed[..end], 4, |_| true).is_err(),
                "cut at {end}"
            );
        }
        let twice = tar(&[("a", b"1"), ("a", b"2")]);
        assert!(matches!(
            entries(&twice, 9, |_| true),
            Err(KeysError::Duplicate { .. })
        ));
    }
}
