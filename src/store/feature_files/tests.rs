//! Records come back while the record of their entry and the rules are the same; files are few and bounded.

use super::super::sample_store::{open_store, sample_store};
use super::*;

const DAY: i64 = 20_700;

/// Records of the first entries of a store.
fn records(store: &Store, count: usize) -> Vec<FeatureRecord> {
    let mut records = Vec::new();
    store
        .visit_digests_since(Timestamp::UNIX_EPOCH, |id, listed_at, digest| {
            let first_seen_at = store.entry(id, listed_at)?.unwrap().first_seen_at;
            let features = format!("features of {id}").repeat(20).into_bytes();
            let decision = store.story_record(id)?.unwrap();
            let record = FeatureRecord { id, digest, first_seen_at, story: decision, features };
            records.push(record);
            Ok(records.len() < count)
        })
        .unwrap();
    records
}

/// How many of the records are found, as they were written.
fn count_found(store: &Store, rules: u64, records: &[FeatureRecord]) -> usize {
    let index = store.feature_index(rules);
    let found = records.iter().filter(|record| {
        let Some(place) = index.find(record.id, record.digest) else { return false };
        assert_eq!(place.first_seen_at, record.first_seen_at);
        let expected = (record.story.clone(), record.features.clone());
        assert_eq!(index.read_features(&place), Some(expected));
        true
    });
    found.count()
}

fn names(folder: &Path) -> Vec<String> {
    let files = feature_files(&folder.join(FEATURES_DIR)).unwrap_or_default();
    files.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn records_count_for_one_version_of_an_entry_and_of_the_rules() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 60);
    let records = records(&store, 40);
    assert_eq!(count_found(&store, 7, &records), 0);
    for part in records.chunks(15) {
        store.feature_writer(7).append(DAY, part);
    }
    assert_eq!(count_found(&store, 7, &records), 40);
    assert_eq!(count_found(&store, 8, &records), 0, "other rules");
    let mut digest = records[0].digest.to_bytes();
    digest[0] ^= 1;
    let digest = EntryDigest::from_bytes(&digest).unwrap();
    let other = FeatureRecord { digest, ..records[0].clone() };
    assert_eq!(count_found(&store, 7, std::slice::from_ref(&other)), 0, "another version");
    store.feature_writer(7).append(DAY, std::slice::from_ref(&other));
    assert_eq!(count_found(&store, 7, &records), 39, "the later version counts");
    store.feature_writer(8).append(DAY, &records);
    assert_eq!(count_found(&store, 7, &records[1..]), 39, "both rules may share a small file");
}

#[test]
fn damage_costs_the_records_of_a_frame() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 60);
    let records = records(&store, 40);
    let mut writer = store.feature_writer(7);
    records.chunks(10).for_each(|part| writer.append(DAY, part));
    let path = folder.path().join(FEATURES_DIR).join(file_name(DAY));
    let whole = fs::read(&path).unwrap();
    let quarter = whole.len() / 4;
    for (at, found) in [(0, 30), (quarter + 5, 30), (quarter * 2 + 800, 30), (whole.len() - 1, 30)]
    {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x10;
        fs::write(&path, &damaged).unwrap();
        assert_eq!(count_found(&store, 7, &records), found, "byte {at}");
    }
    fs::write(&path, &whole[..whole.len() - 1]).unwrap();
    store.feature_writer(7).append(DAY, &records[35..]);
    assert_eq!(
        count_found(&store, 7, &records),
        35,
        "the last frame was cut, and a later one holds"
    );
}

#[test]
fn files_of_four_days_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 10);
    let records = records(&store, 1);
    let mut writer = store.feature_writer(7);
    for day in [DAY + 400, DAY, DAY + 1, DAY + 2, DAY + 3, DAY + 4] {
        writer.append(day, &records);
    }
    let expected = ["2026-09-05", "2026-09-06", "2026-09-07", "2026-09-08"];
    assert_eq!(names(folder.path()), expected.map(|day| format!("{day}{ENDING}")));
    writer.append(DAY + 9, &[]);
    assert_eq!(names(folder.path()).len(), 4, "nothing is written for nothing");
}

#[test]
fn records_and_files_that_are_too_long_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 30);
    let mut records = records(&store, 20);
    records[3].features = vec![1; MAX_FEATURE_BYTES + 1];
    records[4].features = vec![1; MAX_FEATURE_BYTES];
    store.feature_writer(7).append(DAY, &records);
    assert_eq!(count_found(&store, 7, &records), 19);
    let path = folder.path().join(FEATURES_DIR).join(file_name(DAY));
    let file = OpenOptions::new().write(true).open(&path).unwrap();
    file.set_len(MAX_FEATURE_FILE_BYTES - 10).unwrap();
    store.feature_writer(7).append(DAY, &records[..1]);
    assert_eq!(fs::metadata(&path).unwrap().len(), MAX_FEATURE_FILE_BYTES - 10);
    store.feature_writer(8).append(DAY, &records[..1]);
    assert_eq!(count_found(&store, 8, &records), 1, "a full file of other rules is begun again");
    assert_eq!(count_found(&store, 7, &records), 0);
}

#[test]
fn a_folder_that_cannot_be_used_stops_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = sample_store(folder.path(), 10);
    let records = records(&store, 5);
    fs::write(folder.path().join(FEATURES_DIR), "x").unwrap();
    let mut writer = store.feature_writer(7);
    writer.append(DAY, &records);
    assert_eq!(count_found(&store, 7, &records), 0);
    fs::remove_file(folder.path().join(FEATURES_DIR)).unwrap();
    writer.append(DAY, &records);
    assert_eq!(names(folder.path()).len(), 0, "after an error nothing more is written");
}

#[test]
fn digests_change_with_any_byte_of_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let store = open_store(folder.path());
    let source = super::super::tests::source("a");
    // So long that its record has parts.
    let numbers = (0..9_000_u32).map(|n| n.wrapping_mul(2_654_435_761).to_string());
    let words = numbers.collect::<Vec<_>>().join(" ");
    let mut digests = std::collections::BTreeSet::new();
    for (number, text) in ["", "أ", "ب", &words, &words.replacen('7', "1", 1)].iter().enumerate()
    {
        let mut listed = super::super::tests::listed(&source, 1, 1_795_000_000_000);
        let summary = rafid_feed::model::SafeHtml::from_trusted((*text).to_owned());
        listed.entry.summary = Some(summary);
        let (id, listed_at) = (listed.id, listed.listed_at);
        store.commit(&[super::super::tests::commit(&source, vec![listed])], 100).unwrap();
        let (entry, digest) = store.entry_with_digest(id, listed_at).unwrap().unwrap();
        assert_eq!(entry.entry.summary.unwrap().as_str(), *text);
        let later = listed_at + jiff::SignedDuration::from_secs(1);
        let digests_of_both = store.entry_digests(&[(id, listed_at), (id, later)]).unwrap();
        assert_eq!(digests_of_both, [Some(digest), None]);
        assert!(digests.insert(digest.to_bytes()), "text {number}");
    }
}
