//! A topic and a hub → a subscription to request, with a random token and a random secret.

use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};

use super::RunError;
use crate::model::{Secret, SourceId, Subscription, SubscriptionState};

/// Random bytes of a token and of a secret: 128 bits cannot be guessed; 256 are the key length of the
/// digest that hubs use most.
const TOKEN_BYTES: usize = 16;
const SECRET_BYTES: usize = 32;

/// A subscription that is to be requested now, with a new token and secret.
pub(super) fn new_subscription(
    source: SourceId,
    (topic, hub): (String, String),
    base: String,
    now: Timestamp,
) -> Result<Subscription, RunError> {
    Ok(Subscription {
        source,
        topic,
        hub,
        base,
        token: random_secret(TOKEN_BYTES)?,
        secret: random_secret(SECRET_BYTES)?,
        state: SubscriptionState::Wanted,
        pending_request: None,
        attempts: 0,
        next_at: now,
        last_error: None,
        made_at: now,
        pushed_at: None,
        is_trusted: false,
    })
}

/// This many random bytes, in hexadecimal digits.
fn random_secret(bytes: usize) -> Result<Secret, RunError> {
    let mut random = vec![0; bytes];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| std::io::Error::other("the system gives no random numbers"))?;
    let digits = random.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let digit = |digit: u8| char::from_digit(digit.into(), 16).unwrap_or_default();
    Ok(Secret::new(digits.map(digit).collect::<String>()))
}
