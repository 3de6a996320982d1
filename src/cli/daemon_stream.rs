//! A request that the running daemon answers with a stream, for the operator only → its bytes, as they arrive. An
//! export and a backup are larger than memory should be; polls end one after another.

use std::io::{self, Write};
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

use super::daemon_client::{read_key, unreachable_error};
use super::{CliError, start_runtime};
use crate::config::Config;
use crate::http::KEY_HEADER;

/// How long the daemon may send nothing. A backup of a million entries is prepared within two minutes, and a query
/// that finds nothing among as many takes one.
const SILENCE_TIMEOUT: Duration = Duration::from_mins(10);

/// Why a stream ended early.
pub(super) enum StreamFailure {
    /// The bytes could not be written.
    Output(io::Error),
    /// The daemon does not answer, or not completely.
    Daemon(CliError),
}

/// Writes what the daemon at `base` answers at `path` into `out`.
pub(super) fn stream_as_operator(
    config: &Config,
    base: &Url,
    path: &str,
    out: &mut dyn Write,
) -> Result<(), StreamFailure> {
    request_as_operator(config, base, (Method::GET, path), out)
}

/// The same for a path where the daemon does something.
pub(super) fn post_as_operator(
    config: &Config,
    base: &Url,
    path: &str,
    out: &mut dyn Write,
) -> Result<(), StreamFailure> {
    request_as_operator(config, base, (Method::POST, path), out)
}

fn request_as_operator(
    config: &Config,
    base: &Url,
    (method, path): (Method, &str),
    out: &mut dyn Write,
) -> Result<(), StreamFailure> {
    let key = read_key(config).map_err(StreamFailure::Daemon)?;
    let runtime = start_runtime().map_err(StreamFailure::Daemon)?;
    let unreachable =
        |error: &dyn std::fmt::Display| StreamFailure::Daemon(unreachable_error(base, error));
    runtime.block_on(async {
        let url = base.join(path).map_err(|error| unreachable(&error))?;
        let response = timeout(SILENCE_TIMEOUT, send_request(method, &url, &key)).await;
        let response = response.map_err(|error| unreachable(&error))?;
        let mut body = response.map_err(|error| unreachable(&error))?.into_body();
        loop {
            let frame = timeout(SILENCE_TIMEOUT, body.frame()).await;
            let frame = match frame.map_err(|error| unreachable(&error))? {
                None => return Ok(()),
                Some(frame) => frame.map_err(|_| StreamFailure::Daemon(incomplete_error(base)))?,
            };
            if let Some(bytes) = frame.data_ref() {
                out.write_all(bytes).map_err(StreamFailure::Output)?;
            }
        }
    })
}

/// The error of an answer without its end.
pub(super) fn incomplete_error(base: &Url) -> CliError {
    CliError::working(format!(
        "error: the daemon at {base} ended its answer early; its log says why, or it was stopped"
    ))
}

/// Sends the request over a connection of its own.
async fn send_request(method: Method, url: &Url, key: &str) -> Result<Response<Incoming>, String> {
    let words = |error: &dyn std::fmt::Display| error.to_string();
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    let address = (host.trim_matches(['[', ']']), port);
    let stream = TcpStream::connect(address).await.map_err(|error| words(&error))?;
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| words(&error))?;
    // It ends with the response.
    tokio::spawn(connection);
    let path =
        url.query().map_or_else(|| url.path().to_owned(), |it| format!("{}?{it}", url.path()));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", format!("{host}:{port}"))
        .header(KEY_HEADER, key)
        .body(Empty::<Bytes>::new())
        .map_err(|error| words(&error))?;
    let response = sender.send_request(request).await.map_err(|error| words(&error))?;
    match response.status() {
        StatusCode::OK => Ok(response),
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => {
            Err("it does not know this request: it is of an earlier version".to_owned())
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            Err("it is busy with other exports, backups or polls; try again when they are complete"
                .to_owned())
        }
        status => Err(format!("it answered {status}")),
    }
}
