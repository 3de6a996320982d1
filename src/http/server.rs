//! An address → the server there, for as long as the process runs. What it serves can be replaced: connections stay
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

use super::listen::{ShutdownResult, bind, serve_until_shutdown};
use super::{HttpState, RenditionCache};

/// Requests that are being answered get this long after a stop was requested.
pub const DRAIN_TIMEOUT: Duration = Duration::from_secs(8);

/// The server at one address.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    /// `None`: the address is served.
    listener: Option<TcpListener>,
    /// `None`: clients wait.
    served: Option<Arc<ArcSwap<HttpState>>>,
    task: Option<JoinHandle<ShutdownResult>>,
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
        Ok(Self { address, listener: Some(listener), served: None, task: None, stop })
    }

    /// Where it serves.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers every request from now on from `state`. Requests that are being answered are not disturbed.
    pub fn serve(&mut self, state: HttpState) {
        let Some(listener) = self.listener.take() else {
            if let Some(served) = &self.served {
                served.store(Arc::new(state));
            }
            return;
        };
        let served = Arc::new(ArcSwap::from_pointee(state));
        let stop = self.stop.clone();
        let serving = serve_until_shutdown(listener, Arc::clone(&served), stop, DRAIN_TIMEOUT);
        self.task = Some(tokio::spawn(serving));
        self.served = Some(served);
    }

    /// The renditions that are served; `None`: clients wait.
    pub fn cache(&self) -> Option<Arc<RenditionCache>> {
        self.served.as_ref().map(|served| Arc::clone(&served.load().cache))
    }

    /// Waits until the last request is answered or cut off, after `stop` was canceled.
    pub async fn finish(self) -> ShutdownResult {
        drop(self.listener);
        match self.task {
            Some(task) => task.await.unwrap_or(ShutdownResult::Clean),
            None => ShutdownResult::Clean,
        }
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
    use crate::model::Scope;

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
    async fn a_server_that_served_nothing_ends() {
        let stop = CancellationToken::new();
        let server = Server::bind("127.0.0.1:0".parse().unwrap(), stop).unwrap();
        let address = server.address();
        assert_eq!(server.finish().await, ShutdownResult::Clean);
        assert!(TcpStream::connect(address).await.is_err());
    }
}
