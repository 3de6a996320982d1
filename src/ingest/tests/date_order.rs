//! A source with numeric dates, poll after poll → the order of day and month that is learned.

use rafid_feed::model::DateOrder;

use super::*;
use crate::model::Secret;

/// A source that is a file.
struct World {
    _folder: tempfile::TempDir,
    path: std::path::PathBuf,
    source: Arc<Source>,
    resources: PollResources,
    state: PollState,
}

fn document(date: &str) -> String {
    let item = format!("<item><title>x</title><pubDate>{date}</pubDate></item>");
    format!("<rss><channel>{item}</channel></rss>")
}

/// The day on which the first entry was published.
fn day_of(reading: &ParsedFeed) -> String {
    reading.feed.entries[0].published_at.unwrap().strftime("%F").to_string()
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feed.xml");
        let location = Location::File(path.clone());
        let source = Arc::new(Source { location, ..Source::clone(&source()) });
        let state = PollState::new([0; 16], at(0));
        Self { _folder: folder, path, source, resources: resources(), state }
    }

    /// Polls the file with this date and these settings; returns the day that was read.
    async fn poll(&mut self, date: &str, config_hash: [u8; 16]) -> String {
        std::fs::write(&self.path, document(date)).unwrap();
        let result =
            poll(&self.resources, &self.source, &self.state, conditions(config_hash), at(1)).await;
        let PollBody::Changed { reading, .. } = &result.body else { panic!("{result:?}") };
        let day = day_of(reading);
        let input = DecideInput {
            known: &SeenIndex::default(),
            prepared: &PreparedEntries::default(),
            earlier: &|_| None,
            bounds: bounds(),
            config_hash,
            retention: retention(),
            network: NetworkStatus::Up,
            push_interval: None,
        };
        self.state = decide_poll(&self.source, result, self.state.clone(), &input, at(1)).0.state;
        day
    }
}

#[tokio::test]
async fn the_order_is_kept_until_other_dates_or_settings() {
    use DateOrder::{DayFirst, MonthFirst};
    let mut world = World::new();
    let mut check = async |date: &str, config: u8, day: &str, learnt: Option<DateOrder>| {
        assert_eq!(world.poll(date, [config; 16]).await, day, "{date}");
        assert_eq!(world.state.document.date_order, learnt, "{date}");
    };
    check("03/04/2026", 0, "2026-04-03", None).await;
    let two = "03/04/2026</pubDate></item><item><pubDate>03/23/2026";
    check(two, 0, "2026-03-04", Some(MonthFirst)).await;
    check("03/04/2026", 0, "2026-03-04", Some(MonthFirst)).await;
    check("05/04/2026", 0, "2026-05-04", Some(MonthFirst)).await;
    check("05/04/2026", 1, "2026-04-05", None).await;
    check("04/23/2026", 1, "2026-04-23", Some(MonthFirst)).await;
    check("23/04/2026", 1, "2026-04-23", Some(DayFirst)).await;
}

#[tokio::test]
async fn a_push_is_read_with_this_order() {
    let mut world = World::new();
    world.poll("03/23/2026", [0; 16]).await;
    let check = async |config: u8, day: &str| {
        let text = document("05/04/2026");
        let signature = Some(format!("sha256={}", signed(ring::hmac::HMAC_SHA256, &text)));
        let document = Document { bytes: text.into_bytes(), ..Document::default() };
        let push = SignedPush { document, signature, secret: Secret::new("Jefe") };
        let order = world.state.learned_date_order([config; 16]);
        let received = read_push(&world.resources, &world.source, push, order, at(0)).await;
        let PushReadResult::Read(reading) = received else { panic!("{received:?}") };
        assert_eq!(day_of(&reading), day);
    };
    check(0, "2026-05-04").await;
    check(1, "2026-04-05").await;
}
