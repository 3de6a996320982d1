//! The addresses of `[serve]` → what is wrong between them, and what is allowed but opens more than is surely meant.

use std::ops::Range;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::settings::Config;
use super::value::Section;

/// Where `[serve]` has its keys about access.
#[derive(Default)]
pub(super) struct AccessSpans {
    admin_listen: Option<Range<usize>>,
    users: Option<Range<usize>>,
}

impl AccessSpans {
    /// The places in the table `[serve]`.
    pub(super) fn of_section(section: &Section<'_>) -> Self {
        let [admin_listen, users] = ["admin_listen", "users"].map(|name| section.span_of(name));
        Self { admin_listen, users }
    }

    /// Two addresses that cannot both be bound.
    pub(super) fn check_addresses(&self, config: &Config) -> Option<Diagnostic> {
        let (listen, admin) = (config.serve.listen, config.serve.admin_listen?);
        let is_same_interface = listen.ip() == admin.ip() || listen.ip().is_unspecified();
        let is_same = listen.port() == admin.port() && listen.port() != 0 && is_same_interface;
        let span = self.admin_listen.clone().filter(|_| is_same)?;
        let message = format!("`admin_listen` is the address of `listen` ({listen})");
        Some(Diagnostic::at(span, message).with_help("give it another port"))
    }

    /// What is open to others.
    pub(super) fn warn_of_open_access(&self, config: &Config) -> Diagnostics {
        let mut notes = Diagnostics::default();
        if let (Some(admin), Some(span)) = (config.serve.admin_listen, &self.admin_listen)
            && !admin.ip().is_loopback()
        {
            let message = "other machines can reach `admin_listen`, which needs no password";
            let help = "listen at 127.0.0.1, or let a firewall admit the operator alone";
            notes.push(Diagnostic::at(span.clone(), message).with_help(help));
        }
        let listen = config.serve.listen;
        let has_tls = config.site.address.as_ref().is_some_and(|it| it.scheme() == "https");
        if let Some(span) = self.users.clone().filter(|_| !config.serve.users.is_empty())
            && !listen.ip().is_loopback()
            && !has_tls
        {
            let message = format!("passwords cross the network as they are: {listen} has no TLS");
            let help = "put a proxy with TLS before it, listen at 127.0.0.1, and give the https \
                        address as `address` in `[site]`";
            notes.push(Diagnostic::at(span, message).with_help(help));
        }
        notes
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;

    const USERS: &str =
        "users = [\"layla:$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$AAAAAAAAAAAAAAAAAAAAAA\"]";
    const TLS: &str = "[site]\naddress = \"https://news.example/\"";

    /// The mistakes and notes about a `[serve]` with these lines.
    fn remarks(serve: &str) -> String {
        let text = format!("[serve]\n{serve}\n");
        match parse(&text, Path::new("x"), Path::new("/")) {
            Ok(config) => config.notes.concat(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn addresses_that_exclude_each_other_or_open_too_much_are_named() {
        let same = "`admin_listen` is the address of `listen`";
        let open = "other machines can reach `admin_listen`";
        for (serve, expected) in [
            ("admin_listen = \"127.0.0.1:8081\"", None),
            ("admin_listen = \"127.0.0.1:0\"\nlisten = \"127.0.0.1:0\"", None),
            ("admin_listen = \"[::1]:8080\"", None),
            ("admin_listen = \"127.0.0.1:8080\"", Some(same)),
            ("admin_listen = \"127.0.0.1:80\"\nlisten = \"0.0.0.0:80\"", Some(same)),
            ("admin_listen = \"0.0.0.0:8081\"", Some(open)),
            (USERS, None),
            (&format!("{USERS}\nlisten = \"0.0.0.0:80\""), Some("0.0.0.0:80 has no TLS")),
            (&format!("{USERS}\nlisten = \"0.0.0.0:80\"\n{TLS}"), None),
            ("users = []\nlisten = \"0.0.0.0:80\"", None),
            ("users = [\"layla:secret\"]", Some("expected a line of `rafid passwd`")),
            ("users = \"layla:secret\"", Some("expected an array")),
            ("users = [7]", Some("expected a line of `rafid passwd`")),
            (&USERS.replace(']', &USERS[8..].replacen('[', ",", 1)), Some("the same name")),
            ("users = [{ file = \"/none/secret\" }]", Some("cannot read")),
            ("status = \"private\"", Some("expected \"public\", \"local\" or \"off\"")),
        ] {
            let found = remarks(serve);
            assert!(!found.contains("layla:secret"), "{found}");
            match expected {
                Some(words) => assert!(found.contains(words), "{serve}: {found}"),
                None => assert_eq!(found, "", "{serve}"),
            }
        }
    }
}
