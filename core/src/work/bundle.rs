//! Several files as one object: a tar archive that says nothing but names and bytes, so that the same files give the same archive.

use std::io::{Cursor, Read};

use bytes::Bytes;

use crate::output::Artifact;

/// Packs files in the order given.
///
/// # Errors
/// A name that tar cannot hold.
pub fn pack(files: &[Artifact]) -> std::io::Result<Bytes> {
    let mut archive = tar::Builder::new(Vec::new());
    for file in files {
        let mut header = tar::Header::new_ustar();
        header.set_size(u64::try_from(file.bytes.len()).unwrap_or(u64::MAX));
        header.set_mode(0o644);
        archive.append_data(&mut header, &file.path, Cursor::new(&file.bytes))?;
    }
    Ok(archive.into_inner()?.into())
}

/// The files of an archive.
///
/// # Errors
/// Not a tar archive, or one that is cut.
pub fn unpack(bytes: &[u8]) -> std::io::Result<Vec<Artifact>> {
    let mut files = Vec::new();
    for entry in tar::Archive::new(Cursor::new(bytes)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.to_string_lossy().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content)?;
        files.push(Artifact {
            path,
            bytes: content.into(),
        });
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_come_back_as_they_were() {
        let files = [("a/frame.json", &b"{}"[..]), ("a/values.f32", &[0; 700])];
        let files = files.map(|(path, bytes)| Artifact {
            path: path.to_owned(),
            bytes: Bytes::copy_from_slice(bytes),
        });
        let packed = pack(&files).unwrap();
        assert_eq!(packed, pack(&files).unwrap());
        assert_eq!(unpack(&packed).unwrap(), files);
        assert!(unpack(&packed[..600]).is_err());
    }
}
