//! What the operator says of a source's categories and of its «عاجل» → `LabelSettings`.

use super::given::{Given, Section, clipped};
use super::mistake::{Mistake, Mistakes};
use super::output::list;
use crate::feed::arabic::MatchKey;
use crate::feed::model::{BreakingSetting, LabelSettings};

/// Categories of one list, at most: more are no exceptions.
const MOST_CATEGORIES: usize = 200;

/// Reads a list of categories' names.
pub(super) fn categories(into: &mut Vec<String>, given: &Given<'_>) -> Result<(), Mistakes> {
    let what = "a category's name";
    let found = list(given, what, |member| {
        let name = member.line()?;
        if MatchKey::of(&name).is_empty() { Err(member.expected(what)) } else { Ok(name) }
    })?;
    if found.len() > MOST_CATEGORIES {
        let most = format_args!("expected at most {MOST_CATEGORIES} categories");
        return Err(given.wrong(most).into());
    }
    *into = found.into_iter().map(|(name, _)| name).collect();
    Ok(())
}

/// Whether news that is said to be breaking is believed to be.
pub(super) fn breaking(given: &Given<'_>) -> Result<BreakingSetting, Mistake> {
    let what = "true, false or \"auto\"";
    match (given.truth(), given.string(what)) {
        (Ok(true), _) => Ok(BreakingSetting::Believed),
        (Ok(false), _) => Ok(BreakingSetting::Ignored),
        (_, Ok("auto")) => Ok(BreakingSetting::Auto),
        _ => Err(given.expected(what)),
    }
}

/// A category is dropped or kept, not both.
pub(super) fn agree(labels: &LabelSettings, section: &Section<'_>) -> Result<(), Mistake> {
    let junk: Vec<MatchKey> = labels.junk.iter().map(|name| MatchKey::of(name)).collect();
    let both = labels.keep.iter().find(|name| junk.contains(&MatchKey::of(name)));
    let places = ["keep_categories", "junk_categories"].map(|name| section.place_of(name));
    match (both, places) {
        (Some(name), [Some(keep), Some(junk)]) => {
            let message = format!("the category `{}` is both kept and dropped", clipped(name));
            let help = "`junk_categories` drops it, `keep_categories` keeps it: write it in one";
            Err(Mistake::at(keep, message).beside(junk, "it is dropped here").help(help))
        }
        _ => Ok(()),
    }
}
