//! `rafid list`: the configuration → its sources, enabled or not, with those of its lists. It reads the files and the
//! copies of the lists alone: `rafid status` says how the sources are.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::args::CommonArgs;
use super::source_args::ListArgs;
use super::{CliError, EXIT_USAGE, bidi_isolate, load, print, print_json};
use crate::config::Config;
use crate::model::{Location, Source, make_slug};
use crate::publish::display_name;

/// The list as JSON.
#[derive(Serialize)]
struct SourceListing {
    schema_version: u32,
    /// The main file.
    file: String,
    sources: Vec<ConfiguredSource>,
}

/// A source in the list.
#[derive(Serialize)]
struct ConfiguredSource {
    id: String,
    name: String,
    categories: Vec<String>,
    /// The address without its secrets; of a file, its name.
    url: String,
    /// `None`: a file of this machine, or a private source.
    host: Option<String>,
    enabled: bool,
    /// The list that it comes from; `None`: a file of the configuration names it.
    list: Option<String>,
}

/// Prints the sources: the enabled ones in the order of the files, then the disabled ones.
pub(super) fn run(common: &CommonArgs, args: &ListArgs) -> Result<(), CliError> {
    let config = load::load_config(common)?;
    let slug = args.category.as_deref().map(make_slug);
    let is_chosen = |source: &Source| {
        let slugs = || source.categories.iter().map(|category| category.slug.as_str());
        slug.as_deref().is_none_or(|chosen| slugs().any(|slug| slug == chosen))
    };
    let enabled = config.sources.iter().map(|source| (source, true));
    let all = enabled.chain(config.disabled.iter().map(|source| (source, false)));
    let sources: Vec<ConfiguredSource> = all
        .filter(|(source, _)| is_chosen(source))
        .map(|(source, is_enabled)| list_source(source, is_enabled))
        .collect();
    if let Some(name) = args.category.as_ref().filter(|_| sources.is_empty()) {
        return Err(unknown_category(&config, name));
    }
    if args.json {
        let file = config.path.display().to_string();
        return print_json(&SourceListing { schema_version: 1, file, sources });
    }
    print(&as_text(&sources))
}

fn list_source(source: &Source, is_enabled: bool) -> ConfiguredSource {
    let host = match &source.location {
        Location::Web(url) if !source.is_private => url.host_str().map(ToOwned::to_owned),
        _ => None,
    };
    ConfiguredSource {
        id: source.id.to_string(),
        name: display_name(source, None),
        categories: source.categories.iter().map(|category| category.name.clone()).collect(),
        url: source.published_location(),
        host,
        enabled: is_enabled,
        list: source.list.as_ref().map(ToString::to_string),
    }
}

fn unknown_category(config: &Config, name: &str) -> CliError {
    let sources = config.sources.iter().chain(&config.disabled);
    let names = sources.flat_map(|source| &source.categories).map(|it| it.name.as_str());
    let names: std::collections::BTreeSet<&str> = names.collect();
    let names = names.into_iter().map(bidi_isolate).collect::<Vec<_>>().join(", ");
    let message = format!("error: no source has the category {name:?}; the categories are {names}");
    CliError { code: EXIT_USAGE, message }
}

fn as_text(sources: &[ConfiguredSource]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    // Most configurations have no lists.
    let has_lists = sources.iter().any(|source| source.list.is_some());
    let header = ["SOURCE", "ENABLED", "LIST", "HOST", "CATEGORY", "NAME"];
    let is_shown = |column: &&str| has_lists || *column != "LIST";
    table.set_header(header.iter().filter(|column| is_shown(column)));
    for source in sources {
        let from = has_lists.then(|| source.list.clone().unwrap_or_else(|| "-".to_owned()));
        let enabled = if source.enabled { "yes" } else { "no" }.to_owned();
        let first = [source.id.clone(), enabled];
        let last = [
            source.host.clone().unwrap_or_else(|| source.url.clone()),
            bidi_isolate(&source.categories.join("، ")),
            bidi_isolate(&source.name),
        ];
        table.add_row(first.into_iter().chain(from).chain(last));
    }
    let text = table.to_string();
    // The table pads its last column, too.
    text.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
}
