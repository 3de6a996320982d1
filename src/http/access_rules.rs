//! What the operator decided about who may see what, and at which address a request arrived.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use rafid_feed::hash;

use super::logins::Logins;
use crate::model::{OutputToken, Visibility};

/// Who may see what.
#[derive(Debug, Clone, Default)]
pub struct AccessRules {
    /// Who may see `/status` and `/status.json`.
    pub status: Visibility,
    /// Who may see `/metrics`.
    pub metrics: Visibility,
    /// The private outputs by their ids, with the tokens of their addresses; `None`: it has no address.
    pub private_outputs: BTreeMap<String, Option<OutputToken>>,
    /// Who may log in; `None`: the site is open to everyone.
    pub logins: Option<Arc<Logins>>,
}

impl AccessRules {
    /// The id of the private output with this token. The comparison takes the same time however much of a token
    /// matches.
    pub(super) fn output_of_token(&self, sent: &str) -> Option<&str> {
        let mut outputs = self.private_outputs.iter();
        let is_sent = |token: &OutputToken| hash::is_same_secret(sent, token.as_str());
        outputs.find(|(_, token)| token.as_ref().is_some_and(is_sent)).map(|(id, _)| id.as_str())
    }
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
