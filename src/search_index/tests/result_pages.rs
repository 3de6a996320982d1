//! Results come page by page, in both orders, and the way back has the same pages.

use super::*;

#[test]
fn results_come_newest_or_best_first_page_by_page() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    let query = Query::parse("مكتبة").unwrap();
    let newest = search.find(&request(&query, SearchOrder::Newest)).unwrap().hits;
    assert!(newest.is_sorted_by(|one, two| one.listed_at > two.listed_at));
    let mut pages = Vec::new();
    let mut after = None;
    while let Some(hit) = search
        .find(&SearchRequest { limit: 1, after, ..request(&query, SearchOrder::Newest) })
        .unwrap()
        .hits
        .pop()
    {
        after = Some(hit.place);
        pages.push(hit);
    }
    assert_eq!(pages, newest, "one result per page");
    let best = search.find(&request(&query, SearchOrder::Best)).unwrap().hits;
    assert_eq!(best[0].id, entry(0).0, "the title counts more");
    let second = SearchRequest { limit: 1, after: Some(1), ..request(&query, SearchOrder::Best) };
    assert_eq!(search.find(&second).unwrap().hits, [best[1]]);
    for order in [SearchOrder::Newest, SearchOrder::Best] {
        for (since, count) in [(newest[0].listed_at, 1), (newest[1].listed_at, 2)] {
            let limited = SearchRequest { since: Some(since), ..request(&query, order) };
            assert_eq!(search.find(&limited).unwrap().count, count, "since {since}");
        }
    }
}

#[test]
fn the_page_above_is_found_by_its_start() {
    let folder = tempfile::tempdir().unwrap();
    let (search, _writer) = build_index(&folder.path().join("search"));
    let query = Query::parse("مكتبة").unwrap();
    let newest = search.find(&request(&query, SearchOrder::Newest)).unwrap().hits;
    let [first, second, third] = newest.iter().map(|hit| hit.place).collect::<Vec<_>>()[..] else {
        panic!("{newest:?}")
    };
    for (limit, after, newer) in [
        (1, third, Some(third)),
        (2, third, Some(second)),
        (3, third, Some(first)),
        (4, third, None),
        (2, third - 1, Some(second)),
        (2, third + 1, Some(first)),
        (1, u64::MAX, None),
    ] {
        let after = Some(after);
        let page = SearchRequest { limit, after, ..request(&query, SearchOrder::Newest) };
        let found = search.find(&page).unwrap();
        assert_eq!((found.newer, found.count), (newer, 3), "{limit} from {after:?}");
    }
    // An entry that is too old is not on the page above, either.
    let (after, since) = (Some(third), Some(newest[1].listed_at));
    for (limit, newer) in [(1, Some(second)), (2, Some(first)), (3, None)] {
        let page = SearchRequest { limit, after, since, ..request(&query, SearchOrder::Newest) };
        let found = search.find(&page).unwrap();
        assert_eq!((found.newer, found.count), (newer, 2), "{limit} since {since:?}");
    }
}
