//! A mistake in a query → a message for a reader, in Arabic.

use super::QueryMistake;

impl QueryMistake {
    /// The mistake in Arabic, without a full stop.
    pub fn in_arabic(&self) -> String {
        match self {
            Self::Empty => "لا شيء يُبحث عنه، والمنتظر كلمة".to_owned(),
            Self::Open(mark) => format!("العلامة {mark} فُتحت ولم تُغلق"),
            Self::Closed(mark) => format!("العلامة {mark} تُغلق ما لم يُفتح"),
            Self::Missing(operator) => format!("تنقص كلمة بعد «{operator}»"),
            Self::NoLetters(word) => format!("ليس في «{word}» حرف ولا رقم يُبحث عنه"),
            Self::NoTruth(word) => format!("«{word}» ليست «نعم» ولا «لا»"),
            Self::NoPeriod(word) => {
                format!("«{word}» ليست مدة، والمدد: اليوم ويوم والأسبوع وأسبوع وشهر وسنة")
            }
            Self::Pattern(reason) => format!("التعبير النمطي خاطئ ({reason})"),
            Self::TooLong { most, .. } => format!("عبارة البحث أطول مما يُقرأ (الحد {most})"),
        }
    }
}
