//! The words behind `rafid parse` → its options.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use rafid_feed::dates;
use rafid_feed::model::ClockSetting;
use rafid_feed::warning_advice::AdviceLanguage;
use url::Url;

/// Parse documents and print the results as JSON Feed 1.1.
#[derive(Debug, Args)]
pub(super) struct ParseArgs {
    /// The files; - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// Read them as this source of the configuration, with its selectors, zone, charset and address;
    /// other options take precedence
    #[arg(long, value_name = "ID")]
    pub source: Option<String>,
    /// The Content-Type header that they were served with
    #[arg(long, value_name = "TYPE")]
    pub content_type: Option<String>,
    /// The address that they were served from
    #[arg(long)]
    pub url: Option<Url>,
    /// The charset, whatever the document and its headers say
    #[arg(long)]
    pub charset: Option<String>,
    /// The zone of dates without one (Asia/Riyadh, +03:00)
    #[arg(long, allow_hyphen_values = true, value_name = "ZONE", value_parser = parse_timezone)]
    pub timezone: Option<String>,
    /// What is wrong with the publisher's clock (wall: its zones; -03:00: three hours behind)
    #[arg(long, allow_hyphen_values = true, value_name = "CLOCK")]
    pub clock: Option<ClockSetting>,
    /// The language of what people read: details and advice of warnings, reasons of refusals
    #[arg(long, value_enum, default_value_t = OutputLanguage::En)]
    pub lang: OutputLanguage,
    /// Print each document on one line, as JSON Lines
    #[arg(long)]
    pub json_lines: bool,
    /// The format of the output
    #[arg(long, value_enum, default_value_t = ParseFormat::Json)]
    pub format: ParseFormat,
    /// The same as --format json, which is the default
    #[arg(long, conflicts_with = "format")]
    pub json: bool,
}

/// The formats of `rafid parse`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ParseFormat {
    /// JSON Feed 1.1 with `_rafid`.
    Json,
}

/// The language of what people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum OutputLanguage {
    /// English.
    En,
    /// Arabic.
    Ar,
}

impl OutputLanguage {
    /// The same language for the library.
    pub(super) fn advice_language(self) -> AdviceLanguage {
        match self {
            Self::En => AdviceLanguage::English,
            Self::Ar => AdviceLanguage::Arabic,
        }
    }
}

/// A zone that dates can be in.
pub(super) fn parse_timezone(name: &str) -> Result<String, String> {
    let is_known = dates::parse_zone(name).is_some();
    let expected = "expected a zone such as Asia/Riyadh, or an offset such as +03:00";
    if is_known { Ok(name.to_owned()) } else { Err(expected.to_owned()) }
}
