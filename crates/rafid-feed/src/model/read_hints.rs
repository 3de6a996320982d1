//! What is known about a document apart from its bytes.

use jiff::Timestamp;

use super::category_settings::CategorySettings;
use super::clock_setting::ClockSetting;
use super::date_order::DateOrder;
use super::page_selectors::PageSelectors;
use super::text::Language;

/// The operator's settings for reading a source, and what was learned from its earlier documents.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadHints<'a> {
    /// The name that the source is shown by.
    pub name: Option<&'a str>,
    /// The settings for its categories and its «عاجل».
    pub labels: Option<&'a CategorySettings>,
    /// The charset, against any other evidence.
    pub charset: Option<&'a str>,
    /// The language of entries that do not state one.
    pub language: Option<&'a Language>,
    /// The zone of dates without one.
    pub timezone: Option<&'a str>,
    /// The setting for the publisher's clock.
    pub clock: ClockSetting,
    /// The selectors of the entries, if the document is a page and not a feed.
    pub page: Option<&'a PageSelectors>,
    /// The order of day and month that earlier documents of the source showed.
    pub date_order: Option<DateOrder>,
    /// When the document was read; `None`: relative dates («منذ ساعتين») are not read.
    pub read_at: Option<Timestamp>,
}
