//! The subscription of a source at a hub → its JSON, its state in words, and the sentence about its trouble.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::model::{Subscription, SubscriptionState};

/// A subscription at a hub, without its secrets.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PushStatus {
    /// `wanted`, `active`, `expired`, `denied` or `leaving`.
    pub state: String,
    /// The hub.
    pub hub: String,
    /// The end of the lease; `None`: the hub has verified none that holds.
    pub lease_until: Option<Timestamp>,
    /// The last push that was signed and read; `None`: none yet.
    pub last_push: Option<Timestamp>,
    /// Whether the source is polled rarely because of it.
    pub relaxes_polling: bool,
    /// The last error of the hub, or of a request to it.
    pub trouble: Option<String>,
}

impl PushStatus {
    /// A subscription in the shape of the report.
    pub fn from_subscription(subscription: Subscription) -> Self {
        let lease_until = match subscription.state {
            SubscriptionState::Active { until } => Some(until),
            _ => None,
        };
        Self {
            state: subscription.state.as_str().to_owned(),
            hub: subscription.hub,
            lease_until,
            last_push: subscription.pushed_at,
            relaxes_polling: subscription.is_trusted,
            trouble: subscription.last_error,
        }
    }

    /// Its state, for the page.
    pub fn in_arabic(&self) -> &'static str {
        match self.state.as_str() {
            "active" => "مشترك في الموزّع",
            "expired" => "انتهت مدة الاشتراك، ويُطلب تجديده",
            "denied" => "رفض الموزّع الاشتراك",
            "leaving" => "يجري إلغاء الاشتراك",
            _ => "طُلب الاشتراك",
        }
    }

    /// Its trouble, for the terminal. `None`: it has none.
    pub fn in_english(&self) -> Option<String> {
        let trouble = self.trouble.as_ref()?;
        Some(format!("not pushed ({}) by {}\n  {trouble}", self.state, self.hub))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_trouble_is_reported() {
        let push = PushStatus {
            state: "denied".to_owned(),
            hub: "https://hub.example/".to_owned(),
            ..PushStatus::default()
        };
        assert_eq!(push.in_english(), None);
        let push = PushStatus { trouble: Some("no more".to_owned()), ..push };
        let expected = "not pushed (denied) by https://hub.example/\n  no more";
        assert_eq!(push.in_english().as_deref(), Some(expected));
    }
}
