//! The reason why a client does not get what it requested → HTTP status and one line of text for programs;
//! `render` makes the page for people.

/// Why a request is not fulfilled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// Nothing has this address (404).
    NotFound,
    /// What had this address was deleted (410).
    Gone,
    /// The request is malformed (400).
    BadRequest,
    /// The site is for its users, and the request has no credentials of one (401).
    Unauthorized,
    /// The method would change something, and this server is read-only (405).
    MethodNotAllowed,
    /// A precondition of the request failed: the resource has changed (412).
    Changed,
    /// The head of the request is too large (431).
    HeadTooLarge,
    /// The resource cannot be rendered now (503).
    NotReady,
    /// Too many searches are waiting, or this one took too long (503).
    SearchBusy,
    /// The search index cannot be read (503).
    SearchFailing,
    /// Too many credentials wait to be checked (503).
    LoginBusy,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::NotFound,
        Self::Gone,
        Self::BadRequest,
        Self::MethodNotAllowed,
        Self::Changed,
        Self::HeadTooLarge,
        Self::NotReady,
        Self::SearchBusy,
        Self::SearchFailing,
        Self::Unauthorized,
        Self::LoginBusy,
    ];

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Gone => 410,
            Self::BadRequest => 400,
            Self::Unauthorized => 401,
            Self::MethodNotAllowed => 405,
            Self::Changed => 412,
            Self::HeadTooLarge => 431,
            Self::NotReady | Self::SearchBusy | Self::SearchFailing | Self::LoginBusy => 503,
        }
    }

    /// The response body for programs: one line with a line break. Feed readers display the notices about
    /// searches, so these are in Arabic.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotFound => "there is nothing at this address\n",
            Self::Gone => "this page of the archive was deleted with all of its entries\n",
            Self::BadRequest => "expected one sound Host\n",
            Self::MethodNotAllowed => "GET or HEAD only\n",
            Self::Unauthorized => "a user name and a password are needed\n",
            Self::Changed => "it has changed\n",
            Self::HeadTooLarge => "the head of the request is larger than 32 KiB\n",
            Self::NotReady => "not ready yet\n",
            Self::LoginBusy => "too many others log in now\n",
            Self::SearchBusy => {
                "تعذّر البحث. عمليات البحث كثيرة الآن، فلم يأتِ دور هذه. أعد المحاولة بعد قليل.\n"
            }
            Self::SearchFailing => {
                "تعذّر البحث. فهرس البحث لا يُقرأ الآن، ويُعاد بناؤه من الأخبار المحفوظة متى أمكن. لم يضع شيء من الأخبار، \
                 وما عدا البحث يعمل.\n"
            }
        }
    }
}
