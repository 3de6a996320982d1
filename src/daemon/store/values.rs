//! Values in the tree, their parts put together → nouns.

use sled::Tree;

use super::disk::envelope::Envelope;
use super::disk::{RecordError, entry, page, poll_state, subscription, told};
use super::error::{StoreError, reading};
use super::keys;
use crate::feed::model::{DayOfTerms, ListedEntry, Pages, PollState, Subscription};

/// The entry whose value at `key` is this one.
pub(super) fn entry(tree: &Tree, key: &[u8], value: &[u8]) -> Result<ListedEntry, StoreError> {
    let told = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::read(value).map_err(told)?;
    let position = keys::position_of(key).ok_or_else(|| told(RecordError::Field("key")))?;
    let fields = fields(tree, key, &envelope)?;
    entry::decode(envelope.version, position, envelope.label, &fields).map_err(told)
}

/// The poll state whose value at `key` is this one.
pub(super) fn poll_state(tree: &Tree, key: &[u8], value: &[u8]) -> Result<PollState, StoreError> {
    let told = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::read(value).map_err(told)?;
    let fields = fields(tree, key, &envelope)?;
    poll_state::decode(envelope.version, &fields).map_err(told)
}

/// The subscription whose value at `key` is this one.
pub(super) fn subscription(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<Subscription, StoreError> {
    let told = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::read(value).map_err(told)?;
    let fields = fields(tree, key, &envelope)?;
    subscription::decode(envelope.version, &fields).map_err(told)
}

/// The day of terms whose value at `key` is this one.
pub(super) fn day_of_terms(
    tree: &Tree,
    key: &[u8],
    value: &[u8],
) -> Result<DayOfTerms, StoreError> {
    let fault = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::read(value).map_err(fault)?;
    let fields = fields(tree, key, &envelope)?;
    told::decode_day(envelope.version, &fields).map_err(fault)
}

/// What is remembered of a source's pages, whose value at `key` is this one.
pub(super) fn pages(tree: &Tree, key: &[u8], value: &[u8]) -> Result<Pages, StoreError> {
    let told = |error| StoreError::undecodable(key, error);
    let envelope = Envelope::read(value).map_err(told)?;
    let fields = fields(tree, key, &envelope)?;
    page::decode(envelope.version, &fields).map_err(told)
}

/// The fields of a value, its parts put together.
pub(super) fn fields(
    tree: &Tree,
    key: &[u8],
    envelope: &Envelope<'_>,
) -> Result<Vec<u8>, StoreError> {
    let told = |error| StoreError::undecodable(key, error);
    if envelope.parts == 0 {
        return envelope.fields().map_err(told);
    }
    let mut body = Vec::new();
    for number in 0..envelope.parts {
        match tree.get(keys::part(key, number)).map_err(reading)? {
            Some(part) => body.extend_from_slice(&part),
            None => return Err(told(RecordError::Missing("a part of it"))),
        }
    }
    envelope.unpack(&body).map_err(told)
}
