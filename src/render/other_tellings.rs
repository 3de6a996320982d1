//! A story → the other sources that report it: their number and names, and the list at the end of an entry.

use std::collections::BTreeSet;

use super::arabic_wording::{self, PluralForms};
use super::shown_entry::ShownEntry;
use super::{href, summary, xml_text};
use crate::model::{OtherTelling, SourceId, StoredEntry, StorySummary};

/// Other sources, as outlets: a feminine noun, as the verb before it.
const OTHER_SOURCES: PluralForms = PluralForms {
    zero: "الجهة نفسها",
    one: "جهة أخرى",
    two: "جهتان أخريان",
    few: "جهات أخرى",
    many: "جهة أخرى",
    other: "جهة أخرى",
};

/// The number of other sources that report an entry's story, in words: «3 جهات أخرى».
pub(super) fn others_line(listed: &StoredEntry, story: &StorySummary) -> String {
    arabic_wording::count_in_words(source_count(listed, story) as u64 - 1, &OTHER_SOURCES)
}

/// The number of sources that report an entry's story, its own included: at least one.
pub(super) fn source_count(listed: &StoredEntry, story: &StorySummary) -> usize {
    let others = story.others.iter().map(|other| &other.source);
    let sources: BTreeSet<&SourceId> = others.chain([&listed.source]).collect();
    sources.len()
}

/// The names of the other sources, without duplicates.
pub(super) fn other_names(story: &StorySummary) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for other in &story.others {
        let name = xml_text::xml_line(&other.name);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The address of a story's page; in an exported site it is the first page of a folder of its own.
pub(super) fn story_page_address(base: &str, story: &StorySummary, is_folder: bool) -> String {
    format!("{base}story/{}{}", story.id, if is_folder { "/" } else { "" })
}

/// The published text of an entry in its direction box, followed by the list of the story's other entries.
/// `None`: there is nothing to publish.
pub(super) fn entry_body(shown: &ShownEntry<'_>) -> Option<String> {
    let entry = &shown.listed.entry;
    let body = summary::entry_content(entry, shown.settings.content)
        .map(|html| xml_text::in_direction_box(&html, entry));
    let list = shown.story.map(|story| other_tellings_list(shown, story));
    match (body, list) {
        (body, None) => body,
        (body, Some(list)) => Some(body.unwrap_or_default() + &list),
    }
}

fn other_tellings_list(shown: &ShownEntry<'_>, story: &StorySummary) -> String {
    let items: String = story.others.iter().map(list_item).collect();
    let address = story_page_address(&shown.settings.base, story, shown.settings.is_folder);
    let address = xml_text::escape_html(&xml_text::xml_line(&address));
    xml_text::xml_text(&format!(
        "<div dir=\"rtl\" lang=\"ar\"><p>نشرته أيضًا {}:</p><ul>{items}</ul>\
         <p><a href=\"{address}\">التغطيات كلها</a></p></div>",
        others_line(shown.listed, story)
    ))
}

fn list_item(other: &OtherTelling) -> String {
    let name = xml_text::escape_html(&xml_text::xml_line(&other.name));
    let title = xml_text::escape_html(&xml_text::xml_line(other.title.as_str()));
    let title = if title.is_empty() { "(بلا عنوان)".to_owned() } else { title };
    let linked = match other.link.as_deref() {
        Some(link) => {
            format!("<a href=\"{}\">{title}</a>", xml_text::escape_html(&href::encode_href(link)))
        }
        None => title,
    };
    format!("<li><bdi>{name}</bdi>: <bdi>{linked}</bdi></li>")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Publication;
    use crate::render::sample;
    use crate::render::shown_entry::EntrySettings;

    fn body_of(publication: &Publication, listed: &StoredEntry) -> String {
        let (settings, listed) = (EntrySettings::of_feed(publication), Arc::new(listed.clone()));
        entry_body(&ShownEntry::of_entry(publication, &settings, &listed)).unwrap()
    }

    fn story_of(publication: &mut Publication, sources: &[&str]) -> StoredEntry {
        sample::join_story(publication, 0, sources);
        StoredEntry::clone(&publication.entries[0])
    }

    #[test]
    fn other_entries_follow_the_text() {
        let mut publication = sample::publication();
        let first = story_of(&mut publication, &["x1", "x2", "x2"]);
        let body = body_of(&publication, &first);
        let expected = "<p>نشرته أيضًا جهتان أخريان:</p><ul><li><bdi>صحيفة x1 &amp; &lt;i&gt;</bdi>: \
                        <bdi><a href=\"https://other.example/?a=1&amp;b=2\">خبر &lt;آخر&gt;</a></bdi></li>";
        assert!(body.contains(expected), "{body}");
        assert!(
            body.ends_with(&format!("story/{}\">التغطيات كلها</a></p></div>", first.id)),
            "{body}"
        );
        assert_eq!(other_names(&publication.stories[&first.id]).len(), 2, "each once");
    }

    #[test]
    fn sources_are_counted_in_arabic() {
        let check = |sources: &[&str], expected: &str| {
            let mut publication = sample::publication();
            let first = story_of(&mut publication, sources);
            assert_eq!(others_line(&first, &publication.stories[&first.id]), expected);
        };
        check(&["x1"], "جهة أخرى");
        check(&["x1", "x2", "x3"], "3 جهات أخرى");
        let many: Vec<String> = (0..11).map(|n| format!("x{n}")).collect();
        check(&many.iter().map(String::as_str).collect::<Vec<_>>(), "11 جهة أخرى");
        let body = sample::publication().entries[0].source.clone();
        check(&[body.as_str()], "الجهة نفسها");
    }
}
