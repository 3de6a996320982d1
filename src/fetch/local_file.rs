//! A file on this machine → a `Document`.

use std::path::Path;

use jiff::Timestamp;
use rafid_feed::model::Document;
use tokio::io::AsyncReadExt;

use super::fetch_error::FetchError;

/// Reads a file of at most `max_bytes`. The document has no content type and no address: relative
/// addresses in it have no base.
///
/// # Errors
/// `FetchError::File` when it cannot be read or is no regular file (a pipe or a terminal might never
/// end), `FetchError::TooLarge` when it is longer.
pub async fn read_file(path: &Path, max_bytes: u64) -> Result<Document, FetchError> {
    let failed = |reason: String| FetchError::File { path: path.to_owned(), reason };
    let metadata = tokio::fs::metadata(path).await.map_err(|error| failed(error.to_string()))?;
    if !metadata.is_file() {
        return Err(failed("it is not a regular file".to_owned()));
    }
    let file = tokio::fs::File::open(path).await.map_err(|error| failed(error.to_string()))?;
    let mut bytes = Vec::new();
    // It may grow while it is read, so its length is not reliable.
    let mut file = file.take(max_bytes.saturating_add(1));
    file.read_to_end(&mut bytes).await.map_err(|error| failed(error.to_string()))?;
    if bytes.len() as u64 > max_bytes {
        return Err(FetchError::TooLarge { limit: max_bytes });
    }
    Ok(Document { bytes, content_type: None, url: None })
}

/// When a file was last written; `None`: the file system does not record it.
pub async fn file_modified_at(path: &Path) -> Option<Timestamp> {
    let metadata = tokio::fs::metadata(path).await.ok()?;
    Timestamp::try_from(metadata.modified().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn files_have_a_modification_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.xml");
        assert_eq!(file_modified_at(&path).await, None);
        let file = std::fs::File::create(&path).unwrap();
        let at: Timestamp = "2026-11-24T05:02:03Z".parse().unwrap();
        file.set_modified(at.into()).unwrap();
        assert_eq!(file_modified_at(&path).await, Some(at));
    }

    #[tokio::test]
    async fn files_up_to_the_cap() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.xml");
        std::fs::write(&path, "<rss/>").unwrap();
        let document = read_file(&path, 6).await.unwrap();
        assert_eq!(document.bytes, b"<rss/>");
        assert_eq!((document.content_type, document.url), (None, None));
        assert_eq!(read_file(&path, 5).await, Err(FetchError::TooLarge { limit: 5 }));
    }

    #[tokio::test]
    async fn what_is_no_file_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let check = |path: std::path::PathBuf, expected: &'static str| async move {
            let error = read_file(&path, 100).await.unwrap_err().to_string();
            assert_eq!(error, format!("{} cannot be read: {expected}", path.display()));
        };
        check(folder.path().join("none.xml"), "No such file or directory (os error 2)").await;
        check(folder.path().to_owned(), "it is not a regular file").await;
    }
}
