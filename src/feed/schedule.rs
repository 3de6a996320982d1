//! When to poll next, and why then.
