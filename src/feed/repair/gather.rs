//! People, pictures and origins: elements that say in children, in attributes or in plain text, as
//! their publisher liked → one thing each.

use super::facts::Facts;
use super::leaf::Part;
use super::names::Ns;
use super::roles::Gathers;
use super::said::{self, Attributes};
use crate::feed::model::{RawImage, RawOrigin, RawPerson};

/// A text of such an element; nobody's name is longer.
const LONGEST: usize = 4_096;

/// What a child of such an element is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Child {
    Part(Part),
    /// It belongs there, and nobody needs it.
    Passed,
}

/// What has been gathered so far.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    text: String,
    name: Option<String>,
    email: Option<String>,
    url: Option<String>,
    /// The feed's own address, for an origin.
    feed: Option<String>,
    title: Option<String>,
    id: Option<String>,
    width: Option<String>,
    height: Option<String>,
    /// Texts that were too long.
    dropped_count: usize,
}

/// What a child is for. `None`: it does not belong there, so the element was not closed.
pub(super) fn child(kind: Gathers, ns: Ns, local: &str) -> Option<Child> {
    use Child::{Part as P, Passed};
    let local = local.to_ascii_lowercase();
    Some(match (kind, local.as_str()) {
        (Gathers::Person, "name") => P(Part::Name),
        (Gathers::Person, "email") => P(Part::Email),
        (Gathers::Person, "uri" | "url" | "homepage") | (Gathers::Image, "url") => P(Part::Url),
        (Gathers::Image | Gathers::Origin, "title") => P(Part::Title),
        (Gathers::Image, "width") => P(Part::Width),
        (Gathers::Image, "height") => P(Part::Height),
        (Gathers::Origin, "id") => P(Part::Id),
        (Gathers::Origin, "link") => P(Part::Url),
        (Gathers::Image, "link" | "description") => Passed,
        (
            Gathers::Origin,
            "subtitle" | "tagline" | "updated" | "modified" | "published" | "author" | "name"
            | "uri" | "email" | "rights" | "copyright" | "category" | "logo" | "icon" | "generator"
            | "contributor",
        ) => Passed,
        (_, other) => {
            // Elements of other vocabularies are extensions of it (`gd:image` in `author`).
            let is_feeds = ns != Ns::Xhtml && super::roles::of(ns, other).is_some();
            return (!is_feeds).then_some(Passed);
        }
    })
}

impl Gathered {
    /// Begins with what the element's attributes say.
    pub(super) fn begin(kind: Gathers, attrs: &Attributes<'_>) -> Self {
        let mut gathered = Self::default();
        let picture = said::picture(attrs);
        match kind {
            Gathers::Person => {}
            Gathers::Image => gathered.url = picture.map(|picture| picture.url),
            Gathers::Origin => gathered.feed = picture.map(|picture| picture.url),
        }
        gathered
    }

    /// Takes text that stands directly in the element.
    pub(super) fn text(&mut self, text: &str) {
        if self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        } else {
            self.dropped_count += 1;
        }
    }

    /// Takes a link's address: an origin's own feed, or its page.
    pub(super) fn link(&mut self, href: &str, rel: Option<&str>) {
        match rel {
            Some("self") => self.feed = Some(href.to_owned()),
            None | Some("alternate") => _ = self.url.get_or_insert(href.to_owned()),
            Some(_) => {}
        }
    }

    /// Takes a part; the first of a kind wins.
    pub(super) fn part(&mut self, part: Part, text: &str) {
        let text = text.trim();
        if text.len() > LONGEST {
            self.dropped_count += 1;
        }
        if text.is_empty() || text.len() > LONGEST {
            return;
        }
        let place = match part {
            Part::Name => &mut self.name,
            Part::Email => &mut self.email,
            Part::Url => &mut self.url,
            Part::Title => &mut self.title,
            Part::Id => &mut self.id,
            Part::Width => &mut self.width,
            Part::Height => &mut self.height,
        };
        place.get_or_insert(text.to_owned());
    }

    /// Hands the whole over to the entry or feed.
    pub(super) fn give(self, kind: Gathers, facts: &mut Facts<'_>) {
        let text = Some(self.text.trim()).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        facts.drop_many(self.dropped_count);
        match kind {
            Gathers::Person => {
                facts.author(RawPerson {
                    name: self.name.or(text),
                    email: self.email,
                    url: self.url,
                });
            }
            Gathers::Image => {
                if let Some(url) = self.url.or(text) {
                    let (width, height) = (self.width, self.height);
                    facts.image(0, RawImage { url, width, height, credit: None });
                }
            }
            Gathers::Origin => {
                let url = self.feed.or(self.url).or(self.id);
                let origin = RawOrigin { title: self.title.or(text), url };
                if origin != RawOrigin::default() {
                    facts.origin.get_or_insert(origin);
                }
            }
        }
    }
}
