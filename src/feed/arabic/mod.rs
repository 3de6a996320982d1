//! Arabic tables for comparison, never for display.
