//! What the operator says of a source's categories and of its «عاجل» → `CategorySettings`.

use rafid_feed::arabic::MatchKey;
use rafid_feed::model::{BreakingSetting, CategorySettings};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::output::parse_list;
use super::value::{ConfigValue, Section, truncate_for_quoting};

/// Categories of one list, at most: more are no exceptions.
const MAX_CATEGORIES: usize = 200;

/// Reads a list of categories' names.
pub(super) fn parse_category_names(
    into: &mut Vec<String>,
    given: &ConfigValue<'_>,
) -> Result<(), Diagnostics> {
    let what = "a category's name";
    let found = parse_list(given, what, |member| {
        let name = member.text_line()?;
        if MatchKey::of(&name).is_empty() { Err(member.expected_error(what)) } else { Ok(name) }
    })?;
    if found.len() > MAX_CATEGORIES {
        let most = format_args!("expected at most {MAX_CATEGORIES} categories");
        return Err(given.error(most).into());
    }
    *into = found.into_iter().map(|(name, _)| name).collect();
    Ok(())
}

/// Whether news that is said to be breaking is believed to be.
pub(super) fn parse_breaking_setting(
    given: &ConfigValue<'_>,
) -> Result<BreakingSetting, Diagnostic> {
    let what = "true, false or \"auto\"";
    match (given.boolean(), given.string(what)) {
        (Ok(true), _) => Ok(BreakingSetting::Trusted),
        (Ok(false), _) => Ok(BreakingSetting::Ignored),
        (_, Ok("auto")) => Ok(BreakingSetting::Auto),
        _ => Err(given.expected_error(what)),
    }
}

/// A category is dropped or kept, not both.
pub(super) fn check_category_settings(
    labels: &CategorySettings,
    section: &Section<'_>,
) -> Result<(), Diagnostic> {
    let junk: Vec<MatchKey> = labels.junk.iter().map(|name| MatchKey::of(name)).collect();
    let both = labels.keep.iter().find(|name| junk.contains(&MatchKey::of(name)));
    let places = ["keep_categories", "junk_categories"].map(|name| section.span_of(name));
    match (both, places) {
        (Some(name), [Some(keep), Some(junk)]) => {
            let message =
                format!("the category `{}` is both kept and dropped", truncate_for_quoting(name));
            let help = "`junk_categories` drops it, `keep_categories` keeps it: write it in one";
            Err(Diagnostic::at(keep, message)
                .with_related(junk, "it is dropped here")
                .with_help(help))
        }
        _ => Ok(()),
    }
}
