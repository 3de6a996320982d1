//! The grammar of the commands about the configuration: `init`, `list`, `status`, `set`, `enable`, `disable`, `remove`,
//! `edit`.

use clap::Args;

/// Lists the sources.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only those of this category
    #[arg(long, value_name = "NAME")]
    pub category: Option<String>,
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// Shows the health of sources.
#[derive(Debug, Args)]
pub(super) struct StatusArgs {
    /// Only these sources (their ids)
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// Only those whose last poll failed
    #[arg(long)]
    pub failing: bool,
    /// Exit with 1 if the last poll of one of the shown sources failed
    #[arg(long)]
    pub exit_code: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// How an edit of the configuration is made.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct EditOptions {
    /// Show what would change, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print the changes as JSON
    #[arg(long)]
    pub json: bool,
}

/// Sources that are removed, enabled or disabled.
#[derive(Debug, Args)]
pub(super) struct EditSourcesArgs {
    /// The sources (their ids)
    #[arg(value_name = "SOURCE", required = true)]
    pub sources: Vec<String>,
    /// How it is done.
    #[command(flatten)]
    pub options: EditOptions,
}

/// Keys of a source that get other values.
#[derive(Debug, Args)]
pub(super) struct SetArgs {
    /// The source (its id)
    #[arg(value_name = "SOURCE")]
    pub source: String,
    /// A key with its value, such as every=1h; a list by its key for each member, or as TOML; without a value the key is
    /// removed
    #[arg(value_name = "KEY=VALUE", required = true)]
    pub assignments: Vec<String>,
    /// How it is done.
    #[command(flatten)]
    pub options: EditOptions,
}

/// The file that is edited.
#[derive(Debug, Args)]
pub(super) struct EditArgs {
    /// Edit the file that this source (its id) stands in, instead of the main one
    #[arg(value_name = "SOURCE")]
    pub source: Option<String>,
}

/// A new configuration.
#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// Countries whose publishers are in it, by their codes (eg,sa), beside those that speak to all Arab readers; all
    /// for every country
    #[arg(long, value_name = "CODES")]
    pub countries: Option<String>,
    /// The title of your feed
    #[arg(long)]
    pub title: Option<String>,
    /// Your e-mail address or page, for publishers and readers
    #[arg(long)]
    pub contact: Option<String>,
    /// Do not prompt: what is not given stays as it is in the shipped file
    #[arg(short, long)]
    pub yes: bool,
}
