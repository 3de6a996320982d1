//! The redirects of a source ↔ their part of a poll state's record.

use serde::{Deserialize, Serialize};

use super::{RecordError, instant_of};
use crate::model::{AdoptedRedirect, PollState};

#[derive(Serialize, Deserialize)]
pub(super) struct RedirectsV1<'a> {
    /// Belongs to the pending redirect.
    pub(super) same_feed: Option<bool>,
    #[serde(borrow)]
    adopted: Option<AdoptedRedirectV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct AdoptedRedirectV1<'a> {
    from: &'a str,
    to: &'a str,
    since_ms: i64,
    at_ms: i64,
}

impl<'a> RedirectsV1<'a> {
    pub(super) fn of(state: &'a PollState) -> Self {
        let adopted = state.address.adopted_redirect.as_ref().map(|adopted| AdoptedRedirectV1 {
            from: &adopted.from,
            to: &adopted.to,
            since_ms: adopted.since.as_millisecond(),
            at_ms: adopted.at.as_millisecond(),
        });
        Self {
            same_feed: state
                .address
                .pending_redirect
                .as_ref()
                .and_then(|pending| pending.same_feed),
            adopted,
        }
    }

    pub(super) fn into_adopted_redirect(self) -> Result<Option<AdoptedRedirect>, RecordError> {
        let adopted = self.adopted.map(|adopted| {
            Ok(AdoptedRedirect {
                from: adopted.from.to_owned(),
                to: adopted.to.to_owned(),
                since: instant_of(adopted.since_ms, "adopted")?,
                at: instant_of(adopted.at_ms, "adopted")?,
            })
        });
        adopted.transpose()
    }
}
