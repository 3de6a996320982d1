//! The names of the files and folders in a store's folder that several files of this room use.

/// sled's folder.
pub(super) const DB_DIR: &str = "river";
/// A database that is being built to take the place of `DB_DIR`.
pub(super) const NEW_DB_DIR: &str = "river.new";
/// This file exists after a record could not be read while the store was open. The next opening then reads
/// every record. Otherwise the process could end at the same record again and again.
pub(super) const SUSPECT: &str = "suspect";
/// This file exists while the store is closed.
pub(super) const CLOSED: &str = "closed";
/// The folder of the bases.
pub(super) const BASE_DIR: &str = "base";
/// The folder of the commit log.
pub(super) const LOG_DIR: &str = "log";
/// The folder of what was computed of entries' texts.
pub(super) const FEATURES_DIR: &str = "features";
