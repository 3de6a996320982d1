//! What had to be done to open a store → lines of the log.

use sd_notify::NotifyState;

use crate::store::{RecoveryMethod, RecoveryReport};

/// Twice as long as the slowest step between two notices takes on a slow disk.
const EXTENSION_MICROSECONDS: u32 = 60_000_000;

/// A recovery may take longer than systemd waits for a start. While a base is written, the loop may wait for a
/// write of its own, and does not feed the watchdog.
pub(super) fn extend_start() {
    let states = [NotifyState::ExtendTimeoutUsec(EXTENSION_MICROSECONDS), NotifyState::Watchdog];
    if let Err(error) = sd_notify::notify(&states) {
        tracing::debug!(%error, "systemd could not be notified");
    }
}

/// What happened at opening, for the log. A store that was intact is not worth a line.
pub(super) fn log_recovery(recovery: &RecoveryReport) {
    let RecoveryReport { method, set_aside, replayed, lost, is_log_damaged } = recovery;
    let moved_to = set_aside.as_ref().map(|path| path.display());
    let moved_to = moved_to.map(tracing::field::display);
    match method {
        RecoveryMethod::Intact if *is_log_damaged => tracing::error!(
            "the commit log was damaged; the database is intact, and a new base replaces the log"
        ),
        RecoveryMethod::Intact => {}
        RecoveryMethod::WithoutSnapshot => {
            tracing::warn!("the database was opened without its snapshot; nothing is lost");
        }
        RecoveryMethod::Rebuilt { base_taken_at } => {
            let base = base_taken_at.map(tracing::field::display);
            if *lost == 0 && set_aside.is_none() {
                tracing::warn!(base, replayed, "the database was built again; nothing is lost");
            } else if *lost == 0 {
                tracing::warn!(
                    moved_to,
                    base,
                    replayed,
                    "the database was damaged and is restored completely"
                );
            } else {
                tracing::error!(
                    moved_to,
                    base,
                    replayed,
                    lost,
                    "the database was damaged and is restored; some records of the log or the base cannot be read"
                );
            }
        }
        RecoveryMethod::Salvaged { copied, unreadable } => tracing::error!(
            moved_to,
            copied,
            unreadable,
            "the database was damaged; the records that can be read were copied to a new one"
        ),
        RecoveryMethod::StartedEmpty => tracing::error!(
            moved_to,
            "the store was broken and is set aside; starting with an empty one"
        ),
    }
}
