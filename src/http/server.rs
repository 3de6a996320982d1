//! An address, and perhaps a second one for the operator → the server there, for as long as the process runs. What it serves can be replaced: connections stay
//! open, and no client is refused meanwhile.
//!
//! The address is bound before there is anything to serve. Clients that connect then wait.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::access_rules::ListenerKind;
use super::listen::{ShutdownResult, bind, serve_listener};
use super::{AccessRules, HttpState, RenditionCache};

/// Requests that are being answered get this long after a stop was requested.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);

/// The server at one address, or at two.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    admin_address: Option<SocketAddr>,
    /// Addresses that are bound and not served yet.
    listeners: Vec<(TcpListener, ListenerKind)>,
    access: Arc<ArcSwap<AccessRules>>,
    /// `None`: clients wait.
    served: Option<Arc<ArcSwap<HttpState>>>,
    tasks: Vec<JoinHandle<ShutdownResult>>,
    stop: CancellationToken,
}

impl Server {
    /// Binds an address. Once `stop` is canceled, clients are refused, and those that are being answered are cut off
    /// after `DRAIN_TIMEOUT`.
    ///
    /// # Errors
    /// When the address is in use, not ours, or not allowed.
    pub fn bind(address: SocketAddr, stop: CancellationToken) -> io::Result<Self> {
        let listener = bind(address)?;
        let address = listener.local_addr()?;
        Ok(Self {
            address,
            admin_address: None,
            listeners: vec![(listener, ListenerKind::Sole)],
            access: Arc::default(),
            served: None,
            tasks: Vec::new(),
            stop,
        })
    }

    /// Binds a second address, where all that the server has is shown. From now on the first one shows readers what
    /// they may see, and no more to the operator. Before `serve`.
    ///
    /// # Errors
    /// As `bind`.
    pub fn bind_admin(&mut self, address: SocketAddr) -> io::Result<()> {
        let listener = bind(address)?;
        self.admin_address = Some(listener.local_addr()?);
        self.listeners.iter_mut().for_each(|(_, kind)| *kind = ListenerKind::Readers);
        self.listeners.push((listener, ListenerKind::Operator));
        Ok(())
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where it serves the operator; `None`: at the same address as readers.
    pub fn admin_address(&self) -> Option<SocketAddr> {
        self.admin_address
    }

    /// Who may see what, at any time.
    pub fn access(&self) -> Arc<ArcSwap<AccessRules>> {
        Arc::clone(&self.access)
    }

    /// Answers every request from now on from `state`. Requests that are being answered are not disturbed.
    pub fn serve(&mut self, state: HttpState) {
        let state = HttpState { access: self.access(), ..state };
        if let Some(served) = &self.served {
            served.store(Arc::new(state));
            return;
        }
        let served = Arc::new(ArcSwap::from_pointee(state));
        for listener in self.listeners.drain(..) {
            let (served, stop) = (Arc::clone(&served), self.stop.clone());
            self.tasks.push(tokio::spawn(serve_listener(listener, served, stop, DRAIN_TIMEOUT)));
        }
        self.served = Some(served);
    }

    /// The renditions that are served; `None`: clients wait.
    pub fn cache(&self) -> Option<Arc<RenditionCache>> {
        self.served.as_ref().map(|served| Arc::clone(&served.load().cache))
    }

    /// Waits until the last request is answered or cut off, after `stop` was canceled.
    pub async fn finish(self) -> ShutdownResult {
        drop(self.listeners);
        let mut result = ShutdownResult::Clean;
        for task in self.tasks {
            let ended = task.await.unwrap_or(ShutdownResult::Clean);
            result = match (result, ended) {
                (ShutdownResult::CutOff(one), ShutdownResult::CutOff(other)) => {
                    ShutdownResult::CutOff(one + other)
                }
                (ShutdownResult::Clean, other) | (other, ShutdownResult::Clean) => other,
            };
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;
    use crate::http::{
        DaemonHealth, OpeningNotice, OutputFormat, Resource, ServedRendition, encode_rendition,
    };
    use crate::model::{Scope, Visibility};

    /// A state with one feed, and a notice if there is a reason for one.
    fn state(feed: &'static str, notice: Option<&str>) -> HttpState {
        let cache = RenditionCache::default();
        let resource = Resource::Feed { scope: Scope::All, format: OutputFormat::Rss };
        let rendition = encode_rendition("text/xml", feed, Timestamp::UNIX_EPOCH, 300);
        cache.put(&resource, &Arc::new(ServedRendition::new(Arc::new(rendition))));
        let health = DaemonHealth::new(Timestamp::UNIX_EPOCH);
        if let Some(reason) = notice {
            let reason = format!("{reason}\n");
            health.set_opening(OpeningNotice { reason, page: "صفحة".into() });
        }
        HttpState::without_store(Arc::new(cache), Arc::new(health), || Timestamp::UNIX_EPOCH)
    }

    /// The answer to the next request of a connection that stays open.
    async fn answer(connection: &mut TcpStream, request: &str) -> String {
        let request = format!("{request} HTTP/1.1\r\nHost: a\r\n\r\n");
        connection.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        loop {
            let mut piece = [0; 4096];
            let count = connection.read(&mut piece).await.unwrap();
            assert_ne!(count, 0, "the connection ended");
            bytes.extend_from_slice(&piece[..count]);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if request.starts_with("HEAD") || body.len() >= length.unwrap().parse().unwrap() {
                return text;
            }
        }
    }

    /// The status and the body.
    async fn get(connection: &mut TcpStream, path: &str) -> (String, String) {
        let answer = answer(connection, &format!("GET {path}")).await;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), body.to_owned())
    }

    #[tokio::test]
    async fn what_is_served_is_replaced_while_connections_stay_open() {
        let stop = CancellationToken::new();
        let mut server = Server::bind("127.0.0.1:0".parse().unwrap(), stop.clone()).unwrap();
        let address = server.address();
        let mut early = TcpStream::connect(address).await.unwrap();
        assert!(server.cache().is_none(), "clients wait");
        server.serve(state("one", None));
        let is = |status: &str, body: &str| (status.to_owned(), body.to_owned());
        assert_eq!(get(&mut early, "/feed.xml").await, is("200", "one"));

        // What was rendered is still served; the rest is the notice.
        server.serve(state("one", Some("damaged")));
        assert_eq!(get(&mut early, "/feed.xml").await, is("200", "one"));
        for path in ["/atom.xml", "/readyz", "/status.json", "/metrics"] {
            assert_eq!(get(&mut early, path).await, is("503", "damaged\n"), "{path}");
        }
        assert_eq!(get(&mut early, "/healthz").await, is("200", "ok\n"));
        let head = answer(&mut early, "HEAD /feed.xml").await;
        assert!(head.starts_with("HTTP/1.1 200") && head.ends_with("\r\n\r\n"), "{head}");
        let posted = answer(&mut early, "POST /feed.xml").await;
        assert!(posted.starts_with("HTTP/1.1 503"), "{posted}");
        let mut other = TcpStream::connect(address).await.unwrap();
        assert_eq!(get(&mut other, "/atom.xml").await, is("503", "damaged\n"));

        server.serve(state("two", None));
        assert_eq!(get(&mut early, "/feed.xml").await, is("200", "two"));
        assert_eq!(get(&mut other, "/feed.xml").await, is("200", "two"));
        stop.cancel();
        assert_eq!(server.finish().await, ShutdownResult::Clean);
        assert!(TcpStream::connect(address).await.is_err(), "nothing listens any more");
    }

    #[tokio::test]
    async fn the_operator_has_an_address_of_its_own() {
        let stop = CancellationToken::new();
        let local = || "127.0.0.1:0".parse().unwrap();
        let mut server = Server::bind(local(), stop.clone()).unwrap();
        server.bind_admin(local()).unwrap();
        let mut readers = TcpStream::connect(server.address()).await.unwrap();
        let mut operator = TcpStream::connect(server.admin_address().unwrap()).await.unwrap();
        server.serve(state("one", None));
        for connection in [&mut readers, &mut operator] {
            assert_eq!(get(connection, "/feed.xml").await.1, "one");
            assert_eq!(get(connection, "/metrics").await.0, "200");
        }
        let rules = AccessRules { metrics: Visibility::Local, ..AccessRules::default() };
        server.access().store(Arc::new(rules));
        assert_eq!(get(&mut readers, "/metrics").await.0, "404", "although it is this machine");
        assert_eq!(get(&mut operator, "/metrics").await.0, "200");
        // The rules stay when what is served is replaced.
        server.serve(state("two", None));
        assert_eq!(get(&mut readers, "/metrics").await.0, "404");
        assert_eq!(get(&mut operator, "/feed.xml").await.1, "two");
        stop.cancel();
        assert_eq!(server.finish().await, ShutdownResult::Clean);
    }

    #[tokio::test]
    async fn a_server_that_served_nothing_ends() {
        let stop = CancellationToken::new();
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), stop).unwrap();
        let address = server.address();
        assert_eq!(server.finish().await, ShutdownResult::Clean);
        assert!(TcpStream::connect(address).await.is_err());
    }
}
