//! The reason of a source's next poll, a stable word → words for people.

/// The reasons (`PollReason::as_str`) in Arabic, sorted.
const REASONS: [(&str, &str); 12] = [
    ("backoff", "تمهّل بعد إخفاق"),
    ("cache-control", "مهلة الخادم"),
    ("gone", "أُزيل من موقعه"),
    ("network-down", "الشبكة منقطعة"),
    ("new", "مصدر جديد"),
    ("operator", "بحسب الإعدادات"),
    ("push", "الجديد يصل بالإشعار الفوري"),
    ("retry-after", "طلب الخادم الانتظار"),
    ("rhythm", "بحسب وتيرة النشر"),
    ("skip", "وقت طلب الناشر ألّا يُقرأ فيه"),
    ("ttl", "مهلة الناشر"),
    ("update-period", "وتيرة أعلنها الناشر"),
];

/// A reason for the page; an unknown word stays as it is.
pub(super) fn reason_in_arabic(word: &str) -> &str {
    let row = REASONS.binary_search_by_key(&word, |row| row.0);
    row.ok().and_then(|index| REASONS.get(index)).map_or(word, |row| row.1)
}

/// The sentence for the terminal about a reason that the operator has to act on. `None`: any other reason.
pub(super) fn reason_in_english(word: &str) -> Option<String> {
    let gone = "gone for good (410), requested only once a month; remove it from the configuration \
                or give its new url";
    (word == "gone").then(|| gone.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_reason_has_its_words() {
        use crate::model::PollReason as R;
        assert!(REASONS.is_sorted());
        let all = [
            R::New,
            R::Rhythm,
            R::Operator,
            R::CacheControl,
            R::Ttl,
            R::UpdatePeriod,
            R::Skip,
            R::RetryAfter,
            R::Backoff,
            R::Gone,
            R::NetworkDown,
            R::Push,
        ];
        assert_eq!(all.len(), REASONS.len());
        for word in all.map(R::as_str) {
            assert_ne!(reason_in_arabic(word), word);
        }
        assert_eq!(reason_in_arabic("other"), "other");
    }

    #[test]
    fn a_feed_that_is_gone_needs_the_operator() {
        let line = reason_in_english("gone").unwrap();
        assert!(line.starts_with("gone for good (410), requested only once a month; remove it"));
        assert_eq!(reason_in_english("rhythm"), None);
    }
}
