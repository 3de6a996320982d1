//! Committed entries → the rendition cache: renders the resources that readers request, renders them again
//! after changes, and drops those that no one requests any more. Runs beside the writer; reads the store, and
//! writes only which archive pages are closed.
//!
//! | file | input → output |
//! | --- | --- |
//! | `published_site` | what the operator publishes |
//! | `query_subject` | an entry and its source → what queries look at |
//! | `entry_stamp` | an entry and its source → a hash of all that a query can see of them |
//! | `cursor` | the end of a page ↔ a word in its address |
//! | `breaking` | a source's newest entries → whether its «عاجل» is trusted |
//! | `output_filters` | rules and named outputs → which entries an output holds |
//! | `source_cards` | the site and the poll states → what outputs say about each source, kept |
//! | `site_reader` | the store and the site → what outputs say about sources |
//! | `link_headers` | a resource → its folder and its `Link` header |
//! | `journal_index` | the journal of arrivals → the numbers of each source's arrivals |
//! | `scope_key` | an output and its rules → the key of its archive |
//! | `archive_memory` | what is remembered of the journal and the archives between renderings |
//! | `archive` | the arrivals of an output → its closed archive pages |
//! | `arrivals_since` | a number of the journal → what is new since |
//! | `static_site` | the whole site as files → the list of files, and the content of each |
//! | `program_files` | the stylesheet, the icons, the notice pages → finished bytes |
//! | `idle_rules` | rules and stored entries → the rules that have no effect |
//! | `story_lookup` | entries → those that represent their stories, and the other versions of each |
//! | `filter_dry_run` | proposed rules → their effect on the stored entries |
//! | `status_report` | the poll states → the health of every source |
//! | `selection` | an output → the entries of its feed or page |
//! | `publication` | an output → the publication that all formats are rendered from |
//! | `publication_cache` | what a publication is made from → the last publications |
//! | `fragment_cache` | what a document shows of an entry → its text, kept |
//! | `delta_feed` | an output and a position in the journal → what is new since, for a subscriber |
//! | `feed_text` | a publication → its feed in one format, and the page about that feed |
//! | `explain` | an entry → the reasons for its date, its story and its outputs |
//! | `page_pictures` | the publication of a page → the pictures that it shows |
//! | `picture_service` | requests for copies of pictures → their bytes |
//! | `rendered_pages` | a resource for people → its page |
//! | `rendered_text` | what a renderer makes of a resource |
//! | `renderer` | a resource → finished bytes |
//! | `publisher` | reports of the daemon → the task that keeps the cache current |
//! | `publisher_event` | what the daemon reports to the publisher |
//! | `publisher_setup` | what the publisher works with |
//! | `publisher_task` | changes and requests → renditions in the cache |
//! | `render_pace` | what the last rendering cost → when the next one begins |
//! | `warm_outputs` | a resource → whether it is kept warm |
//! | `stale_outputs` | what changed → the outputs that may say something else now |
//! | `render_queue` | outputs that are to be rendered → the next one |
//! | `export_row` | a stored entry → its row in an export |
//! | `entry_export` | a filter → the rows of all entries that it accepts |
//! | `operator_streams` | requests of the operator → exports and backups, piece by piece |
//! | `sources_to_index` | a source → what is indexed with its entries, and a digest of it |
//! | `index_build` | the store → all its entries for a new index, page by page |
//! | `index_updates` | what changed in the store → the same in the search index, step by step |
//! | `index_pace` | what happened when → which step is due |
//! | `index_sync` | stored entries → the search index, up to date |
//! | `search_service` | a search → finished bytes |
//! | `search_cursors` | a page of results → the cursors of the pages beside it |
//! | `search_queue` | waiting searches → the next one to run |
//! | `vectors_file` | a path of the configuration → the word vectors of stories |

mod archive;
mod archive_memory;
mod arrivals_since;
mod breaking;
mod cursor;
mod delta_feed;
mod entry_export;
mod entry_stamp;
mod explain;
mod export_row;
mod feed_text;
mod filter_dry_run;
mod fragment_cache;
mod idle_rules;
mod index_backlog;
mod index_build;
mod index_pace;
pub mod index_sync;
mod index_updates;
mod journal_index;
mod link_headers;
mod operator_streams;
mod output_filters;
mod page_pictures;
mod picture_service;
mod program_files;
mod publication;
mod publication_cache;
mod published_site;
mod publisher;
mod publisher_event;
mod publisher_setup;
mod publisher_task;
mod query_subject;
mod render_pace;
mod render_queue;
mod rendered_pages;
mod rendered_text;
mod renderer;
#[cfg(test)]
mod sample;
mod scope_key;
mod search_cursors;
pub mod search_queue;
pub mod search_service;
mod selection;
mod site_reader;
mod source_cards;
mod sources_to_index;
mod stale_outputs;
mod static_site;
mod status_report;
mod story_lookup;
mod vectors_file;
mod warm_outputs;

pub use archive_memory::Archives;
pub use entry_export::{ExportError, ExportSummary};
pub use export_row::{ColumnKind, EXPORT_COLUMNS};
pub use idle_rules::{IdleRule, idle_rules};
pub use link_headers::{FEED_FILES, output_address, private_folder};
pub use operator_streams::start_operator_streams;
pub use output_filters::{Exclusion, OutputFilters, RuleOwner};
pub use page_pictures::find_unwanted_pictures;
pub use picture_service::start_picture_service;
pub use program_files::{OpeningCause, cache_without_entries, opening_notice};
pub use publication::close_archive_pages;
pub use published_site::{PublishedSite, SiteLists, display_name, is_described_otherwise};
pub use publisher::{PreparedPublisher, Publisher};
pub use publisher_setup::PublisherSetup;
pub use renderer::{Renderer, outline_kind};
pub use stale_outputs::SourceUpdate;
pub use static_site::{linked_files, site_files};
pub use status_report::{find_duplicate_sources, reported_findings};
pub use vectors_file::load_story_vectors;
