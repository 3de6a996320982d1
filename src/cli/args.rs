//! The grammar of the command line: arguments → `Arguments`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use rafid_feed::opml;
use url::Url;

use super::access_args::{OutputArgs, PasswdArgs};
use super::export_args::{BackupArgs, ExportArgs, RestoreArgs};
use super::log_filter;
use super::parse_args::{ParseArgs, parse_timezone};
use super::source_args::{
    EditArgs, EditOptions, EditSourcesArgs, InitArgs, ListArgs, SetArgs, StatusArgs,
};

/// Turns many Arabic news feeds into one feed worth subscribing to.
#[derive(Debug, Parser)]
#[command(name = "rafid", version, about, propagate_version = true)]
#[command(after_help = "Exit codes: 0 success, 1 failure while working, 2 wrong usage, 78 wrong \
                        configuration.")]
pub(super) struct Arguments {
    /// What every command takes.
    #[command(flatten)]
    pub common: CommonArgs,
    /// What to do; without a command the daemon runs.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub(super) struct CommonArgs {
    /// The configuration [default: ./feeds.toml, then the user's and the system's]
    #[arg(short, long, global = true, env = "RAFID_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder of the store, instead of the configuration's
    #[arg(long, global = true, env = "RAFID_DATA", value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The address to serve at, instead of the configuration's
    #[arg(long, global = true, env = "RAFID_LISTEN", value_name = "IP:PORT",
          value_parser = crate::config::parse_listen_address)]
    pub listen: Option<SocketAddr>,
    /// How log lines look
    #[arg(long, global = true, value_enum, default_value_t = LogFormat::Auto)]
    pub log_format: LogFormat,
    /// What is logged: error, warn, info, debug, or a filter of targets (`rafid::poller=debug`) [default: info
    /// while it runs as a daemon, else warn]
    #[arg(long, global = true, env = "RUST_LOG", value_name = "LEVEL")]
    #[arg(value_parser = log_filter::parse_log_filter)]
    pub log_level: Option<String>,
    /// Log more; twice: still more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do, by task.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Make a configuration: every setting explained, and Arabic sources of the countries that you choose
    Init(InitArgs),
    /// Poll and serve until it is stopped (the default)
    Run,
    /// Poll what is due, store, and exit (for cron); or have a running daemon poll the named sources
    Poll(PollArgs),
    /// Write every output as static files
    Build {
        /// The folder; created when missing
        dir: PathBuf,
        /// Print the outcome as JSON
        #[arg(long)]
        json: bool,
    },
    /// Find the feed of a site and write it into the configuration
    Add(AddArgs),
    /// Write the feeds of an OPML list into the configuration (exit 1 when some of it is no feed)
    Import {
        /// The OPML file; - for standard input
        file: PathBuf,
        /// How it is done.
        #[command(flatten)]
        options: EditOptions,
    },
    /// List the sources of the configuration
    List(ListArgs),
    /// Set keys of a source in the configuration; comments and order stay
    Set(SetArgs),
    /// Enable sources in the configuration
    Enable(EditSourcesArgs),
    /// Disable sources in the configuration: they stay in it, and are neither polled nor published
    Disable(EditSourcesArgs),
    /// Remove sources from the configuration
    Remove(EditSourcesArgs),
    /// Open the configuration in your editor, and write it back if it has no mistakes
    Edit(EditArgs),
    /// Check the configuration: every mistake with line and column
    Check {
        /// Print the result as JSON
        #[arg(long)]
        json: bool,
        /// Check the file alone: do not try its rules on the stored entries
        #[arg(long)]
        no_store: bool,
    },
    /// Show the health of each source, from the running daemon or the store
    Status(StatusArgs),
    /// List the named outputs; show, make or revoke the secret address of a private one
    Output(OutputArgs),
    /// Make the line of a reader who may log in, for `users` under [serve]
    Passwd(PasswdArgs),
    /// Check whether the running daemon works (exit 0 or 1; for containers)
    Healthcheck,
    /// Search for entries, in the running daemon or the store
    Search(SearchArgs),
    /// Explain an entry: its dates, its story and why, which outputs hold it
    Explain(ExplainArgs),
    /// Show what rules (`keep`, `drop`) do with the stored entries, and why; nothing is changed
    Filter(FilterArgs),
    /// Print the sources as a subscription list, or write the stored entries into a file
    Export(ExportArgs),
    /// Write a backup of the store into a file, also while the daemon runs
    Backup(BackupArgs),
    /// Make a store from a backup
    Restore(RestoreArgs),
    /// Fetch a feed once and show what each stage finds
    Probe {
        /// The feed's address
        #[arg(value_parser = parse_url)]
        url: Url,
        /// Print the findings as JSON
        #[arg(long)]
        json: bool,
    },
    /// Parse documents and print the results as JSON Feed 1.1
    Parse(ParseArgs),
    /// Extract the article of a page: title, text, and the outlets that it is copied from
    Article(ArticleArgs),
    /// Print shell completions
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Write the man pages
    Man {
        /// The folder; created when missing
        dir: PathBuf,
    },
}

/// Poll once and exit.
#[derive(Debug, Args)]
pub(super) struct PollArgs {
    /// Poll these sources (their ids), whether they are due or not
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Poll all sources, whether they are due or not
    #[arg(long, conflicts_with = "sources")]
    pub all: bool,
    /// Request whole documents, even unchanged ones; without a source, of all sources
    #[arg(long)]
    pub fresh: bool,
    /// Print the totals as JSON
    #[arg(long)]
    pub json: bool,
}

/// Search for entries.
#[derive(Debug, Args)]
pub(super) struct SearchArgs {
    /// What to search for: words, "phrases", -excluded (docs/search.md)
    #[arg(required = true, allow_hyphen_values = true)]
    pub query: Vec<String>,
    /// What comes first
    #[arg(long, value_enum, default_value_t = SearchSort::New)]
    pub sort: SearchSort,
    /// Only what was listed today, this week, or in the last day, week, month or year
    #[arg(long, value_parser = ["today", "day", "this-week", "week", "month", "year"])]
    pub within: Option<String>,
    /// The most entries to print
    #[arg(long, default_value_t = 20, value_parser = parse_limit)]
    pub limit: usize,
    /// Print the results as JSON
    #[arg(long)]
    pub json: bool,
}

/// What comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum SearchSort {
    /// What was listed last.
    New,
    /// What has the words most often in the shortest text.
    Best,
}

impl SearchSort {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Best => "best",
        }
    }
}

/// At most as many as the daemon returns at once.
fn parse_limit(word: &str) -> Result<usize, String> {
    let number = word.parse().ok().filter(|number| (1..=100).contains(number));
    number.ok_or_else(|| "expected a whole number from 1 to 100".to_owned())
}

/// An address as people write it: with its scheme, with `feed:`, or as a host and a path alone.
fn parse_url(word: &str) -> Result<Url, String> {
    let expected = "expected an address such as https://news.example/";
    let word = word.trim();
    if let Some(web) = opml::web_address(word) {
        return Url::parse(&web).map_err(|error| format!("{expected}: {error}"));
    }
    match Url::parse(word) {
        Ok(url) if url.scheme() == "file" => {
            Err("a file is written into the configuration by hand: url = \"file:name.xml\""
                .to_owned())
        }
        Ok(url) => Err(format!("{expected}, found `{}:`", url.scheme())),
        // A host without its scheme; a word without a dot is not a host.
        Err(url::ParseError::RelativeUrlWithoutBase)
            if word.contains('.') && !word.contains('@') =>
        {
            Url::parse(&format!("https://{word}")).map_err(|error| format!("{expected}: {error}"))
        }
        Err(error) => Err(format!("{expected}: {error}")),
    }
}

/// Find the feed of a site and write it into the configuration.
#[derive(Debug, Args)]
pub(super) struct AddArgs {
    /// A site's or a feed's address
    #[arg(value_parser = parse_url)]
    pub url: Url,
    /// The name to show, instead of the publisher's
    #[arg(long)]
    pub name: Option<String>,
    /// The category; several times: the categories
    #[arg(long)]
    pub category: Vec<String>,
    /// The id, instead of one that is made of the address
    #[arg(long)]
    pub id: Option<String>,
    /// Take this one of several feeds of a site, by its number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub pick: Option<u16>,
    /// Take all feeds of a site
    #[arg(long, conflicts_with_all = ["pick", "id", "name"])]
    pub all: bool,
    /// Do not prompt: take the first of several feeds of a site
    #[arg(short, long)]
    pub yes: bool,
    /// How it is done.
    #[command(flatten)]
    pub options: EditOptions,
}

/// Show what rules do with the stored entries.
#[derive(Debug, Args)]
pub(super) struct FilterArgs {
    /// Try this rule as well: keep only what it finds
    #[arg(long, value_name = "QUERY")]
    pub keep: Vec<String>,
    /// Try this rule as well: drop what it finds
    #[arg(long, value_name = "QUERY")]
    pub drop: Vec<String>,
    /// Let the words of --keep match in their other forms, too
    #[arg(long)]
    pub forms: bool,
    /// In the feed of this source, instead of the merged feed
    #[arg(long, value_name = "ID", conflicts_with = "output")]
    pub source: Option<String>,
    /// In this named output
    #[arg(long, value_name = "ID")]
    pub output: Option<String>,
    /// Show every excluded entry, and why
    #[arg(long)]
    pub explain: bool,
    /// Print all examined entries as JSON
    #[arg(long)]
    pub json: bool,
}

/// Explain an entry.
#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Its id as the outputs show it, its address (/story/…), or its link
    #[arg(allow_hyphen_values = true)]
    pub entry: String,
    /// Print it as JSON (docs/stories.md)
    #[arg(long)]
    pub json: bool,
}

/// Extract the article of a page.
#[derive(Debug, Args)]
pub(super) struct ArticleArgs {
    /// An address (http, https) or a file, as HTML or bare text; - for standard input
    #[arg(value_name = "URL|FILE")]
    pub place: String,
    /// Read it as a page of this source (its id), with its [source.article], charset and timezone; other
    /// options take precedence
    #[arg(long, value_name = "ID")]
    pub source: Option<String>,
    /// How it is printed
    #[arg(long, value_enum, default_value_t = ArticleFormat::Text)]
    pub format: ArticleFormat,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
    /// The elements that hold the article, as a CSS selector
    #[arg(long, value_name = "CSS")]
    pub keep: Option<String>,
    /// Elements that are not part of it, as a CSS selector
    #[arg(long, value_name = "CSS")]
    pub drop: Option<String>,
    /// The Content-Type header that a file was served with
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// The address that a file was served from
    #[arg(long)]
    pub url: Option<Url>,
    /// The charset, whatever the document and its headers say
    #[arg(long)]
    pub charset: Option<String>,
    /// The zone of a date without one (Asia/Riyadh, +03:00)
    #[arg(long, allow_hyphen_values = true, value_name = "ZONE", value_parser = parse_timezone)]
    pub timezone: Option<String>,
}

/// The format of what `article` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ArticleFormat {
    /// Title, paragraphs and lines of origin.
    Text,
    /// The same as sanitized HTML.
    Html,
    /// All that is known, and what was left out and why.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn addresses_are_understood_as_people_write_them() {
        let check = |word: &str, expected: &str| {
            assert_eq!(parse_url(word).unwrap().as_str(), expected, "{word}");
        };
        check("https://a.example", "https://a.example/");
        check("a.example/blog/", "https://a.example/blog/");
        check("feed://a.example/x", "http://a.example/x");
        check("feed:https://a.example/x", "https://a.example/x");
        for bad in
            ["", "news", "ftp://a.example/", "file:x.xml", "me:word@a.example", "localhost:80/x"]
        {
            assert!(parse_url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_arguments_mean_run() {
        assert!(Arguments::parse_from(["rafid"]).command.is_none());
    }
}
