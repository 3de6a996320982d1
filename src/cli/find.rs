//! An address → the feeds that are there: the document itself, or those that its page names, or one at a
//! customary address. Each was fetched and read before it is offered.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;
use url::Url;

use super::Failed;
use super::probe::read;
use crate::config;
use crate::daemon::fetch::{Accept, Answer, Client, Request};
use crate::feed::discover;
use crate::feed::model::Document;
use crate::feed::pipeline::Reading;

/// Addresses of one page that are tried at most: a guest does not knock at every door.
const MOST_TRIED: usize = 10;
/// Customary addresses that are tried at most, when none of those leads to a feed.
const MOST_GUESSED: usize = 18;

/// A feed that was found.
pub(super) struct Found {
    /// Its address.
    pub(super) url: Url,
    /// What was read there.
    pub(super) reading: Reading,
}

/// The feeds at an address, at least one.
pub(super) async fn feeds(client: &Client, url: &Url) -> Result<Vec<Found>, Failed> {
    let asked = shown(url);
    let page =
        get(client, url).await.map_err(|reason| Failed::working(format!("error: {reason}")))?;
    let first = match read(&page) {
        Ok(reading) => return Ok(vec![Found { url: settled(url, &page), reading }]),
        Err(error) if error.is_page() || is_html(&page) => error,
        Err(error) => {
            let stage = error.stage().as_str();
            return Err(Failed::working(format!("error: {asked}: {stage}: {error}")));
        }
    };
    let base = page.url.clone().unwrap_or_else(|| url.clone());
    let html = String::from_utf8_lossy(&page.bytes);
    let mut search = Search { client, tried: Vec::new(), found: Vec::new(), refused: Vec::new() };
    let named = discover::feeds_in(&html, &base).into_iter().map(|candidate| candidate.url);
    for door in named.chain(discover::links_in(&html, &base)) {
        if search.tried.len() < MOST_TRIED {
            search.knock(&door).await;
        }
    }
    let limit = search.tried.len() + MOST_GUESSED;
    for door in discover::well_known(&base) {
        if search.found.is_empty() && search.tried.len() < limit {
            search.knock(&door).await;
        }
    }
    if search.found.is_empty() {
        return Err(Failed::working(format!(
            "error: {asked}: {first}\n  no feed was found; these addresses were tried:\n{}\n  a page \
             without a feed can be read by selectors: `[source.page]` in docs/page-sources.md",
            search.refused.join("\n")
        )));
    }
    Ok(search.found)
}

/// Whether a document is served as a page, however it begins.
fn is_html(document: &Document) -> bool {
    document.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

/// What was tried of one page.
struct Search<'a> {
    client: &'a Client,
    tried: Vec<Url>,
    found: Vec<Found>,
    refused: Vec<String>,
}

impl Search<'_> {
    /// Tries an address, unless it was tried before.
    async fn knock(&mut self, door: &Url) {
        if self.tried.contains(door) {
            return;
        }
        self.tried.push(door.clone());
        let outcome = match get(self.client, door).await {
            Ok(document) => match read(&document) {
                Ok(reading) => Ok(Found { url: settled(door, &document), reading }),
                Err(error) => Err(error.to_string()),
            },
            Err(reason) => Err(reason),
        };
        match outcome {
            // Two addresses of one feed are one.
            Ok(new) => {
                let is_known =
                    |it: &Found| config::is_same_address(it.url.as_str(), new.url.as_str());
                if !self.found.iter().any(is_known) {
                    self.found.push(new);
                }
            }
            Err(reason) => self.refused.push(format!("  {}: {reason}", shown(door))),
        }
    }
}

/// The address to write down: the one that was asked, or where its publisher sent us, if that differs in
/// nothing but the scheme, `www.` or a slash.
fn settled(asked: &Url, document: &Document) -> Url {
    let has_secret = !asked.username().is_empty() || asked.password().is_some();
    let last = document.url.as_ref().filter(|_| !has_secret);
    let is_same = |last: &&Url| config::is_same_address(last.as_str(), asked.as_str());
    last.filter(is_same).unwrap_or(asked).clone()
}

/// An address without its user-info.
pub(super) fn shown(url: &Url) -> Url {
    let mut url = url.clone();
    // Neither can fail on an address that has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

async fn get(client: &Client, url: &Url) -> Result<Document, String> {
    let request = Request { accept: Accept::Page, ..Request::new(url) };
    match client.get(&request, Timestamp::now()).await {
        Ok(Answer::Fresh { document, .. }) => Ok(document),
        Ok(Answer::NotModified { .. }) => Err("it answered 304 unasked".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

/// What the user answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    /// The feed with this number, from 1.
    One(usize),
    /// Every feed.
    All,
    /// None of them.
    None,
}

/// Whether somebody is there to be asked.
pub(super) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks which of several feeds is wanted, until the answer is one.
pub(super) fn answer(count: usize) -> Result<Answered, Failed> {
    loop {
        let _ = write!(io::stderr(), "which one? 1 to {count}, a for all, n for none [1]: ");
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let read = read.map_err(|error| Failed::working(format!("error: no answer: {error}")))?;
        if read == 0 {
            return Ok(Answered::None);
        }
        if let Some(answered) = understood(&line, count) {
            return Ok(answered);
        }
    }
}

fn understood(line: &str, count: usize) -> Option<Answered> {
    match line.trim().to_ascii_lowercase().as_str() {
        "" => Some(Answered::One(1)),
        "a" | "all" => Some(Answered::All),
        "n" | "no" | "none" | "q" => Some(Answered::None),
        word => word.parse().ok().filter(|it| (1..=count).contains(it)).map(Answered::One),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        for (line, expected) in [
            ("\n", Some(Answered::One(1))),
            (" 2 \n", Some(Answered::One(2))),
            ("A\n", Some(Answered::All)),
            ("none\n", Some(Answered::None)),
            ("3\n", None),
            ("0\n", None),
            ("what\n", None),
        ] {
            assert_eq!(understood(line, 2), expected, "{line:?}");
        }
    }
}
