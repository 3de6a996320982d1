//! Tables of queries: what they match, why, what is marked, and the mistakes in them.

use rafid_feed::model::{Entry, Identity, IdentityKind, Language, Person, PlainText, SafeHtml};

use super::*;
use crate::model::{Category, SourceId};

fn entry() -> Entry {
    let identity =
        Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
    let line = |text: &str| PlainText::from_trusted(text.to_owned());
    Entry {
        summary: Some(SafeHtml::from_trusted(
            "<p>تضم المكتبة عشرين ألف <b>كت</b>اب، نصفها للأطفال.</p>".to_owned(),
        )),
        content: Some(SafeHtml::from_trusted(
            "<p>رُمِّم البناء في سورية خلال عامين.</p><p>F1 &amp; GP2</p>".to_owned(),
        )),
        categories: vec![line("ثقـافة"), line("كتب وأدب")],
        authors: vec![Person { name: line("أحمد الزيتوني"), url: None }],
        link: Some("https://news.example/culture/2026/library".to_owned()),
        language: Language::parse("ar-SY"),
        ..Entry::titled(identity, line("افتتاح مكتبة عامة في حيّ «الزيتون»"))
    }
}

fn judged(query: &str) -> Option<Vec<MatchReason>> {
    let (entry, source) = (entry(), SourceId::new("bayan-1").unwrap());
    let category = Category::new("محليات").unwrap();
    let subject = SearchableEntry::new(
        &entry,
        &source,
        "صحيفة البيان",
        std::slice::from_ref(&category),
        None,
    );
    Query::parse(query)
        .unwrap_or_else(|error| panic!("{query}: {error}"))
        .match_with_reasons(&subject)
}

fn check(query: &str, expected: bool) {
    assert_eq!(judged(query).is_some(), expected, "{query}");
}

#[test]
fn words_match_in_every_spelling() {
    for query in
        ["مكتبة", "المكتبه", "وَمَكْتَبَة", "مــكتبة", "سوريا", "السورية", "كتاب", "الأطفال", "اطفال"]
    {
        check(query, true);
    }
    for query in ["مكتب", "مدرسة", "كت"] {
        check(query, false);
    }
}

#[test]
fn phrases_beginnings_letters_and_patterns() {
    check("\"مكتبة عامة\"", true);
    check("«عامه في حي»", true);
    check("\"عامة مكتبة\"", false);
    check("مكتب*", true);
    check("\"مكتبة عا*\"", true);
    check("=سورية", true);
    check("=سوريا", false);
    check("=\"حيّ «الزيتون»\"", true);
    check("/\\bf1\\b/", true);
    check("/f\\d$/", false);
    check("/culture\\/2026/", false);
    check("link:/culture\\/2026/", true);
}

#[test]
fn fields_by_either_name() {
    check("title:مكتبة", true);
    check("عنوان:أطفال", false);
    check("ملخص:أطفال", true);
    check("text:سوريا", true);
    check("category:ثقافة", true);
    check("تصنيف:محليات", true);
    check("category:\"كتب وادب\"", true);
    check("author:الزيتوني", true);
    check("source:bayan-1", true);
    check("source:البيان", true);
    check("source:other", false);
    check("language:ar", true);
    check("لغة:en", false);
    check("لغة:العربية", true);
    check("language:\"arabic\"", true);
    check("لغة:الإنجليزية", false);
    check("link:library", true);
    check("TITLE:مكتبة", true);
}

#[test]
fn breaking_news_is_a_field() {
    let source = SourceId::new("bayan-1").unwrap();
    let check = |title: &str, category: &str, query: &str, expected: [bool; 2]| {
        let line = |text: &str| PlainText::from_trusted(text.to_owned());
        let identity = entry().identity;
        let categories = vec![line(category)];
        let entry = Entry { categories, ..Entry::titled(identity, line(title)) };
        let query = Query::parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
        let subject = || SearchableEntry::new(&entry, &source, "", &[], None);
        let found = [query.matches(&subject()), query.matches(&subject().without_breaking())];
        assert_eq!(found, expected, "{title} {query}");
    };
    for yes in ["breaking:yes", "Breaking:TRUE", "عاجل:نعم", "-breaking:no", "NOT عاجل:لا"]
    {
        check("عاجل: زلزال", "", yes, [true, false]);
        check("زلزال", "Breaking news", yes, [true, false]);
        check("زلزال عاجل", "علوم", yes, [false, false]);
    }
    check("زلزال", "", "عاجل:لا", [true, true]);
    check("عاجل: زلزال", "", "زلزال breaking:no", [false, true]);
    // The label is among the categories, under one name.
    check("زلزال", "Breaking news", "category:عاجل", [true, false]);
    check("زلزال", "Breaking news", "category:news", [false, false]);
    check("عاجل: زلزال", "علوم", "category:عاجل category:علوم", [true, false]);
    // A headline that starts with the word and a colon is a headline.
    check("عاجل: زلزال", "", "عاجل: زلزال", [true, true]);
    check("Breaking: quake", "", "breaking: quake", [true, true]);
    check("عاجل", "", "عاجل:", [true, true]);
    let marks = highlight_matches("yes: زلزال", &Query::parse("breaking:yes زلزال").unwrap()).len();
    assert_eq!(marks, 2, "`yes` is no word that is looked for");
}

#[test]
fn a_period_limits_the_whole_search() {
    let check = |query: &str, expected: Option<SearchPeriod>| {
        let query = Query::parse(query).unwrap();
        assert_eq!(query.period(), expected, "{query}");
    };
    check("مكتبة within:week", Some(SearchPeriod::Week));
    check("خلال:أسبوع مكتبة", Some(SearchPeriod::Week));
    check("(مكتبة OR كتاب) within:\"day\"", Some(SearchPeriod::Day));
    check("within:month", Some(SearchPeriod::Month));
    check("within:this-week", Some(SearchPeriod::ThisWeek));
    check("خلال:\"هذا الأسبوع\"", Some(SearchPeriod::ThisWeek));
    check("خلال:اليوم", Some(SearchPeriod::Today));
    check("مكتبة", None);
    check("خلال: الأسبوع", None);
    assert!(judged("مكتبة within:week").is_some(), "it says nothing about words");
}

#[test]
fn terms_are_combined() {
    check("مكتبة أطفال", true);
    check("مكتبة مدرسة", false);
    check("مدرسة OR مكتبة", true);
    check("مدرسة أو جامعة", false);
    check("مدرسة | مكتبة", true);
    check("مكتبة -مدرسة", true);
    check("مكتبة NOT أطفال", false);
    check("-مدرسة", true);
    check("مكتبة (مدرسة OR أطفال)", true);
    check("مدرسة أطفال OR مكتبة AND عامة", true);
    check("-(مدرسة OR مكتبة)", false);
    check("مكتبة - عامة … *", true);
}

#[test]
fn operators_are_recognized_in_every_spelling() {
    for or in ["OR", "|", "||", "أو", "او", "أَوْ", "آو", "إو", "أـو", "ٲو", "\u{FE83}\u{FEED}"]
    {
        check(&format!("مدرسة {or} مكتبة"), true);
        check(&format!("مدرسة {or} جامعة"), false);
        check(&format!("(مدرسة {or} جامعة) مكتبة"), false);
        let error = Query::parse(&format!("مكتبة {or}")).unwrap_err();
        assert_eq!(error.mistake, QueryMistake::Missing(or.to_owned()), "{or}");
    }
    for glued in ["مدرسة|مكتبة", "مدرسة |مكتبة", "مدرسة OR(مكتبة)", "مدرسة او\"مكتبة\""]
    {
        check(glued, true);
    }
    for and in ["AND", "&", "و", "وَ", "ـو"] {
        check(&format!("مكتبة {and} أطفال"), true);
        check(&format!("مكتبة {and} مدرسة"), false);
    }
    check("مكتبة NOT(أطفال)", false);
    // Words, not operators: Latin ones in small letters, and any that are quoted or marked.
    for word in ["or", "not", "\"أو\"", "=او", "او*", "title:أو"] {
        check(&format!("مدرسة {word} مكتبة"), false);
    }
}

#[test]
fn reasons_name_the_terms_and_where_they_match() {
    let reasons_for = |query: &str| -> Vec<(String, QueryField)> {
        judged(query).unwrap().into_iter().map(|reason| (reason.term, reason.field)).collect()
    };
    let expected = [
        ("مكتبه", QueryField::Title),
        ("\"ألف كتاب\"", QueryField::Summary),
        ("text:سوريا", QueryField::Text),
    ];
    let expected = expected.map(|(term, field)| (term.to_owned(), field));
    assert_eq!(reasons_for("مكتبه \"ألف كتاب\" (text:سوريا OR جامعة) -مدرسة"), expected);
    assert_eq!(reasons_for("-مدرسة"), []);
}

#[test]
fn matches_are_marked_in_their_own_spelling() {
    let check = |text: &str, query: &str, expected: &[&str]| {
        let query = Query::parse(query).unwrap();
        let pieces = highlight_matches(text, &query);
        let found: Vec<&str> =
            pieces.iter().filter(|piece| piece.is_found).map(|piece| piece.text).collect();
        assert_eq!(found, expected, "{text}");
        assert_eq!(pieces.iter().map(|piece| piece.text).collect::<String>(), text);
    };
    check("في المَكتبة، ومكتبتان", "مكتبة", &["المَكتبة"]);
    check("في المكتبة ومكتبتان", "مكتب*", &["المكتبة", "ومكتبتان"]);
    check("سورية والسوريون", "سوريا", &["سورية"]);
    check("مكتبة عامة", "\"مكتبة عامة\" -عامة", &["مكتبة", "عامة"]);
    check("F1 و f1", "/f1/", &["F1", "f1"]);
    check("كتاب", "=تا", &["تا"]);
    check("aba", "/a/ /ab/", &["ab", "a"]);
    check("x", "/y*/", &[]);
}

#[test]
fn words_match_in_other_forms_where_wanted() {
    let (entry, source) = (entry(), SourceId::new("bayan-1").unwrap());
    let subject = SearchableEntry::new(&entry, &source, "", &[], None);
    let check = |query: &str, expected: bool| {
        let query = Query::parse(query).unwrap();
        assert!(!query.matches(&subject), "{query}: not in this form");
        assert_eq!(query.clone().with_forms().matches(&subject), expected, "{query}");
    };
    check("طفل", true);
    check("title:زيتوني", true);
    check("مكتبات", true);
    check("للمباني أو مكتبات", true);
    check("حي ثلاثمئة", false);
    for fixed in ["\"طفل\"", "=طفل", "طفل*", "author:زيتون", "/طفل/", "category:كتاب"]
    {
        check(fixed, false);
    }
    let excluded = Query::parse("مكتبة -طفل").unwrap().with_forms();
    assert!(excluded.matches(&subject), "only what is named is excluded");
}

#[test]
fn other_forms_are_marked_as_they_are_written() {
    let check = |text: &str, query: &str, expected: &[&str]| {
        let query = Query::parse(query).unwrap().with_forms();
        let pieces = highlight_matches(text, &query).into_iter();
        let found: Vec<&str> = pieces.filter(|it| it.is_found).map(|it| it.text).collect();
        assert_eq!(found, expected, "{text}");
    };
    check("بكتابهم والكُتُب، مكتبة", "كتاب", &["بكتابهم", "والكُتُب"]);
    check("كتابه لا الكتابة", "كتاب", &["كتابه"]);
    check("في نيو يورك ونيويورك", "نيويورك", &["نيو", "يورك", "ونيويورك"]);
    check("حساب تيكتوك", "تيك توك", &["تيكتوك"]);
}

#[test]
fn excerpts_start_near_the_first_match() {
    let text = format!("{} مكتبة جديدة {}", "كلمة ".repeat(30).trim(), "أخرى ".repeat(30).trim());
    let query = Query::parse("مكتبه").unwrap();
    let shown = excerpt(&text, &query, 80);
    assert!(
        shown.starts_with("… كلمة") && shown.contains("مكتبة جديدة") && shown.ends_with(" …"),
        "{shown}"
    );
    assert!(shown.chars().count() <= 84);
    assert_eq!(excerpt("نص قصير", &query, 80), "نص قصير");
}

#[test]
fn mistakes_have_a_position() {
    let check = |query: &str, expected: &str| {
        assert_eq!(Query::parse(query).unwrap_err().to_string(), expected, "{query}");
    };
    check("", "at character 1: nothing is looked for: expected a word");
    check("مكتبة \"عامة", "at character 7: '\"' is never closed");
    check("(مكتبة", "at character 1: '(' is never closed");
    check("مكتبة)", "at character 6: ')' closes nothing");
    check("مكتبة OR", "at character 9: a word is expected behind \"OR\"");
    check("مكتبة NOT", "at character 10: a word is expected behind \"NOT\"");
    check("title:", "at character 7: a word is expected behind \"title:\"");
    let expected =
        "at character 10: \"often\" is neither yes nor no: expected `yes`, `no`, `نعم` or `لا`";
    check("breaking:often", expected);
    let expected = "at character 8: \"decade\" is no period: expected `today`, `day`, `this-week`, `week`, `month` or `year`";
    check("within:decade", expected);
    check("***", "at character 4: nothing is looked for: expected a word");
    check(
        "\"…\"",
        "at character 1: \"…\" holds nothing that can be looked for: expected a letter or a digit",
    );
    check("/a", "at character 1: '/' is never closed");
    check("/(/", "at character 1: the regular expression is wrong: unclosed group");
    check(&"ا ".repeat(101), "at character 201: the query is too long: expected at most 100 words");
    check(
        &"ا".repeat(1_001),
        "at character 1: the query is too long: expected at most 1000 characters",
    );
    check(
        &"/a/ ".repeat(9),
        "at character 33: the query is too long: expected at most 8 regular expressions",
    );
    check(
        &"(".repeat(20),
        "at character 18: the query is too long: expected at most 16 parentheses within one another",
    );
}

#[test]
fn matching_stops_when_it_may_not_go_on() {
    let (entry, source) = (entry(), SourceId::new("one").unwrap());
    let subject = SearchableEntry::new(&entry, &source, "", &[], None);
    let check = |words: &str, terms: u32, expected: Option<bool>| {
        let left = std::cell::Cell::new(terms);
        let may_go_on = || left.replace(left.get().saturating_sub(1)) > 0;
        let query = Query::parse(words).unwrap();
        assert_eq!(query.matches_while(&subject, &may_go_on), expected, "{words} for {terms}");
    };
    check("مكتبة أطفال", 2, Some(true));
    check("مكتبة أطفال", 1, None);
    check("مدرسة أطفال", 1, Some(false));
    check("مكتبة OR أطفال", 1, Some(true));
    check("-مكتبة", 0, None);
}

#[test]
fn every_field_has_its_names() {
    for (field, names) in FIELDS {
        for name in names {
            assert_eq!(QueryField::from_name(name), Some(field), "{name}");
        }
        assert_eq!(field.as_str(), names[0]);
    }
    assert_eq!(QueryField::from_name("http"), None);
}

proptest::proptest! {
    #[test]
    fn nothing_panics(query in "([a-zا-ي]{0,4}|[\"«»()/=*:|\\- ]|title:|breaking:|OR |NOT |أو ){0,20}", text in "\\PC{0,40}") {
        if let Ok(query) = Query::parse(&query) {
            let joined: String = highlight_matches(&text, &query).iter().map(|piece| piece.text).collect();
            proptest::prop_assert_eq!(joined, text.clone());
            let _ = excerpt(&text, &query, 10);
        }
    }
}
