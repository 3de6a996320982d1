//! Settings → a client, or an error that names the setting.

use super::*;

#[test]
fn the_program_has_one_name() {
    let check = |contact, expected| assert_eq!(user_agent("0.1.0", contact), expected);
    check(None, "Rafid/0.1.0 (feed aggregator)");
    check(Some(""), "Rafid/0.1.0 (feed aggregator)");
    check(Some("me@news.example"), "Rafid/0.1.0 (+me@news.example; feed aggregator)");
    check(Some("https://a.example/"), "Rafid/0.1.0 (+https://a.example/; feed aggregator)");
    check(Some("a)\r\nX: y\\(ب"), "Rafid/0.1.0 (+aX:y; feed aggregator)");
}

#[test]
fn a_client_is_shared_between_tasks() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    fn sent<T: Send>(_: &T) {}
    let client = Client::new(&settings(&[])).unwrap();
    shared(&client);
    let url = Url::parse("http://a.example/").unwrap();
    sent(&get(&client, &url));
}

#[test]
fn settings_that_cannot_be_used() {
    let check = |settings: FetchSettings, expected: &str| {
        let error = Client::new(&settings).err().unwrap().to_string();
        assert_eq!(error, format!("the HTTP client cannot be set up: {expected}"));
    };
    let base = settings(&[]);
    check(
        FetchSettings { user_agent: "a\nb".to_owned(), ..base.clone() },
        "no header can hold the user agent \"a\\nb\"",
    );
    let proxy = Some(Url::parse("socks5://me:secret@127.0.0.1:9050").unwrap());
    check(
        FetchSettings { proxy, ..base },
        "the proxy socks5://127.0.0.1:9050 is refused: expected http or https",
    );
}
