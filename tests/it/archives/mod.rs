//! No reader misses an entry: the feed and the pages of its archive together hold everything, whatever the
//! history; and a client that polls rarely gets all of a burst.
//!
//! | file | what it checks |
//! | --- | --- |
//! | `history` | any history of arrivals, edits, deletions and restarts, in the library |
//! | `walk` | the real binary and a client that follows `prev-archive` |

mod history;
mod walk;
