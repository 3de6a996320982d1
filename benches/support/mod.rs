//! Words of the Arabic press, for synthetic documents and entries.

/// Each benchmark uses a fixed number of them, so that its figures stay comparable.
pub const WORDS: [&str; 24] = [
    "أعلنت",
    "الوزارة",
    "اليوم",
    "عن",
    "خطة",
    "جديدة",
    "لتطوير",
    "الميناء",
    "في",
    "المدينة",
    "بعد",
    "اجتماع",
    "مجلس",
    "الإدارة",
    "مساء",
    "الأحد",
    "وقال",
    "المتحدث",
    "إن",
    "العمل",
    "يبدأ",
    "قبل",
    "نهاية",
    "العام",
];
