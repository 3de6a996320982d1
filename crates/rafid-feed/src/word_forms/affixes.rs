//! A word → the words that it may be a form of; a word → its regular forms: behind a preposition, with a pronoun, dual and
//! plural by an ending, the adjective («مصري» of «مصر») and back, the accusative («كتابا»). All words are folded.

use super::{FormEnding, MIN_STEM_LETTERS, TABLES, WordForm};
use crate::arabic::{has_letters, stem_of_word};

/// Prepositions and the conjunction of one letter. «و» and the article are taken off where a text is split into tokens.
const PREFIXES: [&str; 4] = ["ب", "ل", "ك", "ف"];
/// Pronouns behind a noun, except ه alone; longer ones first.
const PRONOUNS: [&str; 5] = ["هما", "ها", "هم", "نا", "كم"];
/// Endings of the dual and of the sound plural.
const NUMBERS: [&str; 4] = ["ين", "ون", "ان", "ات"];

/// A word without an ending, if enough of it is left and the ending is not part of the word.
fn strip_ending<'w>(word: &'w str, ending: &str) -> Option<&'w str> {
    let rest = word.strip_suffix(ending)?;
    (has_letters(rest, MIN_STEM_LETTERS) && !TABLES.has_own_ending(word)).then_some(rest)
}

/// These words, and those that they may be forms of.
pub(super) fn bases_of(words: &[String], ending: FormEnding) -> Vec<String> {
    let mut bases = words.to_vec();
    // Two letters at most: «فب».
    for _ in 0..2 {
        let bare: Vec<String> = bases.iter().filter_map(|word| strip_prefix(word)).collect();
        add_new(&mut bases, bare);
    }
    let owned: Vec<String> = bases.iter().flat_map(|word| without_pronoun(word, ending)).collect();
    let numbers: Vec<String> = bases.iter().flat_map(|word| without_number(word)).collect();
    let cases: Vec<String> =
        bases.iter().filter_map(|word| strip_ending(word, "ا")).map(ToOwned::to_owned).collect();
    add_new(&mut bases, numbers);
    add_new(&mut bases, cases);
    let places: Vec<String> = bases.iter().flat_map(|word| without_nisba(word)).collect();
    add_new(&mut bases, places);
    add_new(&mut bases, owned);
    bases
}

fn add_new(words: &mut Vec<String>, more: Vec<String>) {
    for word in more {
        if !words.contains(&word) {
            words.push(word);
        }
    }
}

fn strip_prefix(word: &str) -> Option<String> {
    let rest = PREFIXES.iter().find_map(|prefix| word.strip_prefix(prefix))?;
    (has_letters(rest, MIN_STEM_LETTERS) && !TABLES.has_own_beginning(word))
        .then(|| rest.to_owned())
}

/// «كتاب» of «كتابهم»; «حكومة» of «حكومتها».
fn without_pronoun(word: &str, ending: FormEnding) -> Vec<String> {
    let haa = (ending == FormEnding::WrittenHaa || word.ends_with("ته")).then_some("ه");
    let pronouns = PRONOUNS.iter().copied().chain(haa);
    let Some(rest) = pronouns.into_iter().find_map(|it| strip_ending(word, it)) else {
        return Vec::new();
    };
    with_feminine(rest)
}

/// A rest, and where it ends in ت, the feminine noun that it may stand for.
fn with_feminine(rest: &str) -> Vec<String> {
    let feminine = rest.strip_suffix('ت').map(|stem| format!("{stem}ه"));
    std::iter::once(rest.to_owned()).chain(feminine).collect()
}

/// «لاعب» of «لاعبين»; «مباراة» of «مباراتان» and «مباريات»; «قناة» of «قنوات».
fn without_number(word: &str) -> Vec<String> {
    let Some((ending, rest)) = NUMBERS.iter().find_map(|it| Some((*it, strip_ending(word, it)?)))
    else {
        return Vec::new();
    };
    if ending != "ات" {
        return with_feminine(rest);
    }
    let mut found = vec![format!("{rest}ه"), format!("{rest}ا")];
    let weak = rest.strip_suffix('ي').or_else(|| rest.strip_suffix('و'));
    found.extend(weak.map(|stem| format!("{stem}اه")));
    // A noun with a broken plural has hardly another one: «مكتبات» are no «مكتب».
    if !TABLES.has_broken_plural(rest) {
        found.push(rest.to_owned());
    }
    found
}

/// «مصر» of «مصري» and «مصرية»; «سياسة», «فرنسا», «سوريا» of the words that they end in.
fn without_nisba(word: &str) -> Vec<String> {
    let feminine = strip_ending(word, "يه");
    let Some(rest) = feminine.or_else(|| strip_ending(word, "ي")) else { return Vec::new() };
    let mut found =
        vec![rest.to_owned(), format!("{rest}ا"), format!("{rest}ه"), format!("{rest}يا")];
    found.extend(feminine.map(|rest| format!("{rest}ي")));
    found
}

/// The regular forms of a word.
pub(super) fn regular_forms(word: &str) -> Vec<WordForm> {
    let mut forms = FormList { forms: Vec::new() };
    if !has_letters(word, MIN_STEM_LETTERS) {
        return forms.forms;
    }
    for prefix in PREFIXES {
        if let Some(form) = behind_prefix(prefix, word) {
            forms.push(&form, FormEnding::Folded);
        }
    }
    add_pronouns(word, &mut forms);
    add_numbers(word, &mut forms);
    add_nisba(word, &mut forms);
    if !word.ends_with(['ا', 'ه']) {
        forms.push_with_ending(word, "ا");
    }
    forms.forms
}

struct FormList {
    forms: Vec<WordForm>,
}

impl FormList {
    /// Adds a word as a text would be split: without an article that it seems to begin with. It is folded, as its parts are.
    fn push(&mut self, form: &str, ending: FormEnding) {
        self.forms.push(WordForm::new(stem_of_word(form).to_owned(), ending));
    }

    fn push_with_ending(&mut self, word: &str, ending: &str) {
        let form = [word, ending].concat();
        if !TABLES.has_own_ending(&form) {
            self.push(&form, FormEnding::Folded);
        }
    }
}

/// A word behind a preposition; `None`: together they look like another word.
fn behind_prefix(prefix: &str, word: &str) -> Option<String> {
    let form = [prefix, word].concat();
    (!TABLES.has_own_beginning(&form)).then_some(form)
}

fn add_pronouns(word: &str, forms: &mut FormList) {
    let feminine = word.strip_suffix('ه').map(|stem| [stem, "ت"].concat());
    let stem = feminine.as_deref().unwrap_or(word);
    let behind = ["ب", "ل"].iter().filter_map(|prefix| behind_prefix(prefix, stem));
    for stem in behind.chain([stem.to_owned()]) {
        for pronoun in PRONOUNS {
            forms.push_with_ending(&stem, pronoun);
        }
        if feminine.is_some() {
            forms.push_with_ending(&stem, "ه");
        }
    }
    let form = [word, "ه"].concat();
    if feminine.is_none() && !TABLES.has_own_ending(&form) {
        forms.push(&form, FormEnding::WrittenHaa);
    }
}

fn add_numbers(word: &str, forms: &mut FormList) {
    match (word.strip_suffix('ه'), word.strip_suffix('ا')) {
        (Some(stem), _) => {
            for ending in ["ات", "تان", "تين"] {
                forms.push_with_ending(stem, ending);
            }
            if let Some(weak) = stem.strip_suffix('ا') {
                forms.push_with_ending(weak, "يات");
                forms.push_with_ending(weak, "وات");
            }
        }
        (None, Some(_)) => forms.push_with_ending(word, "ت"),
        (None, None) => {
            for ending in NUMBERS {
                if ending != "ات" || !TABLES.has_broken_plural(word) {
                    forms.push_with_ending(word, ending);
                }
            }
        }
    }
}

fn add_nisba(word: &str, forms: &mut FormList) {
    if word.ends_with('ي') {
        forms.push_with_ending(word, "ه");
        return;
    }
    // «سوريا» has it already, «فرنسا» and «سياسة» lose their last letter.
    let stem = word.strip_suffix(['ا', 'ه']).unwrap_or(word);
    let adjective = match stem.strip_suffix('ي') {
        Some(_) if stem.len() < word.len() => stem.to_owned(),
        _ => format!("{stem}ي"),
    };
    for ending in ["", "ه", "ين", "ون"] {
        forms.push_with_ending(&adjective, ending);
    }
}
