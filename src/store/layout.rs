//! The names of the files and folders in a store's folder that several files of this room use.

/// sled's folder.
pub(super) const DB_DIR: &str = "river";
/// This file exists after a record could not be read while the store was open. The next opening then reads
/// every record. Otherwise the process could end at the same record again and again.
pub(super) const SUSPECT: &str = "suspect";
/// The folder of the commit log.
pub(super) const LOG_DIR: &str = "log";
