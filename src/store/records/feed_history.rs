//! News, article keys, the lost feed and the hubs of a source ↔ their part of a poll state's record.

use serde::{Deserialize, Serialize};

use super::{RecordError, instant_of, optional_instant, optional_milliseconds};
use crate::model::{HubOffer, Likeness, LostFeed, NewsHistory, PollState, RediscoveredFeed};

#[derive(Serialize, Deserialize)]
pub(super) struct FeedHistoryV1<'a> {
    news_ms: Option<i64>,
    news_days: u64,
    empty_ms: Option<i64>,
    article_keys: Vec<u64>,
    #[serde(borrow)]
    lost: Option<LostFeedV1<'a>>,
    #[serde(borrow)]
    hub_offer: Option<HubOfferV1<'a>>,
}

/// The parts of a poll state that this record contains.
pub(super) struct FeedHistoryParts {
    pub(super) news: NewsHistory,
    pub(super) article_keys: Vec<u64>,
    pub(super) lost: Option<LostFeed>,
    pub(super) hub_offer: Option<HubOffer>,
}

#[derive(Serialize, Deserialize)]
struct LostFeedV1<'a> {
    address: &'a str,
    since_ms: i64,
    searched_ms: Option<i64>,
    #[serde(borrow)]
    rediscovered: Option<RediscoveredFeedV1<'a>>,
}

#[derive(Serialize, Deserialize)]
struct RediscoveredFeedV1<'a> {
    url: &'a str,
    title: Option<&'a str>,
    likeness: u8,
    shared: u32,
}

#[derive(Serialize, Deserialize)]
struct HubOfferV1<'a> {
    topic: &'a str,
    hubs: Vec<&'a str>,
}

impl<'a> FeedHistoryV1<'a> {
    pub(super) fn of(state: &'a PollState) -> Self {
        let (news, address) = (&state.health.news, &state.address);
        Self {
            news_ms: optional_milliseconds(news.news_at),
            news_days: news.news_days,
            empty_ms: optional_milliseconds(news.empty_since),
            article_keys: state.health.article_keys.clone(),
            lost: address.lost.as_ref().map(LostFeedV1::of),
            hub_offer: address.hub_offer.as_ref().map(|offer| HubOfferV1 {
                topic: &offer.topic,
                hubs: offer.hubs.iter().map(String::as_str).collect(),
            }),
        }
    }

    pub(super) fn into_parts(self) -> Result<FeedHistoryParts, RecordError> {
        let hub_offer = self.hub_offer.map(|offer| HubOffer {
            topic: offer.topic.to_owned(),
            hubs: offer.hubs.into_iter().map(str::to_owned).collect(),
        });
        Ok(FeedHistoryParts {
            news: NewsHistory {
                news_at: optional_instant(self.news_ms, "news_at")?,
                news_days: self.news_days,
                empty_since: optional_instant(self.empty_ms, "empty_since")?,
            },
            article_keys: self.article_keys,
            lost: self.lost.map(LostFeedV1::into_lost_feed).transpose()?,
            hub_offer,
        })
    }
}

impl<'a> LostFeedV1<'a> {
    fn of(lost: &'a LostFeed) -> Self {
        Self {
            address: &lost.address,
            since_ms: lost.since.as_millisecond(),
            searched_ms: optional_milliseconds(lost.searched_at),
            rediscovered: lost.rediscovered.as_ref().map(RediscoveredFeedV1::of),
        }
    }

    fn into_lost_feed(self) -> Result<LostFeed, RecordError> {
        Ok(LostFeed {
            address: self.address.to_owned(),
            since: instant_of(self.since_ms, "lost")?,
            searched_at: optional_instant(self.searched_ms, "lost")?,
            rediscovered: self
                .rediscovered
                .map(RediscoveredFeedV1::into_rediscovered)
                .transpose()?,
        })
    }
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
impl<'a> RediscoveredFeedV1<'a> {
    fn of(rediscovered: &'a RediscoveredFeed) -> Self {
        let (likeness, shared) = match rediscovered.likeness {
            Likeness::Entries(shared) => (0, shared),
            Likeness::Title => (1, 0),
            Likeness::NamedOnly => (2, 0),
        };
        Self { url: &rediscovered.url, title: rediscovered.title.as_deref(), likeness, shared }
    }

    fn into_rediscovered(self) -> Result<RediscoveredFeed, RecordError> {
        let likeness = match self.likeness {
            0 => Likeness::Entries(self.shared),
            1 => Likeness::Title,
            2 => Likeness::NamedOnly,
            _ => return Err(RecordError::Field("likeness")),
        };
        Ok(RediscoveredFeed {
            url: self.url.to_owned(),
            title: self.title.map(str::to_owned),
            likeness,
        })
    }
}
