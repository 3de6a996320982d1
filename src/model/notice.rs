//! What a client gets instead of what it asked for: a short notice, as text for programs; `feed::render` makes
//! the page for people of it.

/// Why there is something else than what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Notice {
    /// Nothing has this address (404).
    NotFound,
    /// The request is malformed (400).
    BadRequest,
    /// The method changes something, and nothing can be changed here (405).
    MethodNotAllowed,
    /// The client wants it only as it was, and it has changed (412).
    Changed,
    /// The head of the request is too large (431).
    HeadTooLarge,
    /// It cannot be made now (503).
    NotReady,
    /// Too many searches wait, or this one took too long (503).
    SearchBusy,
    /// The search index cannot be read (503).
    SearchFailing,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::NotFound,
        Self::BadRequest,
        Self::MethodNotAllowed,
        Self::Changed,
        Self::HeadTooLarge,
        Self::NotReady,
        Self::SearchBusy,
        Self::SearchFailing,
    ];

    /// Its status in HTTP.
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::BadRequest => 400,
            Self::MethodNotAllowed => 405,
            Self::Changed => 412,
            Self::HeadTooLarge => 431,
            Self::NotReady | Self::SearchBusy | Self::SearchFailing => 503,
        }
    }

    /// What programs get: one line that ends. Readers show what a search says in their list of feeds, so that
    /// those are Arabic.
    pub fn text(self) -> &'static str {
        match self {
            Self::NotFound => "there is nothing at this address\n",
            Self::BadRequest => "expected one sound Host\n",
            Self::MethodNotAllowed => "GET or HEAD only\n",
            Self::Changed => "it has changed\n",
            Self::HeadTooLarge => "the head of the request is larger than 32 KiB\n",
            Self::NotReady => "not ready yet\n",
            Self::SearchBusy => {
                "تعذّر البحث. عمليات البحث كثيرة الآن، فلم يأتِ دور هذه. أعد المحاولة بعد قليل.\n"
            }
            Self::SearchFailing => {
                "تعذّر البحث. فهرس البحث لا يُقرأ الآن، ويُعاد بناؤه من المحفوظ متى أمكن. لم يضع شيء من الأخبار، \
                 وما عدا البحث يعمل.\n"
            }
        }
    }
}
