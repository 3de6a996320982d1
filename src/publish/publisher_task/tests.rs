//! A publisher, driven step by step without a clock: which outputs are served when.

mod never_stale;

use arc_swap::ArcSwap;
use tokio::sync::oneshot;

use super::super::sample::{self, TestStore};
use super::*;
use crate::http::{DaemonHealth, OutputFormat};
use crate::model::SourceId;
use crate::publish::published_site::PublishedSite;

/// A publisher over a store with an entry of each of these sources.
fn task_of(shop: &TestStore, sources: &[&str]) -> PublisherTask {
    for source in sources {
        shop.keep(source, 1, vec![sample::listed(source, "1", &format!("خبر {source}"))]);
    }
    let renderer = shop.renderer(sources.iter().map(|id| sample::source(id)).collect());
    let setup = PublisherSetup {
        store: shop.store.clone(),
        site: Arc::new(ArcSwap::new(renderer.site)),
        cache: Arc::default(),
        metrics: Arc::default(),
        health: Arc::new(DaemonHealth::new(sample::at(0))),
        started_at: sample::at(0),
        search: None,
        pictures: None,
    };
    let (now, polled_at) = (|| sample::at(0), Some(sample::at(0)));
    PublisherTask { polled_at, now, ..PublisherTask::new(setup) }
}

fn feed(scope: Scope, format: OutputFormat) -> Resource {
    Resource::Feed { scope, format }
}

/// The channel of requests with these waiting in it, and the receivers of the answers.
fn waiting(
    resources: &[Resource],
) -> (mpsc::Receiver<RenderRequest>, Vec<oneshot::Receiver<Reply>>) {
    let (sender, inbox) = mpsc::channel(resources.len().max(1));
    let answers = resources.iter().map(|resource| {
        let (reply, answer) = oneshot::channel();
        sender.try_send(RenderRequest { resource: resource.clone(), reply }).unwrap();
        answer
    });
    let answers = answers.collect();
    (inbox, answers)
}

/// Which of these outputs are served.
fn served(task: &PublisherTask, resources: &[Resource]) -> Vec<bool> {
    resources.iter().map(|resource| task.setup.cache.get(resource).is_some()).collect()
}

#[tokio::test]
async fn an_output_is_served_before_the_next_one_is_rendered() {
    let shop = TestStore::open();
    let mut task = task_of(&shop, &["a"]);
    let [rss, atom, json] = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json]
        .map(|format| feed(Scope::All, format));
    let page = Resource::Page { scope: Scope::All, before: None };
    let outputs = [rss, atom, json, page];
    task.begin_round().await;
    for ready in 0..4 {
        let expected: Vec<bool> = (0..4).map(|at| at < ready).collect();
        assert_eq!(served(&task, &outputs), expected);
        assert!(task.setup.health.readiness().is_err(), "not all of them are ready");
        task.render_next().await;
    }
    assert_eq!(served(&task, &outputs), [true; 4]);
    assert!(task.setup.health.readiness().is_ok() && task.next_rendering().is_none());
}

#[tokio::test]
async fn a_request_waits_for_one_rendering_and_is_not_rendered_twice() {
    let shop = TestStore::open();
    let mut task = task_of(&shop, &["a"]);
    let [rss, json] = [OutputFormat::Rss, OutputFormat::Json].map(|it| feed(Scope::All, it));
    let own = feed(Scope::Source(SourceId::new("a").unwrap()), OutputFormat::Rss);
    let page = Resource::Page { scope: Scope::All, before: None };
    let wanted = [rss.clone(), rss.clone(), json.clone(), own.clone(), page.clone()];
    let (mut requests, mut answers) = waiting(&wanted);
    task.begin_round().await;
    task.render_next().await;
    task.answer_waiting(&mut requests).await;
    let is_answered = |answer: &mut oneshot::Receiver<Reply>| {
        answer.try_recv().is_ok_and(|it| matches!(it, Reply::Ready(_)))
    };
    let answered: Vec<bool> = answers.iter_mut().map(is_answered).collect();
    assert_eq!(answered, [true, true, true, false, false], "two were ready, one was rendered");
    task.render_next().await;
    task.answer_waiting(&mut requests).await;
    assert!(is_answered(&mut answers[3]) && answers[4].try_recv().is_err());
    task.render_next().await;
    task.answer_waiting(&mut requests).await;
    assert!(is_answered(&mut answers[4]) && task.round.is_none());
    // The four of all sources and the one of a source, each once.
    assert_eq!(task.setup.metrics.renders.get(), 5);
    assert_eq!(served(&task, &[own, page, json, rss]), [true; 4]);
    assert_eq!(task.warm.values().filter(|it| it.is_none()).count(), 4, "always warm");
}

#[tokio::test]
async fn an_output_that_is_gone_is_no_longer_served() {
    let shop = TestStore::open();
    let mut task = task_of(&shop, &["a", "b"]);
    let own = feed(Scope::Source(SourceId::new("b").unwrap()), OutputFormat::Rss);
    let (mut requests, mut answers) = waiting(std::slice::from_ref(&own));
    task.answer_waiting(&mut requests).await;
    assert!(matches!(answers[0].try_recv(), Ok(Reply::Ready(_))));
    task.setup.site.store(shop.renderer(vec![sample::source("a")]).site);
    task.handle_event(PublisherEvent::Changed(1, OutputChange::Everything));
    task.begin_round().await;
    while task.round.is_some() {
        task.render_next().await;
    }
    assert_eq!(served(&task, &[own.clone(), feed(Scope::All, OutputFormat::Rss)]), [false, true]);
    let (mut requests, mut answers) = waiting(&[own]);
    task.answer_waiting(&mut requests).await;
    assert!(matches!(answers[0].try_recv(), Ok(Reply::NotFound)));
}
