//! Pairs of words by group → how many meet, with a floor for each group, and pairs of different words that must not.

use super::*;

/// Groups of words; each word of a list must be found by each other one.
const SAME: &[(&str, usize, &[&str])] = &[
    (
        "prefixes of one letter",
        95,
        &[
            "مدينة بمدينة لمدينة كمدينة فمدينة",
            "مصر بمصر لمصر ومصر",
            "بغداد ببغداد لبغداد",
            "رئيس لرئيس برئيس كرئيس",
            "إيران بإيران لإيران وإيران",
            "كأس بكأس لكأس وكأس",
            "ألمانيا بألمانيا لألمانيا",
            "لبنان بلبنان للبنان ولبنان",
            "عمل بعمل كعمل لعمل",
            "وزير لوزير بوزير",
        ],
    ),
    (
        "pronouns",
        95,
        &[
            "بيت بيته بيتها بيتهم بيتنا",
            "فريق فريقه فريقها فريقهم",
            "مدير مديره مديرها",
            "سياسة سياسته سياستها سياستنا",
            "مدينة مدينته مدينتهم",
            "قرار قراره قرارها قرارهم",
            "والد والدها والدهم",
        ],
    ),
    (
        "plurals and duals by an ending",
        90,
        &[
            "مهندس مهندسون مهندسين",
            "صحفي صحفيون صحفيين",
            "سيارة سيارات",
            "اجتماع اجتماعات",
            "مسلح مسلحون مسلحين",
            "شركة شركتان شركتين شركات",
            "ملف ملفان ملفين ملفات",
            "قناة قنوات",
            "مباراة مباريات مباراتين",
            "مستشفى مستشفيات",
        ],
    ),
    (
        "nisba",
        80,
        &[
            "لبنان لبناني لبنانية اللبنانيين",
            "سوريا سوري السوريين سورية",
            "فرنسا فرنسي فرنسية",
            "عراق عراقي عراقية العراقيون",
            "اقتصاد اقتصادي اقتصادية",
            "سياسة سياسي",
            "جنوب جنوبي جنوبية",
        ],
    ),
    (
        "broken plurals",
        90,
        &[
            "سفير سفراء",
            "مدينة مدن",
            "قانون قوانين",
            "طفل أطفال",
            "شهر أشهر شهور",
            "مدرسة مدارس",
            "جريح جرحى",
            "سوق أسواق",
            "قرية قرى",
            "مشروع مشاريع",
        ],
    ),
    (
        "foreign names and loan words",
        90,
        &[
            "ترامب ترمب",
            "ماكرون مكرون",
            "نيويورك نيو_يورك",
            "إنجلترا إنكلترا",
            "إنستغرام إنستجرام انستقرام",
            "يوتيوب يوتوب",
            "أردوغان أردوجان",
            "فيسبوك فيس_بوك",
            "تلفزيون تليفزيون",
            "هامبورغ هامبورج",
            "الكونغرس الكونجرس",
            "إسطنبول اسطمبول",
            "ميليشيا مليشيا",
            "تشيلسي شيلسي",
        ],
    ),
    (
        "numbers, compounds, Arabic words of two spellings",
        90,
        &[
            "ثلاثمئة ثلاثمائة",
            "مئة مائة",
            "عبدالله عبد_الله",
            "عبدالعزيز عبد_العزيز",
            "أبوظبي أبو_ظبي",
            "داود داوود",
            "إسماعيل إسمعيل",
        ],
    ),
    ("the accusative", 100, &["كتاب كتابا", "مشروع مشروعا", "قرار قرارا"]),
];

/// Words that are not one another, though letters are shared.
const APART: &[(&str, &str)] = &[
    ("لبنان", "لبن"),
    ("جامعة", "جامع"),
    ("سودان", "سود"),
    ("مدرسة", "مدرس"),
    ("حربة", "حرب"),
    ("عمان", "عم"),
    ("بحرين", "بحر"),
    ("حسين", "حس"),
    ("زيتون", "زيت"),
    ("كتابة", "كتاب"),
    ("شرطة", "شرط"),
    ("فنان", "فن"),
    ("وزير", "زير"),
    ("ورود", "رود"),
    ("وصول", "صول"),
    ("كلام", "لام"),
    ("كمال", "مال"),
    ("بحار", "حار"),
    ("لسان", "سان"),
    ("التهاب", "تهاب"),
    ("ألباني", "باني"),
    ("كاتب", "مكتب"),
    ("عالم", "علم"),
    ("قطر", "قطار"),
    ("سلام", "سلم"),
    ("مصر", "مصير"),
    ("يمن", "يمين"),
    ("حمل", "جمل"),
    ("صورة", "سورة"),
    ("فرنسا", "رنسا"),
    ("بيروت", "يروت"),
    ("فيروس", "يروس"),
    ("كندا", "ندا"),
    ("ليبيا", "يبيا"),
    ("شعبان", "شعب"),
    ("رمضان", "رمض"),
    ("كانون", "كان"),
    ("سلطان", "سلط"),
    ("إنسان", "إنس"),
    ("فلسطين", "فلسط"),
    ("مليون", "ملي"),
    ("عنوان", "عنو"),
    ("مساهم", "مساء"),
    ("مكتبات", "مكتب"),
    ("شعراء", "شعر"),
    ("فرعون", "فرع"),
    ("نسرين", "نسر"),
    ("عدنان", "عدن"),
    ("سلمان", "سلم"),
    ("كريم", "ريم"),
];

/// Whether a search for `sought` finds a text that consists of `written`.
fn finds(sought: &str, written: &str) -> bool {
    let text = format!(" {} ", stems_of(written).unwrap());
    let mut haa = String::new();
    visit_words_with_haa(written, |stem| haa.push_str(std::str::from_utf8(stem).unwrap()));
    let has = |form: &WordForm| match form.ending() {
        FormEnding::Folded => text.contains(&format!(" {} ", form.stems)),
        FormEnding::WrittenHaa => haa == form.stems,
    };
    let words: Vec<&str> = sought.split(' ').collect();
    (0..words.len()).all(|at| {
        let own = WordForm::new(stems_of(words[at]).unwrap(), FormEnding::Folded);
        let joined = words.windows(2).filter_map(|pair| joined_form(pair[0], pair[1]));
        has(&own)
            || forms_of_word(words[at]).iter().any(has)
            || joined.into_iter().any(|it| has(&it))
    })
}

/// The ordered pairs of lists of words, and those of them that do not meet.
fn missed_pairs(lists: &[&str]) -> (usize, Vec<String>) {
    let (mut pairs, mut missed) = (0, Vec::new());
    for list in lists {
        let words: Vec<String> = list.split(' ').map(|word| word.replace('_', " ")).collect();
        for written in &words {
            for sought in words.iter().filter(|sought| *sought != written) {
                pairs += 1;
                if !finds(sought, written) {
                    missed.push(format!("{sought}←{written}"));
                }
            }
        }
    }
    (pairs, missed)
}

#[test]
fn each_group_of_forms_meets() {
    let mut all = 0;
    for (group, floor, lists) in SAME {
        let (pairs, missed) = missed_pairs(lists);
        all += pairs;
        let met = (pairs - missed.len()) * 100;
        assert!(met >= floor * pairs, "{group}: {} of {pairs} missed: {missed:?}", missed.len());
    }
    assert!(all > 200, "{all} pairs");
}

#[test]
fn different_words_stay_apart() {
    let meet: Vec<_> =
        APART.iter().filter(|(one, other)| finds(one, other) || finds(other, one)).collect();
    assert!(meet.len() * 20 <= APART.len(), "of {} pairs meet {meet:?}", APART.len());
}

#[test]
fn forms_have_the_letters_that_they_are_written_with() {
    assert!(finds("كتاب", "كتابه") && !finds("كتاب", "كتابة"));
    assert!(finds("كتابه", "كتاب") && !finds("كتابة", "كتاب"));
    assert!(finds("كتاب", "كِتَابُهُ"), "with vowels");
    let mut found = 0;
    visit_words_with_haa("كتابه، وهو بيتهم. مكتبة، فيه: شوارعه", |_| found += 1);
    assert_eq!(found, 2, "short words have no forms");
}

#[test]
fn function_words_numbers_and_other_scripts_have_no_forms() {
    for word in ["في", "هذا", "2026", "library", "", "…", "كتاب جديد", "كوفيد19"]
    {
        assert!(forms_of_word(word).is_empty(), "{word}");
    }
    assert_eq!(joined_form("من", "كتاب"), None);
    assert_eq!(joined_form("iphone", "كتاب"), None);
    assert!(!forms_of_word("كتاب").iter().any(|form| form.as_bytes() == "كتاب".as_bytes()));
    assert_eq!(format!("{:?}", joined_form("تيك", "توك").unwrap()), "WordForm(12 bytes, Folded)");
}

proptest::proptest! {
    #[test]
    fn any_word_has_few_forms(word in "[ء-ي]{0,14}") {
        let forms = forms_of_word(&word);
        proptest::prop_assert!(forms.len() < 800, "{} forms", forms.len());
    }
}
