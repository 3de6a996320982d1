//! Tags with a space before their name (`< title>`, `</ title>`) → the tags that are meant. To XML they are
//! text; they are tags where nothing else can be meant.

use super::super::element_roles;
use super::super::namespaces::Namespace;
use super::super::tokens::XmlToken;
use super::FeedWalk;

/// Bytes of white space before a name that are passed over.
const MOST_SPACES: usize = 8;

/// A tag with a space before its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SpacedTag<'a> {
    name: &'a str,
    is_end: bool,
    /// Where it begins and ends, in bytes.
    start: usize,
    end: usize,
}

impl<'a> FeedWalk<'a> {
    /// Takes a text with its spaced tags. `false`: it has none, and nothing was done.
    pub(super) fn take_spaced_tags(&mut self, token: XmlToken<'a>) -> bool {
        let XmlToken::Text(words) = token else { return false };
        let (mut rest, start) = (words, self.at);
        while let Some(tag) = self.next_spaced_tag(rest) {
            let at = start + words.len() - rest.len() + tag.start;
            let before = rest.get(..tag.start).unwrap_or_default();
            if !before.is_empty() {
                self.take_text(before);
            }
            self.at = at;
            let name = tag.name;
            self.record_repair("space-in-tag", || {
                format!("a space stands before the name in a tag of {name}: it is read as a tag")
            });
            if tag.is_end {
                self.close_element(name);
            } else {
                self.open_element(name, "", false);
            }
            rest = rest.get(tag.end..).unwrap_or_default();
        }
        let is_found = rest.len() < words.len();
        if is_found && !rest.is_empty() {
            self.take_text(rest);
        }
        is_found
    }

    /// The next spaced tag that means one: the end tag of the open text; where no text is open, the end tag of an
    /// open element, or a start tag of feeds.
    fn next_spaced_tag(&self, words: &'a str) -> Option<SpacedTag<'a>> {
        let is_meant = |tag: &SpacedTag<'_>| match &self.open_text {
            Some((text, _)) => tag.is_end && text.is_named(tag.name),
            None if tag.is_end => self.stack.iter().any(|open| open.name == tag.name),
            None => element_roles::role_of(Namespace::Core, tag.name).is_some(),
        };
        let starts = words.match_indices('<').map(|(start, _)| start);
        starts.filter_map(|start| spaced_tag_at(words, start)).find(is_meant)
    }
}

/// The spaced tag that begins at a `<`: it has nothing but its name.
fn spaced_tag_at(words: &str, start: usize) -> Option<SpacedTag<'_>> {
    let skip_spaces = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let inside = words.get(start + 1..)?;
    let before = skip_spaces(inside);
    let (slash, inside_tag) = match inside.get(before..)?.strip_prefix('/') {
        Some(after) => (1, after),
        None => (0, inside.get(before..)?),
    };
    let after_slash = if slash == 1 { skip_spaces(inside_tag) } else { 0 };
    let spaces = before + after_slash;
    if spaces == 0 || spaces > MOST_SPACES {
        return None;
    }
    let inside_tag = inside_tag.get(after_slash..)?;
    let name_end = inside_tag.find(|c: char| !c.is_ascii_alphanumeric() && c != ':')?;
    let name = inside_tag.get(..name_end).filter(|name| !name.is_empty())?;
    let after_name = inside_tag.get(name_end..)?;
    let trailing = skip_spaces(after_name);
    let is_closed = after_name.get(trailing..)?.starts_with('>');
    let end = start + 1 + spaces + slash + name_end + trailing + 1;
    is_closed.then_some(SpacedTag { name, is_end: slash == 1, start, end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spaced_tag_has_nothing_but_its_name() {
        let check = |words: &str, expected: Option<(&str, bool)>| {
            let found = spaced_tag_at(words, 0);
            assert_eq!(found.map(|tag| (tag.name, tag.is_end)), expected, "{words}");
            assert!(found.is_none_or(|tag| words[..tag.end].ends_with('>')), "{words}");
        };
        check("< title>x", Some(("title", false)));
        check("<\ttitle >x", Some(("title", false)));
        check("</ title>", Some(("title", true)));
        check("< /title>", Some(("title", true)));
        check("< / dc:title >", Some(("dc:title", true)));
        check("<title>", None);
        check("< b و ب", None);
        check("< title x='1'>", None);
        check("< >", None);
        check("<", None);
        check("<         title>", None);
    }
}
