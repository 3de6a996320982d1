//! An address → the feeds there: the document itself, or those that its page names, or one at a common address.
//! Each is fetched and parsed before it is offered.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;
use rafid_feed::discover;
use rafid_feed::model::Document;
use rafid_feed::pipeline::ParsedFeed;
use url::Url;

use super::CliError;
use super::probe::read_without_source;
use crate::config;
use crate::fetch::{Accept, Client, FetchRequest, FetchResponse};

/// The most addresses of one page that are tried, so that one command does not flood a site with requests.
const MAX_NAMED_ATTEMPTS: usize = 10;
/// The most common addresses that are tried when none of those leads to a feed.
const MAX_GUESSED_ATTEMPTS: usize = 18;

/// A feed that was found.
pub(super) struct FoundFeed {
    /// Its address.
    pub(super) url: Url,
    /// The parsed document.
    pub(super) reading: ParsedFeed,
}

/// The feeds at an address; at least one.
pub(super) async fn find_feeds(client: &Client, url: &Url) -> Result<Vec<FoundFeed>, CliError> {
    let shown_url = without_user_info(url);
    let page = fetch_document(client, url)
        .await
        .map_err(|reason| CliError::working(format!("error: {reason}")))?;
    let first = match read_without_source(&page) {
        Ok(reading) => return Ok(vec![FoundFeed { url: choose_url(url, &page), reading }]),
        Err(error) if error.is_page() || is_html(&page) => error,
        Err(error) => {
            let stage = error.stage().as_str();
            return Err(CliError::working(format!("error: {shown_url}: {stage}: {error}")));
        }
    };
    let base = page.url.clone().unwrap_or_else(|| url.clone());
    let html = String::from_utf8_lossy(&page.bytes);
    let mut search =
        FeedSearch { client, tried: Vec::new(), found: Vec::new(), refused: Vec::new() };
    let named = discover::feeds_in(&html, &base).into_iter().map(|it| it.url);
    for candidate in named.chain(discover::feed_like_links_in(&html, &base)) {
        if search.tried.len() < MAX_NAMED_ATTEMPTS {
            search.try_url(&candidate).await;
        }
    }
    let limit = search.tried.len() + MAX_GUESSED_ATTEMPTS;
    for candidate in discover::well_known_addresses(&base) {
        if search.found.is_empty() && search.tried.len() < limit {
            search.try_url(&candidate).await;
        }
    }
    if search.found.is_empty() {
        return Err(CliError::working(format!(
            "error: {shown_url}: {first}\n  no feed was found; these addresses were tried:\n{}\n  a page \
             without a feed can be read by selectors: `[source.page]` in docs/page-sources.md",
            search.refused.join("\n")
        )));
    }
    Ok(search.found)
}

/// Whether a document is served as a page, whatever its first bytes are.
fn is_html(document: &Document) -> bool {
    document.content_type.as_deref().is_some_and(|kind| kind.to_ascii_lowercase().contains("html"))
}

/// The attempts for one page.
struct FeedSearch<'a> {
    client: &'a Client,
    tried: Vec<Url>,
    found: Vec<FoundFeed>,
    refused: Vec<String>,
}

impl FeedSearch<'_> {
    /// Tries an address, unless it was tried before.
    async fn try_url(&mut self, candidate: &Url) {
        if self.tried.contains(candidate) {
            return;
        }
        self.tried.push(candidate.clone());
        let outcome = match fetch_document(self.client, candidate).await {
            Ok(document) => match read_without_source(&document) {
                Ok(reading) => Ok(FoundFeed { url: choose_url(candidate, &document), reading }),
                Err(error) => Err(error.to_string()),
            },
            Err(reason) => Err(reason),
        };
        match outcome {
            // Two addresses of one feed count once.
            Ok(new) => {
                let is_known =
                    |it: &FoundFeed| config::is_same_address(it.url.as_str(), new.url.as_str());
                if !self.found.iter().any(is_known) {
                    self.found.push(new);
                }
            }
            Err(reason) => {
                self.refused.push(format!("  {}: {reason}", without_user_info(candidate)));
            }
        }
    }
}

/// The address to write down: the requested one, or the one that it redirects to if that differs only in the
/// scheme, `www.` or a slash.
fn choose_url(requested: &Url, document: &Document) -> Url {
    let has_secret = !requested.username().is_empty() || requested.password().is_some();
    let last = document.url.as_ref().filter(|_| !has_secret);
    let is_same = |last: &&Url| config::is_same_address(last.as_str(), requested.as_str());
    last.filter(is_same).unwrap_or(requested).clone()
}

/// An address without its user-info.
pub(super) fn without_user_info(url: &Url) -> Url {
    let mut url = url.clone();
    // Neither can fail on an address that has a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

async fn fetch_document(client: &Client, url: &Url) -> Result<Document, String> {
    let request = FetchRequest { accept: Accept::Page, ..FetchRequest::new(url) };
    match client.get(&request, Timestamp::now()).await {
        Ok(FetchResponse::Fresh { document, .. }) => Ok(document),
        Ok(FetchResponse::NotModified { .. }) => {
            Err("it answered 304 to an unconditional request".to_owned())
        }
        Err(error) => Err(error.to_string()),
    }
}

/// The answer of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserChoice {
    /// The feed with this number, from 1.
    One(usize),
    /// Every feed.
    All,
    /// None of them.
    None,
}

/// Whether a user can be prompted.
pub(super) fn is_interactive() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Prompts for one of several feeds until the answer is valid.
pub(super) fn prompt_for_choice(count: usize) -> Result<UserChoice, CliError> {
    loop {
        let _ = write!(io::stderr(), "which one? 1 to {count}, a for all, n for none [1]: ");
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line);
        let read = read.map_err(|error| CliError::working(format!("error: no answer: {error}")))?;
        if read == 0 {
            return Ok(UserChoice::None);
        }
        if let Some(choice) = parse_choice(&line, count) {
            return Ok(choice);
        }
    }
}

fn parse_choice(line: &str, count: usize) -> Option<UserChoice> {
    match line.trim().to_ascii_lowercase().as_str() {
        "" => Some(UserChoice::One(1)),
        "a" | "all" => Some(UserChoice::All),
        "n" | "no" | "none" | "q" => Some(UserChoice::None),
        word => word.parse().ok().filter(|it| (1..=count).contains(it)).map(UserChoice::One),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_understood() {
        for (line, expected) in [
            ("\n", Some(UserChoice::One(1))),
            (" 2 \n", Some(UserChoice::One(2))),
            ("A\n", Some(UserChoice::All)),
            ("none\n", Some(UserChoice::None)),
            ("3\n", None),
            ("0\n", None),
            ("what\n", None),
        ] {
            assert_eq!(parse_choice(line, 2), expected, "{line:?}");
        }
    }
}
