//! `rafid article`: an article's page, from an address or a file → what is taken out of it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{Article, ArticleSelectors, Document, PlainText, ReadHints};
use rafid_feed::pipeline;
use serde_json::{Value, json};
use url::Url;

use super::args::{ArticleArgs, ArticleFormat, CommonArgs};
use super::{CliError, load, parse, print, print_json, probe, start_runtime};
use crate::fetch::{Accept, Client, FetchRequest, FetchResponse};
use crate::model::Source;
use crate::poller::settings;

/// Reads the page and prints the article. An address is fetched once, by the client of the daemon.
pub(super) fn run(common: &CommonArgs, asked: &ArticleArgs) -> Result<(), CliError> {
    let source = asked.source.as_deref().map(|id| load_source(common, id)).transpose()?;
    let document = load_document(common, asked, source.as_deref())?;
    let of_source = source.as_deref().map(Source::read_hints).unwrap_or_default();
    let hints = ReadHints {
        charset: asked.charset.as_deref().or(of_source.charset),
        timezone: asked.timezone.as_deref().or(of_source.timezone),
        read_at: Some(Timestamp::now()),
        ..of_source
    };
    let of_source = source.as_ref().map(|source| source.article.clone()).unwrap_or_default();
    let selectors = ArticleSelectors {
        keep: asked.keep.clone().or(of_source.keep),
        drop: asked.drop.clone().or(of_source.drop),
    };
    let article = pipeline::read_article(&document, hints, &selectors).map_err(|error| {
        let (place, stage) = (&asked.place, error.stage());
        CliError::working(format!("error: {place}: {stage}: {error}"))
    })?;
    let format = if asked.json { ArticleFormat::Json } else { asked.format };
    match format {
        ArticleFormat::Text => print(&as_text(&article)),
        ArticleFormat::Html => print(&as_html(&article)),
        ArticleFormat::Json => print_json(&as_json(&article, document.url.as_ref())),
    }
}

/// The source of the configuration with this id.
fn load_source(common: &CommonArgs, id: &str) -> Result<Arc<Source>, CliError> {
    let config = load::load_config(common)?;
    let found = config.sources.iter().find(|source| source.id.as_str() == id);
    let unknown = || CliError::working(format!("error: the configuration has no source `{id}`"));
    found.cloned().ok_or_else(unknown)
}

fn load_document(
    common: &CommonArgs,
    asked: &ArticleArgs,
    source: Option<&Source>,
) -> Result<Document, CliError> {
    if let Some(url) = parse_web_address(&asked.place) {
        return fetch_page(common, &url, source);
    }
    Ok(Document {
        bytes: parse::read_file_or_stdin(Path::new(&asked.place))?,
        content_type: asked.content_type.clone(),
        url: asked.url.clone(),
    })
}

fn parse_web_address(place: &str) -> Option<Url> {
    let url = Url::parse(place).ok()?;
    matches!(url.scheme(), "http" | "https").then_some(url)
}

fn fetch_page(
    common: &CommonArgs,
    url: &Url,
    source: Option<&Source>,
) -> Result<Document, CliError> {
    let failed =
        |error: &dyn std::fmt::Display| CliError::working(format!("error: fetch: {error}"));
    let config = probe::load_config_or_defaults(common)?;
    let client = Client::new(&settings::fetch_settings(&config)).map_err(|e| failed(&e))?;
    let user_agent = source.and_then(|source| source.user_agent.as_deref());
    let request = FetchRequest { accept: Accept::Page, user_agent, ..FetchRequest::new(url) };
    let answer = start_runtime()?.block_on(client.get(&request, Timestamp::now()));
    match answer.map_err(|error| failed(&error))? {
        FetchResponse::Fresh { document, .. } => Ok(document),
        FetchResponse::NotModified { .. } => Err(failed(&"the server answered 304 unasked")),
    }
}

/// Title, paragraphs and lines of origin, a blank line between them.
fn as_text(article: &Article) -> String {
    let title = (!article.title.is_empty()).then(|| article.title.as_str());
    let paragraphs = article.paragraphs.iter().map(String::as_str);
    let lines = article.attributions.iter().filter_map(|said| Some(said.line.as_ref()?.as_str()));
    let pieces: Vec<&str> = title.into_iter().chain(paragraphs).chain(lines).collect();
    pieces.join("\n\n") + "\n"
}

/// One element with its language and direction.
fn as_html(article: &Article) -> String {
    let escaped = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let language =
        article.language.as_ref().map(|tag| format!(" lang=\"{tag}\"")).unwrap_or_default();
    let mut html = format!("<article dir=\"{}\"{language}>\n", article.direction.as_str());
    if !article.title.is_empty() {
        html.extend(["<h1>", &escaped(article.title.as_str()), "</h1>\n"]);
    }
    html += article.html.as_str();
    for line in article.attributions.iter().filter_map(|said| said.line.as_ref()) {
        html.extend(["\n<footer>", &escaped(line.as_str()), "</footer>"]);
    }
    html + "\n</article>\n"
}

fn as_json(article: &Article, url: Option<&Url>) -> Value {
    let line = |said: &Option<PlainText>| said.as_ref().map(|line| line.as_str().to_owned());
    let attributions: Vec<Value> = article
        .attributions
        .iter()
        .map(|said| json!({ "name": said.name.as_str(), "line": line(&said.line) }))
        .collect();
    let left_out: Vec<Value> = article
        .removed
        .iter()
        .map(|piece| json!({ "reason": piece.reason, "text": piece.text }))
        .collect();
    json!({
        "url": url.map(Url::as_str),
        "title": article.title.as_str(),
        "site_name": line(&article.site_name),
        "byline": line(&article.byline),
        "published_at": article.published_at.map(|at| at.to_string()),
        "language": article.language.as_ref().map(ToString::to_string),
        "direction": article.direction.as_str(),
        "image": article.image,
        "text": article.paragraphs.join("\n\n"),
        "html": article.html.as_str(),
        "attributions": attributions,
        "evidence": article.evidence.as_str(),
        "left_out": left_out,
    })
}
