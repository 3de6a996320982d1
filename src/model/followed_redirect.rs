//! `FollowedRedirect`: one step on the way from a requested address to the one that answers.

use url::Url;

/// A redirect that was followed; its addresses have no user-info.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FollowedRedirect {
    /// 301, 302, 303, 307 or 308.
    pub status: u16,
    /// The address that redirects.
    pub from: Url,
    /// The address that it redirects to.
    pub to: Url,
}
