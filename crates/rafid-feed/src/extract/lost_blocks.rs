//! The text that the layout shows, and the whole element of the article → the text with the paragraphs that
//! were lost in its middle.
//!
//! Readability judges every element by its number of letters, commas and links: of the posts of a live
//! report, it keeps some and drops others. Where it keeps a block of an element, the paragraphs of all
//! elements of this kind (name and classes) belong to the article, and so do their headings.

use std::collections::BTreeSet;

use super::blocks::TextBlock;
use super::{boilerplate, trim};
use crate::model::BlockKind;

/// Adds lost paragraphs between the first and the last block that both have; `whole` holds all blocks of the
/// article's element. Nothing is added where the two differ otherwise.
pub(super) fn restore_lost_blocks(layout: Vec<TextBlock>, whole: Vec<TextBlock>) -> Vec<TextBlock> {
    let Some(places) = places_in(&layout, &whole) else { return layout };
    let kinds: BTreeSet<&str> =
        places.iter().map(|place| whole[*place].container_kind.as_str()).collect();
    let lost = lost_places(&whole, &places, &kinds);
    if lost.is_empty() {
        return layout;
    }
    let mut restored = Vec::with_capacity(layout.len() + lost.len());
    let mut layout = layout.into_iter().zip(places).peekable();
    let mut container = None;
    for (place, block) in whole.into_iter().enumerate() {
        if let Some((kept, _)) = layout.next_if(|(_, kept)| *kept == place) {
            container = kept.container;
            restored.push(kept);
        } else if lost.contains(&place) {
            restored.push(TextBlock { container, ..block });
        }
    }
    restored
}

/// The place of every block of the layout in the whole element; `None`: one is not there, or elsewhere in
/// the order.
fn places_in(layout: &[TextBlock], whole: &[TextBlock]) -> Option<Vec<usize>> {
    let mut from = 0;
    let place = |block: &TextBlock| {
        let place = from + whole.get(from..)?.iter().position(|other| other.text == block.text)?;
        from = place + 1;
        Some(place)
    };
    let places: Option<Vec<usize>> = layout.iter().map(place).collect();
    places.filter(|places| !places.is_empty())
}

/// The places of lost paragraphs and of the headings directly before them.
fn lost_places(whole: &[TextBlock], places: &[usize], kinds: &BTreeSet<&str>) -> BTreeSet<usize> {
    let (Some(start), Some(end)) = (places.first(), places.last()) else {
        return BTreeSet::new();
    };
    // The last post of a report may be lost, too.
    let mut lost = BTreeSet::new();
    let kept: BTreeSet<usize> = places.iter().copied().collect();
    let end = end_of_kind(whole, *end);
    for place in *start..end {
        let block = &whole[place];
        if kept.contains(&place) || !kinds.contains(block.container_kind.as_str()) {
            continue;
        }
        if trim::is_paragraph(block) && is_own_text(block) {
            lost.insert(place);
            let heading = place.checked_sub(1).filter(|before| {
                whole[*before].kind == BlockKind::Heading
                    && whole[*before].container == block.container
                    && !kept.contains(before)
                    && is_own_text(&whole[*before])
            });
            lost.extend(heading);
        }
    }
    lost
}

/// The place behind the last element of the kind that the block at `last` is in.
fn end_of_kind(whole: &[TextBlock], last: usize) -> usize {
    let kind = whole[last].container_kind.as_str();
    let behind = whole.iter().rposition(|block| block.container_kind == kind);
    behind.map_or(last, |place| place.max(last)) + 1
}

fn is_own_text(block: &TextBlock) -> bool {
    block.linked_count == 0 && boilerplate::line_verdict(&block.text).is_none()
}

#[cfg(test)]
mod tests {
    use super::super::blocks::split_into_blocks;
    use super::*;

    const POST: &str = "وصل الزوار الأوائل إلى المكتبة قبل موعد الافتتاح بساعتين.";

    /// Checks the texts; `layout` names the paragraphs that Readability keeps.
    fn check(whole: &str, layout: &str, expected: &[&str]) {
        let restored = restore_lost_blocks(split_into_blocks(layout), split_into_blocks(whole));
        let texts: Vec<&str> = restored.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(texts, expected, "{whole}");
    }

    #[test]
    fn elements_of_one_kind_are_kept_together() {
        let posts = format!(
            "<p>مقدمة</p><div class=post><i>1</i><h4>أ</h4><p>{POST}</p></div><div class=post><h4>ب</h4>\
             <p>نص</p></div><div class=box><p>{POST}</p></div><div class=post><p>{POST} ج</p></div>"
        );
        let posts = posts.replace("ساعتين. ج", "ساعتين ج.");
        let last = POST.replace("ساعتين.", "ساعتين ج.");
        check(&posts, "<p>مقدمة</p><h4>ب</h4><p>نص</p>", &["مقدمة", "أ", POST, "ب", "نص", &last]);
        check(&posts, "<p>مقدمة</p>", &["مقدمة"]);
        check(&posts, "<p>نص</p><p>مقدمة</p>", &["نص", "مقدمة"]);
        let linked = format!("<div class=a>نص</div><div class=a><a href=/x>{POST}</a></div>");
        check(&linked, "<p>نص</p>", &["نص"]);
    }
}
