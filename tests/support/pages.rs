//! Pages that an origin serves, as most tests need them: a status, a type, a body, and an entity tag that the
//! origin knows again.

use std::fmt::Write as _;
use std::sync::Arc;

use super::origin::{Act, Gate, Origin, ReceivedRequest, Script};

/// What the origin answers at a path.
#[derive(Debug, Clone)]
pub struct Page {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub etag: Option<String>,
    pub headers: Vec<(&'static str, String)>,
    /// Answered only once this is open; `None`: at once.
    pub gate: Option<Arc<Gate>>,
}

impl Page {
    pub fn xml(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            content_type: "application/xml",
            body: body.into(),
            etag: None,
            headers: Vec::new(),
            gate: None,
        }
    }

    pub fn html(body: impl Into<Vec<u8>>) -> Self {
        Self::xml(body).content_type("text/html; charset=utf-8")
    }

    pub fn status(status: u16) -> Self {
        Self { status, ..Self::xml("") }
    }

    #[must_use]
    pub fn etag(mut self, etag: &str) -> Self {
        self.etag = Some(etag.to_owned());
        self
    }

    #[must_use]
    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    #[must_use]
    pub fn behind(mut self, gate: &Arc<Gate>) -> Self {
        self.gate = Some(Arc::clone(gate));
        self
    }

    #[must_use]
    pub fn content_type(mut self, content_type: &'static str) -> Self {
        self.content_type = content_type;
        self
    }
}

impl Script for Page {
    fn acts(&self, request: &ReceivedRequest, _: usize) -> Vec<Act> {
        let is_known =
            self.etag.is_some() && request.headers.get("if-none-match") == self.etag.as_ref();
        let status = if is_known && self.status == 200 { 304 } else { self.status };
        let mut bytes = format!("HTTP/1.1 {status} X\r\ncontent-type: {}\r\n", self.content_type);
        if let Some(etag) = &self.etag {
            let _ = write!(bytes, "etag: {etag}\r\n");
        }
        for (name, value) in &self.headers {
            let _ = write!(bytes, "{name}: {value}\r\n");
        }
        let body: &[u8] = if status == 304 { &[] } else { &self.body };
        let _ = write!(bytes, "content-length: {}\r\n\r\n", body.len());
        let send = Act::Send([bytes.as_bytes(), body].concat());
        self.gate.iter().cloned().map(Act::Pass).chain([send]).collect()
    }
}

impl Origin {
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}
