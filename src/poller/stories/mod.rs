//! The stories of new entries, from the document that brings them to the writer that decides.
//!
//! | file | idea |
//! | --- | --- |
//! | `prepared_document` | a document that was read → what the writer needs to know of its entries |
//! | `story_texts` | entries → what the decision about their stories needs of their texts |
//! | `kept_features` | the same ↔ files of the store |
//! | `story_assigner` | new entries → the story of each |
//! | `story_loading` | the store → the memory of the last days, beside the first polls |
//! | `story_state` | whether that memory is loaded |

mod kept_features;
mod prepared_document;
mod story_assigner;
mod story_loading;
mod story_state;
mod story_texts;

pub(super) use prepared_document::{PreparedDocument, prepare_document};
pub(super) use story_state::StoryState;
pub(super) use story_texts::StoryTexts;
