//! Whatever befalls the files of features between restarts → the decisions of days without a restart.

use std::fs;
use std::path::PathBuf;

use super::*;
use crate::poller::stories::kept_features::KeptFeatures;
use crate::story::StoryFeatures;

/// Numbers that are the same in every run (xorshift64).
fn random(seed: usize) -> impl FnMut(usize) -> usize {
    let mut state = u64::try_from(seed).unwrap().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    move |end| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(end.max(1)).unwrap()).unwrap()
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(files) = fs::read_dir(folder.join("features")) else { return Vec::new() };
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.sort();
    files
}

/// Changes one file in its middle, cuts another, and leaves a rest of something at the end.
fn damage(folder: &Path, restart: usize) {
    let mut random = random(restart);
    for path in files(folder) {
        let mut bytes = fs::read(&path).unwrap();
        match random(4) {
            0 => bytes.truncate(random(bytes.len())),
            1 => bytes.extend(b"RFt\x02F and something else"),
            2 => {
                for _ in 0..=random(5) {
                    let at = random(bytes.len());
                    bytes[at] ^= 1 << random(8);
                }
            }
            _ => continue,
        }
        fs::write(path, bytes).unwrap();
    }
}

#[test]
fn damaged_and_lost_features_change_no_story() {
    let arrivals = days();
    let decided = decide_all(&arrivals, |_, _| false);
    let check = |name: &str, befalls: fn(&Path, usize)| {
        let writer = TestWriter { befalls, ..TestWriter::new() };
        let mut random = random(name.len());
        let mut is_restart: Vec<bool> = arrivals.iter().map(|_| random(3) == 0).collect();
        is_restart[0] = false;
        let with = decide_with(writer, &arrivals, |_, now| {
            is_restart[arrivals.iter().position(|it| it.at == now.at).unwrap()]
        });
        assert_eq!(with, decided, "{name}");
    };
    check("kept", |_, _| {});
    check("damaged", damage);
    check("some lost", |folder, restart| {
        let files = files(folder);
        if let Some(path) = files.get(restart % files.len().max(1)) {
            fs::remove_file(path).unwrap();
        }
    });
    check("a file in the place of the folder", |folder, restart| {
        let folder = folder.join("features");
        if restart == 1 {
            fs::remove_dir_all(&folder).unwrap();
            fs::write(&folder, "x").unwrap();
        } else if restart == 4 {
            fs::remove_file(&folder).unwrap();
        }
    });
}

#[test]
fn what_is_kept_of_an_entry_is_what_its_present_text_gives() {
    let mut writer = TestWriter::new();
    let arrivals = days();
    for (number, arrival) in arrivals.iter().enumerate() {
        if number % 7 == 0 {
            writer.restart();
        }
        writer.take(arrival);
    }
    let (store, _) = writer.open.as_ref().unwrap();
    let kept = KeptFeatures::open(store, &vectors());
    let mut count = 0;
    let since = arrivals.last().unwrap().at - WINDOW;
    store
        .visit_digests_since(since, |id, listed_at, digest| {
            let stored = store.entry(id, listed_at)?.unwrap();
            let features = kept.find(id, digest).and_then(|place| {
                assert_eq!(place.first_seen_at, stored.first_seen_at);
                kept.read_features(&place)
            });
            assert_eq!(
                features,
                Some((
                    store.story_record(id)?.unwrap(),
                    StoryFeatures::from_entry(&stored.entry, vectors().vectors())
                )),
                "{id}"
            );
            count += 1;
            Ok(true)
        })
        .unwrap();
    assert!(count > 20, "{count}");
    assert_eq!(files(writer.folder.path()).len(), 3, "the last four days, one without an entry");
}

#[test]
fn two_versions_of_an_entry_at_once_are_not_kept() {
    let mut writer = TestWriter::new();
    let texts = || (words(0, 6), words(10, 12));
    let first = listed("a", "1", start(), texts());
    let mut second = first.clone();
    second.entry.summary = Some(SafeHtml::from_trusted(format!("<p>{}</p>", words(50, 12))));
    let other = listed("a", "2", start(), (words(200, 6), words(300, 12)));
    let ids = [first.id, other.id];
    writer.take(&Arrival { at: start(), new: vec![first, other], changed: vec![second] });
    let (store, _) = writer.open.as_ref().unwrap();
    let kept = KeptFeatures::open(store, &vectors());
    let digest = |id| store.entry_digests(&[(id, start())]).unwrap()[0].unwrap();
    let is_kept = ids.map(|id| kept.find(id, digest(id)).is_some());
    assert_eq!(is_kept, [false, true]);
}
