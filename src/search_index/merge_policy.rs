//! The segments of the index → which of them are merged into one. Every commit adds a segment, and a query reads
//! all of them.
//!
//! Only segments of about one size are merged, so that an entry is rewritten once per level, about five times until
//! it is among a million. (The library's own policy rewrites up to 10,000 entries at every eighth commit.)

use tantivy::index::SegmentMeta;
use tantivy::indexer::{LogMergePolicy, MergeCandidate, MergePolicy};

/// The number of segments of one level that become one.
const SEGMENTS_PER_MERGE: usize = 8;
/// Segments with at most this many entries are one level: merging them takes milliseconds.
const SMALL_SEGMENT: u32 = 128;
/// A level reaches from its largest segment to the fourth part of it (two to this power).
const LEVEL_LOG_SIZE: f64 = 2.0;
/// A larger segment is merged no more: a merge maps the files of all its segments, some 600 bytes an entry, into
/// memory.
const LARGE_SEGMENT: u32 = 20_000;
/// The share of removed entries above which a segment is rewritten without them.
const MAX_REMOVED: f64 = 0.4;

/// Decides which segments are merged.
#[derive(Debug)]
pub(super) struct SegmentMergePolicy(LogMergePolicy);

impl SegmentMergePolicy {
    /// The policy with the bounds of this file.
    pub(super) fn new() -> Self {
        let mut levels = LogMergePolicy::default();
        levels.set_min_num_segments(SEGMENTS_PER_MERGE);
        levels.set_min_layer_size(SMALL_SEGMENT);
        levels.set_level_log_size(LEVEL_LOG_SIZE);
        Self(levels)
    }
}

impl MergePolicy for SegmentMergePolicy {
    fn compute_merge_candidates(&self, segments: &[SegmentMeta]) -> Vec<MergeCandidate> {
        let (alone, levels): (Vec<_>, Vec<_>) =
            segments.iter().cloned().partition(is_rewritten_alone);
        let levels: Vec<_> =
            levels.into_iter().filter(|it| it.max_doc() <= LARGE_SEGMENT).collect();
        let mut candidates = self.0.compute_merge_candidates(&levels);
        candidates.extend(alone.iter().map(|segment| MergeCandidate(vec![segment.id()])));
        candidates
    }
}

/// Whether enough of a large segment is removed to rewrite it. In small ones it is dropped when they are merged.
fn is_rewritten_alone(segment: &SegmentMeta) -> bool {
    let all = f64::from(segment.max_doc());
    segment.max_doc() > LARGE_SEGMENT && f64::from(segment.num_deleted_docs()) > all * MAX_REMOVED
}

#[cfg(test)]
mod tests {
    use tantivy::Index;
    use tantivy::index::SegmentId;
    use tantivy::schema::Schema;

    use super::*;

    /// The sizes of the segments of each merge, for segments of these sizes, each with a number of removed entries.
    fn merged(sizes: &[(u32, u32)]) -> Vec<Vec<u32>> {
        let index = Index::create_in_ram(Schema::builder().build());
        let segments: Vec<SegmentMeta> = sizes
            .iter()
            .map(|(size, removed)| {
                let id = SegmentId::generate_random();
                index.new_segment_meta(id, *size).with_delete_meta(*removed, 1)
            })
            .collect();
        let size = |id: &SegmentId| segments.iter().find(|it| it.id() == *id).unwrap().max_doc();
        let candidates = SegmentMergePolicy::new().compute_merge_candidates(&segments);
        candidates.iter().map(|MergeCandidate(ids)| ids.iter().map(size).collect()).collect()
    }

    #[test]
    fn segments_of_one_size_are_merged() {
        let small = [(4, 0); 7];
        assert_eq!(merged(&small), Vec::<Vec<u32>>::new(), "too few");
        assert_eq!(merged(&[(4, 0); 8]), [[4; 8]]);
        let large = [(10_000, 0)];
        assert_eq!(merged(&[&small[..], &large].concat()), Vec::<Vec<u32>>::new());
        assert_eq!(merged(&[&small[..], &large, &[(100, 0)]].concat()).len(), 1);
        assert_eq!(merged(&[&small[..], &[(900, 0); 8]].concat()), [[900; 8]]);
    }

    #[test]
    fn large_segments_stay_until_much_of_them_is_removed() {
        assert_eq!(merged(&[(20_001, 0); 20]), Vec::<Vec<u32>>::new());
        assert_eq!(merged(&[(20_000, 0); 8]).len(), 1);
        assert_eq!(merged(&[(100_000, 30_000), (100_001, 60_000)]), [[100_001]]);
    }
}
