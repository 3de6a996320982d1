//! What is known of a document beside its bytes.

use jiff::Timestamp;

use super::category_settings::CategorySettings;
use super::clock_setting::ClockSetting;
use super::date_order::DateOrder;
use super::page_selectors::PageSelectors;
use super::text::Language;

/// What the operator says about a source, as far as reading it goes, and what was learnt of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReadHints<'a> {
    /// The name that it is shown by.
    pub name: Option<&'a str>,
    /// What its categories and its «عاجل» are worth.
    pub labels: Option<&'a CategorySettings>,
    /// The charset, whatever anybody says.
    pub charset: Option<&'a str>,
    /// The language of entries that do not say.
    pub language: Option<&'a Language>,
    /// The zone of dates without one.
    pub timezone: Option<&'a str>,
    /// What is wrong with the publisher's clock.
    pub clock: ClockSetting,
    /// Where entries stand, if the document is a page and no feed.
    pub page: Option<&'a PageSelectors>,
    /// The order of day and month that earlier documents of the source told.
    pub date_order: Option<DateOrder>,
    /// When the document was read; `None`: dates told from then («منذ ساعتين») are not read.
    pub read_at: Option<Timestamp>,
}
