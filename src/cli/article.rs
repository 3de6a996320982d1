//! `rafid article`: the page of an article, from an address or a file → the extracted article.

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

/// Reads the page and prints the article. An address is fetched once, with the HTTP client of the daemon.
pub(super) fn run(common: &CommonArgs, args: &ArticleArgs) -> Result<(), CliError> {
    let source = args.source.as_deref().map(|id| load_source(common, id)).transpose()?;
    let document = load_document(common, args, source.as_deref())?;
    let from_source = source.as_deref().map(Source::read_hints).unwrap_or_default();
    let hints = ReadHints {
        charset: args.charset.as_deref().or(from_source.charset),
        timezone: args.timezone.as_deref().or(from_source.timezone),
        read_at: Some(Timestamp::now()),
        ..from_source
    };
    let from_source = source.as_ref().map(|source| source.article.clone()).unwrap_or_default();
    let selectors = ArticleSelectors {
        keep: args.keep.clone().or(from_source.keep),
        drop: args.drop.clone().or(from_source.drop),
    };
    let article = pipeline::read_article(&document, hints, &selectors).map_err(|error| {
        let (place, stage) = (&args.place, error.stage());
        CliError::working(format!("error: {place}: {stage}: {error}"))
    })?;
    let format = if args.json { ArticleFormat::Json } else { args.format };
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
    args: &ArticleArgs,
    source: Option<&Source>,
) -> Result<Document, CliError> {
    if let Some(url) = parse_web_address(&args.place) {
        return fetch_page(common, &url, source);
    }
    Ok(Document {
        bytes: parse::read_file_or_stdin(Path::new(&args.place))?,
        content_type: args.content_type.clone(),
        url: args.url.clone(),
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
        FetchResponse::NotModified { .. } => {
            Err(failed(&"the server answered 304 to an unconditional request"))
        }
    }
}

/// Title, paragraphs and attribution lines, separated by blank lines.
fn as_text(article: &Article) -> String {
    let title = (!article.title.is_empty()).then(|| article.title.as_str());
    let paragraphs = article.paragraphs.iter().map(String::as_str);
    let lines = article.attributions.iter().filter_map(|it| Some(it.line.as_ref()?.as_str()));
    let parts: Vec<&str> = title.into_iter().chain(paragraphs).chain(lines).collect();
    parts.join("\n\n") + "\n"
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
    for line in article.attributions.iter().filter_map(|it| it.line.as_ref()) {
        html.extend(["\n<footer>", &escaped(line.as_str()), "</footer>"]);
    }
    html + "\n</article>\n"
}

fn as_json(article: &Article, url: Option<&Url>) -> Value {
    let text = |text: &Option<PlainText>| text.as_ref().map(|text| text.as_str().to_owned());
    let attributions: Vec<Value> = article
        .attributions
        .iter()
        .map(|attribution| json!({ "name": attribution.name.as_str(), "line": text(&attribution.line) }))
        .collect();
    let left_out: Vec<Value> = article
        .removed
        .iter()
        .map(|block| json!({ "reason": block.reason, "text": block.text }))
        .collect();
    json!({
        "schema_version": 1,
        "url": url.map(Url::as_str),
        "title": article.title.as_str(),
        "site_name": text(&article.site_name),
        "byline": text(&article.byline),
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
