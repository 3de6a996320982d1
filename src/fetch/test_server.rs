//! The origin of all tests (`tests/support/origin`), with one script for all its paths and with addresses as
//! values.

#[path = "../../tests/support/origin/mod.rs"]
mod server;

use url::Url;

pub(crate) use server::{Act, Origin, ReceivedRequest, bare, head_of, ok};

impl Origin {
    /// Starts an origin that follows `script` for each request.
    pub(crate) fn scripted(
        script: impl Fn(&ReceivedRequest) -> Vec<Act> + Send + Sync + 'static,
    ) -> Self {
        Self::spawn(script)
    }

    /// An origin that always responds with these bytes.
    pub(crate) fn answering(bytes: impl Into<Vec<u8>>) -> Self {
        let bytes = bytes.into();
        Self::scripted(move |_| vec![Act::Send(bytes.clone())])
    }

    /// An address of the origin, with its literal IP.
    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// An address of the origin, by its name.
    pub(crate) fn url_by_name(&self, path: &str) -> Url {
        Url::parse(&format!("http://localhost:{}{path}", self.address.port())).unwrap()
    }

    /// The last request.
    pub(crate) fn last(&self) -> ReceivedRequest {
        self.requests().pop().unwrap()
    }
}
