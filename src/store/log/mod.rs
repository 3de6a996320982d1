//! Records of what each write changes ↔ checksummed files, in the order of the writes. The log is what makes a
//! write durable; the database is a view of it that can be rebuilt.
//!
//! A record is appended before it is applied. Its position is one more than that of the record before it. A
//! group of records is written at once and synced at once. Damage to one record loses that record alone, and
//! is reported.
//!
//! | file | input → output |
//! | --- | --- |
//! | `record` | a write to the store, as a value |
//! | `versioned_fields` | what the fields of several records share |
//! | `commit_fields` | the result of a poll ↔ the fields of its record |
//! | `earlier_commit` | the same fields in format 1 → the result of the poll |
//! | `record_fields` | a record ↔ the fields of its kind |
//! | `record_payload` | fields ↔ the payload of a frame: format number and compression |
//! | `log_files` | bytes to append → a file on the disk |
//! | `segment` | one file of the log → its frames and its damage |
//! | `log_records` | all files of the log → the records after a position |
//! | `commit_log` | records → their positions in the log |

mod commit_fields;
mod commit_log;
mod earlier_commit;
mod log_files;
mod log_records;
mod record;
mod record_fields;
mod record_payload;
mod segment;
mod versioned_fields;

pub(in crate::store) use commit_log::{CommitLog, Durability, LogCondition, LogState};
pub(in crate::store) use log_records::LogRecords;
pub(in crate::store) use record::{LogRecord, LoggedCommit};
