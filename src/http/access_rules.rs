//! What the operator decided about who may see what, and at which address a request arrived.

use std::net::IpAddr;

use crate::model::Visibility;

/// Who may see what.
#[derive(Debug, Clone, Default)]
pub struct AccessRules {
    /// Who may see `/status` and `/status.json`.
    pub status: Visibility,
    /// Who may see `/metrics`.
    pub metrics: Visibility,
}

/// The address at which a connection was accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ListenerKind {
    /// The only one.
    Sole,
    /// That of readers, beside one for the operator.
    Readers,
    /// That of the operator.
    Operator,
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct RequestOrigin {
    /// The address at which it arrived.
    pub(super) listener: ListenerKind,
    /// Whether its connection begins on this machine.
    pub(super) is_loopback: bool,
}

impl RequestOrigin {
    /// A connection from `peer`; `None`: from where is unknown.
    pub(super) fn new(listener: ListenerKind, peer: Option<IpAddr>) -> Self {
        let is_loopback = peer.is_some_and(|ip| ip.to_canonical().is_loopback());
        Self { listener, is_loopback }
    }
}
