//! `rafid init`: some answers, or `--yes` → a new `feeds.toml` with every setting explained and the shipped sources of
//! some countries. A file that exists is never replaced.

use std::fs::OpenOptions;
use std::io::{self, BufRead, ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::args::CommonArgs;
use super::country::{COUNTRIES, Country, parse_countries};
use super::find_feeds::is_interactive;
use super::source_args::InitArgs;
use super::{CliError, EXIT_FAILURE, EXIT_USAGE, eprint, load, pluralize};
use crate::config::source_edit::{SourceEdit, edit_source};
use crate::config::{self, FileDraft, folder_of};

/// The file that comes with the program.
const SHIPPED: &str = include_str!("../../feeds.toml");
/// The first line of it: the schema that is beside the shipped file, and beside no other.
const SCHEMA_LINE: &str = "#:schema ./feeds.schema.json\n";
/// How a line begins that is the heading of a part of that file.
const HEADING: &str = "# ── ";

/// Prompts for what the arguments do not say, and writes the file.
pub(super) fn run(common: &CommonArgs, args: &InitArgs) -> Result<(), CliError> {
    let path = common.config.clone().unwrap_or_else(|| PathBuf::from("feeds.toml"));
    if path.exists() {
        return Err(exists_already(&path));
    }
    if !args.yes && !is_interactive() {
        let message = "error: there is no terminal to prompt at: add --yes, and --countries for some countries alone";
        return Err(CliError { code: EXIT_USAGE, message: message.to_owned() });
    }
    let answers = Answers::collect(args)?;
    let text = answers.write_text()?;
    let draft = FileDraft { path: path.clone(), text };
    let drafts = std::slice::from_ref(&draft);
    let config =
        config::parse_with_drafts(&path, drafts).map_err(|error| load::config_error(&error))?;
    let write = || -> io::Result<()> {
        std::fs::create_dir_all(folder_of(&path))?;
        let mut file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        file.write_all(draft.text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => exists_already(&path),
        _ => CliError::working(format!("error: cannot write {}: {error}", path.display())),
    })?;
    eprint(&format!(
        "made: {} with {}\nnext: `rafid run` polls them and serves http://{}/; `rafid list` shows them, `rafid add URL` \
         adds one",
        path.display(),
        pluralize(config.sources.len(), "source", "sources"),
        config.serve.listen,
    ));
    Ok(())
}

fn exists_already(path: &Path) -> CliError {
    let path = path.display();
    let message = format!(
        "error: {path} exists already and is not replaced: `rafid edit` changes it, `rafid add URL` adds a source"
    );
    CliError { code: EXIT_FAILURE, message }
}

/// What the file depends on.
struct Answers {
    countries: Vec<&'static Country>,
    title: Option<String>,
    contact: Option<String>,
}

impl Answers {
    fn collect(args: &InitArgs) -> Result<Self, CliError> {
        let given = args.countries.as_deref();
        let wrong =
            |message: String| CliError { code: EXIT_USAGE, message: format!("error: {message}") };
        let countries = match given {
            Some(words) => parse_countries(words).map_err(wrong)?,
            None if args.yes => COUNTRIES.iter().collect(),
            None => prompt_for_countries()?,
        };
        let (mut title, mut contact) = (args.title.clone(), args.contact.clone());
        if !args.yes {
            if title.is_none() {
                title = prompt("title of your feed (empty: الرافد)")?;
            }
            if contact.is_none() {
                contact = prompt(
                    "your e-mail address or page, for publishers and readers (empty: none)",
                )?;
            }
        }
        Ok(Self { countries, title, contact })
    }

    /// The shipped file with these answers.
    fn write_text(&self) -> Result<String, CliError> {
        let mut text = shipped_text().to_owned();
        for country in COUNTRIES.iter().filter(|country| !self.countries.contains(country)) {
            for id in country.sources {
                let edited = edit_source(&text, id, &SourceEdit::Remove);
                let edited =
                    edited.map_err(|error| CliError::working(format!("error: {error}")))?;
                text = edited.map_or(text, |edited| edited.text);
            }
        }
        text = without_empty_parts(&text);
        let timezone = match self.countries.as_slice() {
            [only] => Some(only.timezone.to_owned()),
            _ => None,
        };
        let settings =
            [("title", &self.title), ("timezone", &timezone), ("contact", &self.contact)];
        for (key, value) in settings {
            if let Some(value) = value {
                text = with_setting(&text, key, value);
            }
        }
        Ok(text)
    }
}

/// The shipped file without the line about its schema.
fn shipped_text() -> &'static str {
    SHIPPED.strip_prefix(SCHEMA_LINE).unwrap_or(SHIPPED)
}

/// The text with a setting in the place of the comment that shows its default or an example. The first one is that of
/// `[site]`.
fn with_setting(text: &str, key: &str, value: &str) -> String {
    let comment = format!("#{key} = ");
    let line = text.lines().find(|line| line.starts_with(&comment)).unwrap_or_default();
    let quoted = toml_edit::Value::from(value).to_string();
    text.replacen(line, &format!("{key} = {quoted}"), 1)
}

/// The text without headings that nothing but another heading follows.
fn without_empty_parts(text: &str) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let mut kept = String::new();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        let rest = lines.get(at + 1..).unwrap_or_default();
        let blank = rest.iter().take_while(|line| line.trim().is_empty()).count();
        let is_empty = rest.get(blank).is_none_or(|next| next.starts_with(HEADING));
        if line.starts_with(HEADING) && is_empty {
            at += 1 + blank;
        } else {
            kept.push_str(line);
            at += 1;
        }
    }
    format!("{}\n", kept.trim_end())
}

/// Prompts until the answer names countries.
fn prompt_for_countries() -> Result<Vec<&'static Country>, CliError> {
    for Country { code, english, sources, .. } in &COUNTRIES {
        eprint(&format!("  {code}  {english} ({})", pluralize(sources.len(), "source", "sources")));
    }
    loop {
        let answer = prompt(
            "countries whose publishers you want, such as eg,sd; those that speak to all Arab readers come along \
             (empty: all)",
        )?;
        let Some(words) = answer else { return Ok(COUNTRIES.iter().collect()) };
        match parse_countries(&words) {
            Ok(countries) => return Ok(countries),
            Err(message) => eprint(&message),
        }
    }
}

/// The answer of the user; `None`: it is empty.
fn prompt(question: &str) -> Result<Option<String>, CliError> {
    let _ = write!(io::stderr(), "{question}: ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    let read = read.map_err(|error| CliError::working(format!("error: no answer: {error}")))?;
    if read == 0 {
        return Err(CliError::working("error: the input ended; nothing was written"));
    }
    Ok(Some(line.trim().to_owned()).filter(|line| !line.is_empty()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Config {
        config::parse(text, Path::new("feeds.toml"), Path::new("/etc/rafid")).unwrap()
    }

    fn answers(codes: &str) -> Answers {
        Answers { countries: parse_countries(codes).unwrap(), title: None, contact: None }
    }

    #[test]
    fn every_country_has_its_sources_alone() {
        let shipped = parse(SHIPPED);
        let of_countries: BTreeSet<&str> =
            COUNTRIES.iter().flat_map(|country| country.sources).copied().collect();
        let general = shipped.sources.len() - of_countries.len();
        assert!(general > 20, "{general}");
        for country in &COUNTRIES {
            let config = parse(&answers(country.code).write_text().unwrap());
            let ids: BTreeSet<&str> = config.sources.iter().map(|it| it.id.as_str()).collect();
            for id in country.sources {
                assert!(ids.contains(id), "{id} of {}", country.code);
            }
            assert_eq!(ids.len(), general + country.sources.len(), "{}", country.code);
            assert_eq!(config.site.timezone.as_deref(), Some(country.timezone));
        }
        assert_eq!(
            answers("all").write_text().unwrap(),
            shipped_text(),
            "all countries: the shipped file"
        );
    }

    #[test]
    fn regional_sources_belong_to_countries() {
        let regions = ["مصر والسودان", "المغرب العربي", "بلاد الشام", "العراق", "الخليج واليمن"];
        for source in &parse(SHIPPED).sources {
            let is_regional =
                source.categories.iter().any(|it| regions.contains(&it.name.as_str()));
            let count =
                COUNTRIES.iter().filter(|it| it.sources.contains(&source.id.as_str())).count();
            assert!(count == 1 || count == 0 && !is_regional, "{}: {count}", source.id);
        }
    }

    #[test]
    fn headings_without_sources_are_left_out() {
        let text = answers("iq").write_text().unwrap();
        assert!(text.contains("# ── العراق") && text.contains("# ── اقتصاد"), "{text}");
        for gone in ["# ── المغرب العربي", "# ── بلاد الشام", "# ── الخليج واليمن"]
        {
            assert!(!text.contains(gone), "{gone}");
        }
        assert!(SHIPPED.starts_with(SCHEMA_LINE));
        for line in shipped_text().lines().take_while(|line| !line.starts_with("[[source]]")) {
            let is_set = line.starts_with("#timezone");
            assert!(is_set || text.contains(line), "{line}");
        }
    }

    #[test]
    fn answers_become_settings() {
        let title = Some("أخبار \"الحي\"".to_owned());
        let contact = Some("me@news.example".to_owned());
        let answers = Answers { title, contact, ..answers("eg,sd") };
        let config = parse(&answers.write_text().unwrap());
        assert_eq!(config.site.title, "أخبار \"الحي\"");
        assert_eq!(config.site.contact.as_deref(), Some("me@news.example"));
        assert_eq!(config.site.timezone, None, "two countries have two zones");
    }
}
