//! Parts of an entry ↔ their fields, for its record and for what was added behind it.

use rafid_feed::model::{Image, Person, PlainText};
use serde::{Deserialize, Serialize};

/// The name and the page of a person.
pub(super) type PersonV1<'a> = (&'a str, Option<&'a str>);

#[derive(PartialEq, Serialize, Deserialize)]
pub(super) struct ImageV1<'a> {
    url: &'a str,
    width: Option<u32>,
    height: Option<u32>,
    credit: Option<&'a str>,
}

impl<'a> ImageV1<'a> {
    pub(super) fn of(image: &'a Image) -> Self {
        let (width, height) = (image.width, image.height);
        Self { url: &image.url, width, height, credit: plain_text_str(image.credit.as_ref()) }
    }

    pub(super) fn into_image(self) -> Image {
        let (width, height) = (self.width, self.height);
        let credit = self.credit.map(plain_text);
        Image { url: self.url.to_owned(), width, height, credit, alt: None }
    }
}

pub(super) fn plain_text_str(text: Option<&PlainText>) -> Option<&str> {
    text.map(PlainText::as_str)
}

pub(super) fn plain_text(text: &str) -> PlainText {
    PlainText::from_trusted(text.to_owned())
}

pub(super) fn to_owned_text(text: Option<&str>) -> Option<String> {
    text.map(str::to_owned)
}

pub(super) fn person_str(person: &Person) -> PersonV1<'_> {
    (person.name.as_str(), person.url.as_deref())
}

pub(super) fn person_of((name, url): PersonV1<'_>) -> Person {
    Person { name: plain_text(name), url: to_owned_text(url) }
}
