//! Bare texts, copied from a page.

use super::*;

#[test]
fn a_page_as_text() {
    let ticker = OTHERS.concat().repeat(2);
    let text = format!(
        "{ticker}\n\n{TITLE}\n\n{}\n\nالمصدر: وكالة الزيتون\n\nاترك تعليقاً\n\nلن يتم نشر عنوان بريدك \
         الإلكتروني. الحقول الإلزامية مشار إليها بـ *\n\nزر الذهاب إلى الأعلى",
        BODY.join("\n")
    );
    let article = check("copied", &text, &BODY);
    assert_eq!(article.evidence, ArticleEvidence::Lines);
    assert_eq!(article.attributions[0].name, "وكالة الزيتون");
    assert_eq!(article.removed[0].reason, "ticker");
}

#[test]
fn a_text_with_little_around() {
    let plain = format!("{TITLE}\n{}", BODY.join("\n"));
    check("plain", &plain, &BODY);
    let dated = format!("ثقافة\n{TITLE}\n25 نوفمبر 2026\n{}\nالمصدر:\nوكالات", BODY.join("\n"));
    let article = check("dated", &dated, &BODY);
    assert_eq!(article.attributions[0].name, "وكالات");
}

#[test]
fn a_text_without_a_title() {
    let article = taken(&BODY.join("\n"));
    assert_eq!((article.title.as_deref(), texts(&article)), (None, BODY.to_vec()));
    let endless = "كلمة ".repeat(200);
    assert_eq!(texts(&taken(&endless)), [endless.trim()], "nothing else is there");
    let short = taken("خبر قصير");
    assert_eq!((short.title.as_deref(), texts(&short)), (None, vec!["خبر قصير"]));
}
