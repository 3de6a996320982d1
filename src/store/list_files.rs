//! The folder `lists` in the store's folder: what is known of each list of feeds that is kept elsewhere, with its last
//! good copy, in a file of JSON. It is beside the database, so that commands read it while a daemon has the store open,
//! and so that the configuration can be read without the store. Only the folder's user can read it.
//!
//! A file is replaced as a whole: validators never stand beside the copy of another document.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD, Engine};
use jiff::Timestamp;
use rafid_feed::model::Validators;
use serde::{Deserialize, Serialize};

use super::private_file::replace_private_file;
use crate::model::{
    ListCopy, ListProblem, ListProblemKind, ListedFeed, SkippedFeed, SourceId, StoredList,
};

const LISTS: &str = "lists";
/// The shape of the files. A file of another shape is as good as none: the list is fetched again.
const SHAPE: u32 = 1;

#[derive(Serialize, Deserialize)]
struct ListFile {
    shape: u32,
    address: String,
    validators: Option<ValidatorFields>,
    checked_at: Option<Timestamp>,
    succeeded_at: Option<Timestamp>,
    due_at: Timestamp,
    waits_for_server: bool,
    failures: u32,
    problem: Option<ProblemFields>,
    copy: Option<CopyFields>,
}

/// Both values are bytes, in base64.
#[derive(Serialize, Deserialize)]
struct ValidatorFields {
    etag: Option<String>,
    last_modified: Option<String>,
    url: String,
}

#[derive(Serialize, Deserialize)]
struct ProblemFields {
    kind: String,
    message: String,
    since: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct CopyFields {
    feeds: Vec<ListedFeedFields>,
    skipped: Vec<SkippedFields>,
}

#[derive(Serialize, Deserialize)]
struct ListedFeedFields {
    id: String,
    url: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    site: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    language: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct SkippedFields {
    line: usize,
    title: String,
    reason: String,
}

/// What is known of a list of the store in `folder`. `None`: nothing yet.
///
/// # Errors
/// When the file cannot be read, or is damaged.
pub fn read_stored_list(folder: &Path, list: &SourceId) -> io::Result<Option<StoredList>> {
    let text = match fs::read_to_string(list_path(folder, list)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let file: ListFile = serde_json::from_str(&text)?;
    Ok(if file.shape == SHAPE { file.into_list() } else { None })
}

/// Replaces what is known of a list at once. The file belongs to the user of the folder, also when root writes it.
///
/// # Errors
/// When it cannot be written.
pub fn write_stored_list(folder: &Path, list: &SourceId, known: &StoredList) -> io::Result<()> {
    let bytes = serde_json::to_vec(&ListFile::from_list(known))?;
    replace_private_file(folder, &list_path(folder, list), &bytes)
}

/// An id has letters, digits and hyphens alone.
fn list_path(folder: &Path, list: &SourceId) -> PathBuf {
    folder.join(LISTS).join(format!("{list}.json"))
}

impl ListFile {
    fn from_list(known: &StoredList) -> Self {
        let bytes = |value: &Option<Vec<u8>>| value.as_ref().map(|it| BASE64_STANDARD.encode(it));
        let validators = known.validators.as_ref().map(|it| ValidatorFields {
            etag: bytes(&it.etag),
            last_modified: bytes(&it.last_modified),
            url: it.url.clone(),
        });
        let problem = known.problem.as_ref().map(|it| ProblemFields {
            kind: it.kind.as_str().to_owned(),
            message: it.message.clone(),
            since: it.since,
        });
        Self {
            shape: SHAPE,
            address: BASE64_STANDARD.encode(known.address),
            validators,
            checked_at: known.checked_at,
            succeeded_at: known.succeeded_at,
            due_at: known.due_at,
            waits_for_server: known.waits_for_server,
            failures: known.failures,
            problem,
            copy: known.copy.as_ref().map(CopyFields::from_copy),
        }
    }

    /// `None`: this version does not write such a value.
    fn into_list(self) -> Option<StoredList> {
        let bytes = |text: Option<String>| BASE64_STANDARD.decode(text?).ok();
        let validators = self.validators.map(|it| Validators {
            etag: bytes(it.etag),
            last_modified: bytes(it.last_modified),
            url: it.url,
        });
        let problem = self.problem.and_then(|it| {
            let kind = ListProblemKind::from_name(&it.kind)?;
            Some(ListProblem { kind, message: it.message, since: it.since })
        });
        Some(StoredList {
            address: BASE64_STANDARD.decode(self.address).ok()?.try_into().ok()?,
            validators,
            checked_at: self.checked_at,
            succeeded_at: self.succeeded_at,
            due_at: self.due_at,
            waits_for_server: self.waits_for_server,
            failures: self.failures,
            problem,
            copy: self.copy.map(CopyFields::into_copy),
        })
    }
}

impl CopyFields {
    fn from_copy(copy: &ListCopy) -> Self {
        let feed = |it: &ListedFeed| ListedFeedFields {
            id: it.id.to_string(),
            url: it.url.clone(),
            title: it.title.clone(),
            site: it.site.clone(),
            categories: it.categories.clone(),
            language: it.language.clone(),
        };
        let skipped = |it: &SkippedFeed| SkippedFields {
            line: it.line,
            title: it.title.clone(),
            reason: it.reason.clone(),
        };
        Self {
            feeds: copy.feeds.iter().map(feed).collect(),
            skipped: copy.skipped.iter().map(skipped).collect(),
        }
    }

    fn into_copy(self) -> ListCopy {
        let feed = |it: ListedFeedFields| {
            Some(ListedFeed {
                id: SourceId::new(&it.id).ok()?,
                url: it.url,
                title: it.title,
                site: it.site,
                categories: it.categories,
                language: it.language,
            })
        };
        let skipped =
            |it: SkippedFields| SkippedFeed { line: it.line, title: it.title, reason: it.reason };
        ListCopy {
            feeds: self.feeds.into_iter().filter_map(feed).collect(),
            skipped: self.skipped.into_iter().map(skipped).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn feed(id: &str) -> ListedFeed {
        ListedFeed {
            id: SourceId::new(id).unwrap(),
            url: format!("https://me:word@{id}.example/"),
            title: "اسم".to_owned(),
            site: Some("https://a.example/".to_owned()),
            categories: vec!["علوم".to_owned()],
            language: Some("ar".to_owned()),
        }
    }

    #[test]
    fn what_is_known_is_kept_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("data");
        let id = SourceId::new("قائمة-1").unwrap();
        assert_eq!(read_stored_list(&folder, &id).unwrap(), None, "there is no folder yet");
        let plain = ListedFeed {
            title: String::new(),
            site: None,
            categories: Vec::new(),
            language: None,
            ..feed("b")
        };
        let fresh = StoredList::new([7; 16], at(0));
        let known = StoredList {
            validators: Some(Validators {
                etag: Some(vec![b'"', 0xff, b'"']),
                last_modified: None,
                url: "https://lists.example/".to_owned(),
            }),
            checked_at: Some(at(1)),
            succeeded_at: Some(at(2)),
            waits_for_server: true,
            failures: 3,
            problem: Some(ListProblem {
                kind: ListProblemKind::Shrunk,
                message: "why".to_owned(),
                since: at(4),
            }),
            copy: Some(ListCopy {
                feeds: vec![feed("a"), plain],
                skipped: vec![SkippedFeed {
                    line: 5,
                    title: "x".to_owned(),
                    reason: "no address".to_owned(),
                }],
            }),
            ..fresh.clone()
        };
        for known in [&known, &fresh, &known] {
            write_stored_list(&folder, &id, known).unwrap();
            assert_eq!(read_stored_list(&folder, &id).unwrap().as_ref(), Some(known));
        }
        let path = list_path(&folder, &id);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(folder.join(LISTS)).unwrap().count(), 1, "no draft is left");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("\"shape\":1", "\"shape\":2")).unwrap();
        assert_eq!(read_stored_list(&folder, &id).unwrap(), None, "another shape is no mistake");
        fs::write(&path, &text[..text.len() / 2]).unwrap();
        assert!(read_stored_list(&folder, &id).is_err());
    }
}
