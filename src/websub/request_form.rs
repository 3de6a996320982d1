//! A subscription → the form that is sent to its hub (W3C WebSub section 5.1).

use url::form_urlencoded::Serializer;

use crate::model::{HubMode, Subscription};

/// The lease that we request: ten days, the most that hubs commonly grant.
pub(super) const LEASE_SECONDS: u64 = 10 * 24 * 3600;

/// The body of the request, `application/x-www-form-urlencoded`. `callback` is the address that the hub
/// verifies and pushes to. The body contains the secret.
pub fn request_form(subscription: &Subscription, mode: HubMode, callback: &str) -> String {
    let mut form = Serializer::new(String::new());
    form.append_pair("hub.callback", callback);
    form.append_pair("hub.mode", mode.as_str());
    form.append_pair("hub.topic", &subscription.topic);
    if mode == HubMode::Subscribe {
        form.append_pair("hub.lease_seconds", &LEASE_SECONDS.to_string());
        form.append_pair("hub.secret", subscription.secret.reveal());
    }
    form.finish()
}
