//! The shelf of finished bytes and the router.
