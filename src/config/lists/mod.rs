//! Lists of feeds that are kept elsewhere: the bytes of a list → feeds; feeds → sources of the configuration. Nothing
//! here touches a file or the network: `store` keeps the copies, `poller` refreshes the lists.
//!
//! | file | turns |
//! | --- | --- |
//! | `list_keys` | one row per key of `[[list]]` |
//! | `list_section` | the tables `[[list]]` → lists |
//! | `list_document` | a document → the feeds that it names |
//! | `list_feeds` | the feeds of the last copy, and those of a document → feeds with permanent ids |
//! | `list_update` | what is known of a list, and the response to a refresh of it → what is known of it now |
//! | `list_sources` | lists and their copies → sources beside those of the files |

mod list_document;
mod list_feeds;
pub(super) mod list_keys;
pub(super) mod list_section;
mod list_sources;
mod list_update;

pub use list_sources::add_list_sources;
pub use list_update::{ListChange, list_address_hash, update_list};
