//! Words of the Arabic press, for documents and entries that are made for measuring.

/// Each measurement takes as many of them as it always did, so that its figures stay comparable.
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
