//! A store's folder → its database with everything that the log and the bases hold, whatever happened to it.
//!
//! | the database | what is done |
//! | --- | --- |
//! | is intact, up to a position of the log | the records after that position are applied |
//! | cannot be read | it is opened without sled's snapshot and settings, which hold nothing of their own |
//! | still cannot be read, is missing, or lags behind the log's first record | it is built again from the newest intact base and the log |
//! | the same, and there is no base and no complete log | every record that can be read is copied |
//! | nothing of it can be read | a new one is started: the feeds themselves are the backup |
//!
//! A new database is built beside the damaged one and takes its place when it is complete. The damaged one is
//! renamed, never deleted.

use std::cell::{Cell, OnceCell};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use sled::{Db, Tree};

use super::base::{self, BaseFile, BaseProgress};
use super::broken_database::{RestoredPart, note_restored_part, remove_folder, set_aside};
use super::database::{self, OpenFailure, OpenedDatabase};
use super::disk_space;
use super::file_check::{FileCheck, TORN_WRITE};
use super::layout::{BASE_DIR, DB_DIR, LOG_DIR, NEW_DB_DIR};
use super::log::{CommitLog, LogCondition, LogState};
use super::opening_progress::RecoveryStep;
use super::recovery_report::{RecoveryMethod, RecoveryReport};
use super::replay::replay_records;
use super::salvage::{salvage_database, set_snapshots_aside};
use super::store_error::{StoreError, write_error};
use super::store_options::StoreOptions;
use super::write::{applied_position, put_applied};
use super::{journal, keys, label_use};

/// A line of the log is written whenever this many records more of a base are restored.
const RECORDS_PER_LINE: u64 = 20_000;

/// A database that is up to date with its log.
pub(super) struct RecoveredDatabase {
    pub(super) db: Db,
    pub(super) tree: Tree,
    /// `None`: the store has no log.
    pub(super) log: Option<CommitLog>,
    /// The position of the last record that is applied.
    pub(super) applied: u64,
    /// Whether the log and the bases alone do not give the database: a new base is needed.
    pub(super) needs_base: bool,
    pub(super) report: RecoveryReport,
    /// When the whole file of the database was read and found intact; `None`: not since it was written.
    pub(super) checked_at: Option<Timestamp>,
}

impl RecoveredDatabase {
    /// A database of a store without a log, such as a copy.
    pub(super) fn without_log(opened: OpenedDatabase) -> Self {
        let OpenedDatabase { db, tree, .. } = opened;
        let report = RecoveryReport::default();
        Self { db, tree, log: None, applied: 0, needs_base: false, report, checked_at: None }
    }
}

/// The state while a store is recovered.
struct Recovery<'a> {
    options: &'a StoreOptions,
    file_check: FileCheck,
    log: Option<CommitLog>,
    condition: LogCondition,
    /// The bases, once they were needed: an intact database needs none.
    bases: OnceCell<Vec<BaseFile>>,
    report: RecoveryReport,
}

/// Opens the database of a store and recovers it where necessary.
///
/// # Errors
/// As for `Store::open`.
pub(super) fn open_recovered(
    options: &StoreOptions,
    now: Timestamp,
) -> Result<RecoveredDatabase, StoreError> {
    let file_check = FileCheck::begin(&options.folder, now);
    let (log, condition) = open_log(options, file_check.trusted_log())?;
    let report =
        RecoveryReport { is_log_damaged: !condition.damage.is_empty(), ..Default::default() };
    let mut recovery =
        Recovery { options, file_check, log, condition, bases: OnceCell::new(), report };
    let db_dir = options.folder.join(DB_DIR);
    let failure = match recovery.open_checked(&db_dir)? {
        Ok(opened) => match recovery.catch_up(opened)? {
            Ok(done) => return Ok(recovery.finish(done)),
            Err(failure) => failure,
        },
        // The settings of a database that has a log are our own: they are damaged.
        Err(OpenFailure::Refused(StoreError::Foreign { why, .. })) if recovery.has_records() => {
            Unusable { why, is_empty: false }
        }
        Err(OpenFailure::Refused(error)) => return Err(error),
        Err(OpenFailure::Broken(why)) => Unusable { why, is_empty: false },
    };
    recovery.distrust()?;
    if !failure.is_empty
        && !recovery.file_check.is_damaged
        && !set_snapshots_aside(&db_dir)?.is_empty()
        && let Ok(opened) = recovery.open_checked(&db_dir)?
        && let Ok(done) = recovery.catch_up(opened)?
    {
        recovery.report.method = RecoveryMethod::WithoutSnapshot;
        return Ok(recovery.finish(done));
    }
    tracing::warn!(why = failure.why, "the database cannot be used and is built again");
    recovery.replace_database(&failure, now)
}

/// Why a database cannot be used.
struct Unusable {
    why: String,
    /// Whether it holds nothing.
    is_empty: bool,
}

/// An up-to-date database: its handles, the position that is applied, and whether a base is needed.
type CaughtUp = (OpenedDatabase, u64, bool);

/// `left`: how the files of the log were left, if they need not be read whole.
fn open_log(
    options: &StoreOptions,
    left: Option<LogState>,
) -> Result<(Option<CommitLog>, LogCondition), StoreError> {
    if options.recovery_percent.is_none() {
        remove_recovery_files(&options.folder)?;
        return Ok((None, LogCondition::default()));
    }
    let (log, condition) = CommitLog::open(&options.folder, left)?;
    for damage in &condition.damage {
        tracing::error!(file = %damage.file.display(), offset = damage.offset, bytes = damage.bytes, "a part of the commit log cannot be read");
    }
    Ok((Some(log), condition))
}

/// A log that is not continued would contradict the database later.
fn remove_recovery_files(folder: &Path) -> Result<(), StoreError> {
    for path in [folder.join(LOG_DIR), folder.join(BASE_DIR)] {
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(StoreError::file_error("remove", &path, error));
            }
            Ok(()) => tracing::info!(path = %path.display(), "removed: recovery is off"),
            Err(_) => {}
        }
    }
    Ok(())
}

impl Recovery<'_> {
    /// Reads whole what was trusted: something is wrong with the store.
    fn distrust(&mut self) -> Result<(), StoreError> {
        if self.file_check.trusted_log().is_some() {
            (self.log, self.condition) = open_log(self.options, None)?;
            self.report.is_log_damaged |= !self.condition.damage.is_empty();
        }
        self.file_check.distrust();
        Ok(())
    }

    /// Whether the log or the bases hold anything.
    fn has_records(&self) -> bool {
        self.condition.first.is_some() || !self.bases().is_empty()
    }

    /// The bases, newest first.
    fn bases(&self) -> &[BaseFile] {
        self.bases.get_or_init(|| base::bases(&self.options.folder))
    }

    /// Applies what the log holds after the database. The inner `Err` is the reason why that is not enough.
    fn catch_up(
        &mut self,
        opened: OpenedDatabase,
    ) -> Result<Result<CaughtUp, Unusable>, StoreError> {
        if self.log.is_none() {
            return Ok(Ok((opened, 0, false)));
        }
        let LogCondition { first, last, .. } = self.condition;
        let applied = applied_position(&opened.tree)?;
        let is_empty = opened.tree.scan_prefix(keys::poll_state_prefix()).next().is_none();
        let applied = match applied {
            None if is_empty && self.has_records() => {
                let why = "it is empty, and the log is not".to_owned();
                return Ok(Err(Unusable { why, is_empty: true }));
            }
            // A store of before logs, or a new one.
            None => {
                put_applied(&opened.tree, last)?;
                return Ok(Ok((opened, last, !is_empty)));
            }
            Some(applied) => applied,
        };
        if applied > last {
            // The last records of the log were never synced, and the database was.
            if let Some(log) = &mut self.log {
                log.skip_to(applied);
            }
            return Ok(Ok((opened, applied, true)));
        }
        if first.is_some_and(|first| applied + 1 < first) && !self.bases().is_empty() {
            let why = "the log does not reach back to it".to_owned();
            return Ok(Err(Unusable { why, is_empty: false }));
        }
        let applied = self.replay(&opened.tree, applied, RecoveryStep::ReplayOnly)?;
        let is_incomplete = self.report.is_log_damaged || opened.is_upgraded;
        Ok(Ok((opened, applied, is_incomplete)))
    }

    /// Opens the database unless a part of its file is damaged that the log can replace: sled skips some
    /// damage without a word, and overwrites what stands behind it.
    fn open_checked(
        &mut self,
        db_dir: &Path,
    ) -> Result<Result<OpenedDatabase, OpenFailure>, StoreError> {
        if self.has_records()
            && let Some(why) = self.file_check.find_damage(db_dir)?
        {
            return Ok(Err(OpenFailure::Broken(why)));
        }
        Ok(database::open_database(self.options))
    }

    /// Applies the records after a position. Returns the position of the last one.
    fn replay(&mut self, tree: &Tree, after: u64, step: RecoveryStep) -> Result<u64, StoreError> {
        let Some(log) = &self.log else { return Ok(after) };
        let total = self.condition.last.saturating_sub(after);
        // Looking for records that are not there would read the log a second time.
        if total == 0 {
            return Ok(after);
        }
        let records = log.records_after(after)?;
        let replayed = replay_records(
            tree,
            records,
            (after, &|position| self.report_step(step, position.saturating_sub(after), total)),
        )?;
        self.report.replayed += replayed.applied;
        self.report.lost += replayed.missing;
        if replayed.applied > 0 {
            tracing::info!(records = replayed.applied, "the commit log was applied");
        }
        Ok(replayed.last)
    }

    /// Reports that `done` of `total` parts of a step are done.
    fn report_step(&self, step: RecoveryStep, done: u64, total: u64) {
        (self.options.on_progress)();
        self.options.opening.record(step, done, total);
    }

    fn report_base(&self, step: RecoveryStep, read: BaseProgress) {
        self.report_step(step, read.bytes, read.total_bytes.unwrap_or(read.bytes));
    }

    /// Builds a database beside the one that cannot be used, and puts it in its place.
    fn replace_database(
        mut self,
        failure: &Unusable,
        now: Timestamp,
    ) -> Result<RecoveredDatabase, StoreError> {
        let folder = self.options.folder.clone();
        self.options.opening.start_rebuilding();
        disk_space::check_room_for_database(&folder)?;
        let (db_dir, new_dir) = (folder.join(DB_DIR), folder.join(NEW_DB_DIR));
        remove_folder(&new_dir)?;
        self.fill_new_database(&db_dir, &new_dir, now)?;
        let is_restored = self.report.restored_part() == RestoredPart::All;
        if failure.is_empty || failure.why == TORN_WRITE && is_restored {
            remove_folder(&db_dir)?;
        } else if db_dir.exists() {
            let aside = set_aside(&db_dir, now)?;
            note_restored_part(&aside, self.report.restored_part());
            self.report.set_aside = Some(aside);
        }
        fs::rename(&new_dir, &db_dir)
            .map_err(|error| StoreError::file_error("rename", &new_dir, error))?;
        match database::open_database(self.options) {
            Ok(opened) => {
                let applied = applied_position(&opened.tree)?.unwrap_or(0);
                let needs_base = match self.report.method {
                    RecoveryMethod::Rebuilt { .. } => self.report.lost > 0,
                    _ => true,
                };
                self.match_log_to(&opened.tree, applied)?;
                Ok(self.finish((opened, applied, needs_base)))
            }
            Err(OpenFailure::Refused(error)) => Err(error),
            Err(OpenFailure::Broken(why)) => Err(StoreError::Unusable { folder: db_dir, why }),
        }
    }

    fn fill_new_database(
        &mut self,
        db_dir: &Path,
        new_dir: &Path,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (db, tree) = database::create_database(new_dir, self.options.cache_bytes)?;
        if !self.rebuild(&tree)? {
            self.salvage(db_dir, &tree)?;
        }
        if self.report.restored_part() != RestoredPart::All {
            // Readers know the numbers of arrivals that are lost.
            let mut batch = journal::batch_of_skipped_numbers(&tree, now)?;
            label_use::remove_label_uses(&tree, &mut batch)?;
            batch.apply()?;
        }
        db.flush().map(drop).map_err(write_error)
    }

    /// From a base and the log. `false`: they do not suffice, and `tree` is as it was.
    fn rebuild(&mut self, tree: &Tree) -> Result<bool, StoreError> {
        let first = self.condition.first;
        let Some(base) = self.best_base() else {
            if self.log.is_none() || first != Some(1) {
                return Ok(false);
            }
            put_applied(tree, 0)?;
            self.replay(tree, 0, RecoveryStep::ReplayOnly)?;
            self.report.method = RecoveryMethod::Rebuilt { base_taken_at: None };
            return Ok(true);
        };
        let logged = Cell::new(0);
        let progress = |done: BaseProgress| {
            self.report_base(RecoveryStep::RestoreBase, done);
            if done.records >= logged.get() + RECORDS_PER_LINE {
                logged.set(done.records);
                tracing::info!(records = done.records, "the base is being restored");
            }
        };
        let restored = base::restore_base(&base.path, tree, &progress)?;
        self.report.lost += restored.damaged_blocks;
        put_applied(tree, base.position)?;
        self.replay(tree, base.position, RecoveryStep::ReplayAfterBase)?;
        self.report.method = RecoveryMethod::Rebuilt { base_taken_at: base.taken_at };
        Ok(true)
    }

    /// The newest base that is intact, else the newest one with the fewest damaged blocks.
    fn best_base(&self) -> Option<BaseFile> {
        let mut damaged = Vec::new();
        let progress = |read| self.report_base(RecoveryStep::VerifyBase, read);
        for base in self.bases() {
            match base::verify_base(&base.path, &progress) {
                Ok(contents) if contents.is_intact() => return Some(base.clone()),
                Ok(contents) => {
                    tracing::error!(path = %base.path.display(), blocks = contents.damaged_blocks, "a base is damaged");
                    damaged.push((contents.damaged_blocks, base));
                }
                Err(error) => {
                    tracing::error!(path = %base.path.display(), %error, "a base cannot be read");
                }
            }
        }
        damaged.into_iter().min_by_key(|(blocks, _)| *blocks).map(|(_, base)| base.clone())
    }

    /// Every record of the damaged database that can be read, and then the log.
    fn salvage(&mut self, db_dir: &Path, tree: &Tree) -> Result<(), StoreError> {
        self.report.method = RecoveryMethod::StartedEmpty;
        let progress = |copied, total| self.report_step(RecoveryStep::Salvage, copied, total);
        let done = salvage_database(db_dir, tree, &progress)?;
        if done.copied > 0 {
            let unreadable = done.damaged_places + done.undecodable + done.missing_entries;
            self.report.method = RecoveryMethod::Salvaged { copied: done.copied, unreadable };
            if let Some(applied) = applied_position(tree)? {
                self.replay(tree, applied, RecoveryStep::ReplayAfterSalvage)?;
            }
        }
        Ok(())
    }

    /// A database that does not continue the log makes it start after itself.
    fn match_log_to(&mut self, tree: &Tree, applied: u64) -> Result<(), StoreError> {
        let Some(log) = &mut self.log else { return Ok(()) };
        let last = self.condition.last.max(applied);
        log.skip_to(last);
        if last > applied {
            put_applied(tree, last)?;
        }
        Ok(())
    }

    fn finish(self, (opened, applied, needs_base): CaughtUp) -> RecoveredDatabase {
        let OpenedDatabase { db, tree, .. } = opened;
        let applied = applied.max(self.condition.last);
        let Self { log, report, file_check: FileCheck { checked_at, .. }, .. } = self;
        RecoveredDatabase { db, tree, log, applied, needs_base, report, checked_at }
    }
}
