//! Clients that are slow, silent or many → connections that end, and room for an honest client.

use tokio::time::Instant;

use super::*;

/// Reads until the server ends the connection, and returns the number of (paused) seconds.
async fn seconds_until_end(stream: &mut TcpStream) -> u64 {
    let from = Instant::now();
    let mut piece = vec![0; 65_536];
    while let Ok(1..) = stream.read(&mut piece).await {}
    from.elapsed().as_secs()
}

#[tokio::test(start_paused = true)]
async fn heads_that_do_not_arrive() {
    let served = served().await;
    for start in ["", "G", "GET /feed.xml HTTP/1.1\r\n", "GET /feed.xml HTTP/1.1\r\nHost: a\r\n"] {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(start.as_bytes()).await.unwrap();
        assert_eq!(seconds_until_end(&mut stream).await, HEAD_TIMEOUT.as_secs(), "{start:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn heads_that_drip() {
    let served = served().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let from = Instant::now();
    for byte in "GET /feed.xml HTTP/1.1\r\nHost: a\r\n".bytes().cycle() {
        tokio::time::sleep(Duration::from_secs(1)).await;
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    let seconds = from.elapsed().as_secs();
    assert!((10..=13).contains(&seconds), "{seconds}");
}

#[tokio::test(start_paused = true)]
async fn connections_that_fall_silent_after_a_response() {
    let served = served().await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    assert_eq!(seconds_until_end(&mut stream).await, HEAD_TIMEOUT.as_secs());
}

/// More than the system's buffers take.
fn large() -> Arc<Rendition> {
    let small = rendition("x");
    let body = bytes::Bytes::from(vec![b'x'; 32 << 20]);
    Arc::new(Rendition { body, ..Rendition::clone(&small) })
}

#[tokio::test(start_paused = true)]
async fn responses_that_are_not_taken() {
    let served = served_with(&large()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    stream.write_all(b"GET /feed.xml HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    let mut first = [0; 64];
    stream.read_exact(&mut first).await.unwrap();
    tokio::time::sleep(WRITE_TIMEOUT + Duration::from_secs(5)).await;
    let mut taken = 0;
    let mut piece = vec![0; 1 << 20];
    while let Ok(count @ 1..) = stream.read(&mut piece).await {
        taken += count;
    }
    assert!(taken < 32 << 20, "the whole response arrived: the server did not give up");
}

#[tokio::test(start_paused = true)]
async fn responses_that_are_taken_slowly_are_whole() {
    let served = served_with(&large()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = b"GET /feed.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let (mut taken, mut piece) = (0, vec![0; 1 << 20]);
    loop {
        match stream.read(&mut piece).await.unwrap() {
            0 => break,
            count => taken += count,
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
    }
    assert!(taken > 32 << 20, "{taken}");
}

/// Whichever clients hold the connections, and however busy they look, the next client is answered.
#[tokio::test]
async fn a_crowd_does_not_lock_out_an_honest_client() {
    let served = served().await;
    let mut crowd = Vec::new();
    let mut honest = TcpStream::connect(served.address).await.unwrap();
    for number in 0..MAX_CONNECTIONS + 100 {
        let mut stream = TcpStream::connect(served.address).await.unwrap();
        stream.write_all(b"GET /feed.xml HTTP/1.1\r\nHost:").await.unwrap();
        crowd.push(stream);
        if number % 100 == 0 {
            let request = b"GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n";
            honest.write_all(request).await.unwrap();
            let mut answer = [0; 1024];
            let count = honest.read(&mut answer).await.unwrap();
            assert!(
                answer[..count].starts_with(b"HTTP/1.1 503"),
                "an active client keeps its connection"
            );
        }
    }
    let (head, _) = send_request(served.address, "GET /feed.xml HTTP/1.1").await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    let mut first = [0; 1];
    let ended = tokio::time::timeout(Duration::from_mins(1), crowd[0].read(&mut first)).await;
    assert!(matches!(ended, Ok(Ok(0) | Err(_))), "the one idle the longest is closed: {ended:?}");
}

fn answered(metrics: &Metrics) -> u64 {
    let text = metrics.render(crate::http::MetricsFormat::Text);
    let line = text.lines().find(|line| line.contains("{status=\"2xx\"}"));
    line.map_or(0, |line| line.rsplit(' ').next().unwrap().parse().unwrap())
}

/// All of ten thousand pipelined requests are answered when the client takes the responses.
#[tokio::test]
async fn pipelines_are_answered() {
    let served = served().await;
    let stream = TcpStream::connect(served.address).await.unwrap();
    let (mut from, mut to) = stream.into_split();
    let one = "HEAD /feed.xml HTTP/1.1\r\nHost: a\r\n\r\n";
    let last = "HEAD /feed.xml HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let requests = format!("{}{last}", one.repeat(9_999));
    let writing = tokio::spawn(async move { to.write_all(requests.as_bytes()).await.map(|()| to) });
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).await.unwrap();
    writing.await.unwrap().unwrap();
    assert_eq!(answered(&served.metrics), 10_000);
}

/// When the client takes none, the server stops reading: one response waits, not all of them.
#[tokio::test(start_paused = true)]
async fn pipelines_whose_responses_are_not_taken() {
    let served = served_with(&large()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let one = "GET /feed.xml HTTP/1.1\r\nHost: a\r\n\r\n";
    stream.write_all(one.repeat(1_000).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_mins(1)).await;
    let count = answered(&served.metrics);
    assert!((1..=2).contains(&count), "{count} responses of 32 MiB were begun");
}
