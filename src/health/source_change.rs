//! The configuration of a source → whether what is known about its health still applies.

use rafid_feed::hash;
use rafid_feed::model::Language;

use crate::model::{Source, SourceHealth};

/// The health of a source, without what is known about another address or another language.
pub fn for_source(health: SourceHealth, source: &Source) -> SourceHealth {
    let language = source.language.as_ref().map_or("", Language::as_str);
    let stands_for = hash::digest_64(format!("{}\n{language}", source.location));
    if health.stands_for == stands_for {
        return health;
    }
    let SourceHealth { clock, news, article_keys, .. } = health;
    SourceHealth { clock, news, article_keys, stands_for, ..SourceHealth::default() }
}
