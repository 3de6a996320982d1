//! A request as an origin receives it.

use std::collections::BTreeMap;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::script::bare;

/// One request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceivedRequest {
    pub method: String,
    /// The path and query.
    pub path: String,
    /// The head, byte for byte.
    pub head: Vec<u8>,
    /// The headers by their names in lower case; of two lines with one name the last.
    pub headers: BTreeMap<String, String>,
    pub body: String,
    /// On which connection, counted from 0.
    pub connection: usize,
    /// The status that it is answered with; 0: the answer has none.
    pub status: u16,
}

impl ReceivedRequest {
    /// The value of a header's only line, as it came; `None`: there is no such line.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let mut values = self.head.split(|byte| *byte == b'\n').skip(1).filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let is_named = line[..colon].eq_ignore_ascii_case(name.as_bytes());
            is_named.then(|| line[colon + 1..].trim_ascii().to_vec())
        });
        let value = values.next();
        assert_eq!(values.next(), None, "{name} is sent twice");
        value
    }

    /// The names of all headers, lower case, sorted; one that is sent twice stands there twice.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            header_lines(&self.head).into_iter().map(|(name, _)| name).collect();
        names.sort();
        names
    }
}

fn header_lines(head: &[u8]) -> Vec<(String, String)> {
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().skip(1).filter_map(|line| line.split_once(':'));
    lines.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect()
}

/// The next request; `None`: the client has closed the connection, or does not speak HTTP.
pub(super) async fn receive(
    stream: &mut BufReader<TcpStream>,
    connection: usize,
) -> Option<ReceivedRequest> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
        // A TLS client's first byte: a server of plain HTTP refuses it.
        if head == [0x16] {
            drop(stream.write_all(&bare("400 Bad Request", &[])).await);
            return None;
        }
    }
    let headers: BTreeMap<String, String> = header_lines(&head).into_iter().collect();
    let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    let first_line = String::from_utf8_lossy(&head);
    let mut words = first_line.split(' ').map(ToOwned::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let body = String::from_utf8(body).unwrap();
    Some(ReceivedRequest { method, path, head, headers, body, connection, status: 0 })
}
