//! What the operator says about a source's categories and its «عاجل» → `CategorySettings`.

use rafid_feed::arabic::MatchKey;
use rafid_feed::model::{BreakingSetting, CategorySettings};

use super::common_values::{check_count, parse_list};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::value::{ConfigValue, Section, truncate_for_quoting};

/// Parses a list of names of categories.
pub(super) fn parse_category_names(
    into: &mut Vec<String>,
    value: &ConfigValue<'_>,
) -> Result<(), Diagnostics> {
    let found = parse_list(value, |member| {
        let name = member.text_line()?;
        if MatchKey::of(&name).is_empty() { Err(member.kind_error()) } else { Ok(name) }
    })?;
    check_count(value, found.len(), "categories")?;
    *into = found.into_iter().map(|(name, _)| name).collect();
    Ok(())
}

/// Whether the publisher is believed where it says that news is breaking.
pub(super) fn parse_breaking_setting(
    value: &ConfigValue<'_>,
) -> Result<BreakingSetting, Diagnostic> {
    match (value.boolean(), value.string()) {
        (Ok(true), _) => Ok(BreakingSetting::Trusted),
        (Ok(false), _) => Ok(BreakingSetting::Ignored),
        (_, Ok("auto")) => Ok(BreakingSetting::Auto),
        _ => Err(value.kind_error()),
    }
}

/// A category is dropped or kept; both is a mistake.
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
