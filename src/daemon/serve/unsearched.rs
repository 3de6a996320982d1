//! A search that was not answered → 503 with the reason in Arabic, as a page or as plain text.

use axum::body::Body;
use http::Response;

use super::answer::{HTML, TEXT, not_now};
use super::route::SearchForm;

/// Why a search was not answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    /// Too many wait, or it took too long.
    Busy,
    /// The index cannot be read.
    Failing,
}

impl Why {
    fn in_arabic(self) -> &'static str {
        match self {
            Self::Busy => "عمليات البحث كثيرة الآن، فلم يأتِ دور هذه. أعد المحاولة بعد قليل.",
            Self::Failing => {
                "فهرس البحث لا يُقرأ الآن، ويُعاد بناؤه من المحفوظ متى أمكن. لم يضع شيء من الأخبار، \
                 وما عدا البحث يعمل."
            }
        }
    }
}

const PAGE: &str = include_str!("../../../templates/unsearched.html");
/// Where the reason stands in the page.
const REASON: &str = "<!-- reason -->";

/// The answer in the form that was asked for: a page for people, else text.
pub(super) fn response(form: &SearchForm, why: Why) -> Response<Body> {
    match form {
        SearchForm::Page { .. } => not_now(HTML, PAGE.replace(REASON, why.in_arabic())),
        SearchForm::Feed(_) | SearchForm::Json { .. } => {
            not_now(TEXT, format!("تعذّر البحث. {}\n", why.in_arabic()))
        }
    }
}

#[cfg(test)]
mod tests {
    use http::StatusCode;
    use http::header::{CONTENT_TYPE, RETRY_AFTER};

    use super::*;
    use crate::daemon::serve::OutputFormat;
    use crate::feed::query::Order;

    #[test]
    fn the_reason_is_told_in_the_form_that_was_asked_for() {
        let page = SearchForm::Page { order: Order::Newest, before: None };
        for (form, media_type) in [(page, HTML), (SearchForm::Feed(OutputFormat::Atom), TEXT)] {
            let response = response(&form, Why::Failing);
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert_eq!(response.headers()[CONTENT_TYPE], media_type);
            assert!(response.headers().contains_key(RETRY_AFTER));
        }
        assert_eq!(PAGE.matches(REASON).count(), 1);
        assert_ne!(Why::Busy.in_arabic(), Why::Failing.in_arabic());
    }
}
