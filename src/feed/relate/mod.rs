//! Entries and what is known to assignments.
