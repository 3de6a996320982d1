//! Dates in other languages, and words that only look like months → the day that they mean.

use super::*;

#[test]
fn the_press_of_other_languages() {
    for words in [
        "Dienstag, 24. März 2026",
        "Di., 24. Mär. 2026",
        "Di, 24 Mrz 2026",
        "terça-feira, 24 de março de 2026",
        "Ter, 24 Mar 2026",
        "martes, 24 de marzo de 2026",
        "mar., 24 mar. 2026",
        "martedì 24 marzo 2026",
        "mardi 24 mars 2026",
        "24 Mart 2026 Salı",
        "سه\u{200c}شنبه ۲۴ مارس ۲۰۲۶",
        // With the diacritics as separate characters.
        "24. Ma\u{308}rz 2026",
        "24 de marc\u{327}o de 2026",
    ] {
        check(words, "2026-03-24T00:00:00Z");
    }
    check("Qui, 01 Out 2026 10:30:00 -0300", "2026-10-01T13:30:00Z");
    check("1 Set 2026", "2026-09-01T00:00:00Z");
    check("1. Okt. 2026, 10:30 MESZ", "2026-10-01T08:30:00Z");
    check("31 Dez 2026 10:30 MEZ", "2026-12-31T09:30:00Z");
    check("5 ago. 2026", "2026-08-05T00:00:00Z");
    check("1 Mai 2026", "2026-05-01T00:00:00Z");
    check("23 KASIM 2026", "2026-11-23T00:00:00Z");
    check("5 HAZİRAN 2026 10:30", "2026-06-05T10:30:00Z");
    check("۲۳ نوامبر ۲۰۲۶", "2026-11-23T00:00:00Z");
    check("23 مهٔ 2026", "2026-05-23T00:00:00Z");
    check("23 de novembro de 2026 às 10h05", "2026-11-23T10:05:00Z");
    check("lundi 23 novembre 2026 à 18 h 30", "2026-11-23T18:30:00Z");
}

/// «mar.» is Tuesday to French, Spanish and Italian readers, «set» and «out» are English words.
#[test]
fn words_that_only_look_like_months_change_no_date() {
    for words in [
        "mar. 24 nov. 2026",
        "mar 24/11/2026",
        "mar, 2026-11-24",
        "24/11/2026 (mar.)",
        "24 nov. 2026, mar.",
        "Checked out 2026-11-24",
        "set 11/24/2026",
        "5 days ago (24/11/2026)",
        "5 days ago 2026-11-24",
    ] {
        check(words, "2026-11-24T00:00:00Z");
    }
    check("24 mar 2026 (24/03/2026)", "2026-03-24T00:00:00Z");
    check("24 mar 26 (24/03/2026)", "2026-03-24T00:00:00Z");
    check("24 out 2026, 25 nov 2026", "");
    check("5 days ago", "");
}
