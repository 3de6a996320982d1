//! Publishers' words for dates to instants.
