//! A value that may be a secret and can be kept outside of the file: written out, or a table that says where
//! it is kept → its text. Messages name the place, never its content.
//!
//! | written | the value |
//! | --- | --- |
//! | `"…"` | itself |
//! | `{ env = "TOKEN" }` | the variable of the environment |
//! | `{ file = "token" }` | the file, beside the config or by its whole path, without one line break at its end |
//! | `{ credential = "token" }` | the credential of systemd (systemd.exec(5), `LoadCredential=`) |
//! | the same with `prefix = "Bearer "` | these letters, and the value behind them |

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::nested_keys::SECRET;
use super::shell_variable::{find_shell_variable, parse_bare_variable};
use super::value::{ConfigValue, ParseKey, SecretPolicy, Section, set_some, truncate_for_quoting};

/// No header and no address is longer: servers refuse more.
const MAX_SECRET_BYTES: usize = 8 << 10;
/// Where systemd puts the credentials of a service.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// What precedes a token in an `Authorization` header.
const AUTHORIZATION_SCHEMES: [&str; 4] = ["Basic ", "Bearer ", "Token ", "token "];

/// Where a secret is kept, as far as its table says.
#[derive(Default)]
pub(super) struct SecretTable {
    location: Option<SecretLocation>,
    /// A second place that is also named.
    second_location: Option<&'static str>,
    prefix: Option<String>,
}

/// Where a secret is kept.
pub(super) enum SecretLocation {
    Variable(String),
    File(String),
    Credential(String),
}

pub(super) const SECRET_PARSERS: &[(&str, ParseKey<SecretTable>)] = &[
    ("env", |table, value| {
        table.set_location("env", SecretLocation::Variable(value.text_line()?));
        Ok(())
    }),
    ("file", |table, value| {
        table.set_location("file", SecretLocation::File(value.text_line()?));
        Ok(())
    }),
    ("credential", |table, value| {
        table.set_location("credential", SecretLocation::Credential(value.text_line()?));
        Ok(())
    }),
    ("prefix", |table, value| {
        set_some(&mut table.prefix, value.verbatim(value.kind).map(ToOwned::to_owned))
    }),
];

impl SecretTable {
    fn set_location(&mut self, key: &'static str, place: SecretLocation) {
        if self.location.replace(place).is_some() {
            self.second_location = Some(key);
        }
    }
}

/// The text of a value. `None`: it is kept elsewhere, is missing there, and may be missing.
pub(super) fn resolve_value(value: &ConfigValue<'_>) -> Result<Option<String>, Diagnostics> {
    if !value.is_table() {
        return Ok(Some(check_literal(value)?));
    }
    let (place, prefix) = parse_secret_table(value)?;
    match read_secret(value, &place) {
        Ok(text) => Ok(Some(prefix + &text)),
        Err(_) if value.environment.secrets == SecretPolicy::Optional => Ok(None),
        Err(diagnostic) => Err(diagnostic.into()),
    }
}

/// Where a value is kept, and what is sent before it.
fn parse_secret_table(value: &ConfigValue<'_>) -> Result<(SecretLocation, String), Diagnostics> {
    let section = Section { keys: &SECRET, table: value.table()?, environment: value.environment };
    let mut table = SecretTable::default();
    let mut diagnostics = Diagnostics::default();
    section.parse_keys(SECRET_PARSERS, &mut table, &mut diagnostics);
    if !diagnostics.0.is_empty() {
        return Err(diagnostics);
    }
    let expected = "expected one of `env`, `file` and `credential`";
    match (table.location, table.second_location) {
        (Some(place), None) => Ok((place, table.prefix.unwrap_or_default())),
        (_, Some(other)) => {
            Err(value.error(format_args!("{expected}, found `{other}` beside another")).into())
        }
        (None, None) => {
            let help =
                "write { env = \"TOKEN\" }, { file = \"token\" } or { credential = \"token\" }";
            Err(value.error(expected).with_help(help).into())
        }
    }
}

/// The text that is kept there.
fn read_secret(value: &ConfigValue<'_>, place: &SecretLocation) -> Result<String, Diagnostic> {
    let found = match place {
        SecretLocation::Variable(name) => read_variable(value, name)?,
        SecretLocation::File(path) => {
            read_secret_file(value, &value.environment.folder.join(path), FILE_HELP)?
        }
        SecretLocation::Credential(name) => read_credential(value, name)?,
    };
    if found.trim().is_empty() {
        return Err(value.error(format_args!("{} is empty", describe_location(place))));
    }
    Ok(found.trim_end_matches([' ', '\t']).to_owned())
}

fn describe_location(place: &SecretLocation) -> String {
    match place {
        SecretLocation::Variable(name) => format!("the variable `{}`", truncate_for_quoting(name)),
        SecretLocation::File(path) => format!("the file {}", truncate_for_quoting(path)),
        SecretLocation::Credential(name) => {
            format!("the credential `{}`", truncate_for_quoting(name))
        }
    }
}

/// A value that is in the file itself.
fn check_literal(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let kind = value.kind;
    // What was found instead is not repeated: it may be the secret.
    let text =
        value.verbatim(kind).map_err(|_| value.error(format_args!("expected {kind}")))?.trim();
    let variable =
        find_shell_variable(text).or_else(|| text.split_whitespace().find_map(parse_bare_variable));
    let Some(name) = variable else { return Ok(text.to_owned()) };
    let prefix = AUTHORIZATION_SCHEMES.iter().find(|scheme| text.starts_with(**scheme));
    let prefix = prefix.map_or(String::new(), |scheme| format!(", prefix = \"{scheme}\""));
    let name = if name.is_empty() { "TOKEN" } else { name };
    Err(value
        .error(format_args!("`${{{name}}}` would be sent as it is written"))
        .with_help(format!("write {{ env = \"{name}\"{prefix} }} instead of the string")))
}

/// The text of an environment variable.
fn read_variable(value: &ConfigValue<'_>, name: &str) -> Result<String, Diagnostic> {
    let Some(found) = (value.environment.variable)(name) else {
        let message =
            format!("there is no variable `{}` in the environment", truncate_for_quoting(name));
        return Err(value.error(message).with_help(
            "set it where rafid is started: in a unit of systemd by `Environment=` or `EnvironmentFile=`",
        ));
    };
    found.into_string().map_err(|_| {
        value.error(format_args!("the variable `{}` is not UTF-8", truncate_for_quoting(name)))
    })
}

const FILE_HELP: &str = "a path that is not absolute begins beside the configuration; rafid must be allowed to read the file";
const CREDENTIAL_HELP: &str = "name it in the unit of systemd: LoadCredential=name:/path";

fn read_credential(value: &ConfigValue<'_>, name: &str) -> Result<String, Diagnostic> {
    let is_plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_plain || name.contains('/') {
        return Err(value.error("expected the name of a credential, without a folder"));
    }
    if let Some(folder) = (value.environment.variable)(CREDENTIALS_VARIABLE) {
        return read_secret_file(value, &PathBuf::from(folder).join(name), CREDENTIAL_HELP);
    }
    let message = format!(
        "there is no credential `{}`: `${CREDENTIALS_VARIABLE}` is not set, which systemd does for services",
        truncate_for_quoting(name)
    );
    Err(value.error(message).with_help(CREDENTIAL_HELP))
}

/// The content of a file, without one line break at its end.
fn read_secret_file(
    value: &ConfigValue<'_>,
    path: &Path,
    help: &str,
) -> Result<String, Diagnostic> {
    let failed = |reason: &dyn std::fmt::Display| {
        value.error(format_args!("cannot read {}: {reason}", path.display())).with_help(help)
    };
    let bytes = read_limited(path).map_err(|error| failed(&error))?;
    if bytes.len() > MAX_SECRET_BYTES {
        return Err(failed(&format_args!("expected at most {MAX_SECRET_BYTES} bytes")));
    }
    let text = String::from_utf8(bytes).map_err(|_| failed(&"it is not UTF-8"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    Ok(line.strip_suffix('\r').unwrap_or(line).to_owned())
}

/// The file, or as much of it as shows that it is too long. A pipe is refused: it may never end.
fn read_limited(path: &Path) -> io::Result<Vec<u8>> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let limit = u64::try_from(MAX_SECRET_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::config::value::ConfigEnvironment;
    use crate::config::{Config, ConfigError, parse_in_environment};

    /// A folder with files, and an environment.
    fn read(text: &str) -> Result<Config, ConfigError> {
        read_with(text, SecretPolicy::Required)
    }

    fn read_with(headers: &str, secrets: SecretPolicy) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("one", b"from a file\n");
        write("two", b"from a file\n\n");
        write("none", b"\n");
        write("binary", b"\xff\xfe");
        write("long", "x".repeat(MAX_SECRET_BYTES + 1).as_bytes());
        let credentials = folder.path().join("credentials");
        std::fs::create_dir(&credentials).unwrap();
        std::fs::write(credentials.join("token"), "from systemd").unwrap();
        let variable = |name: &str| match name {
            "TOKEN" => Some(OsString::from("from the environment")),
            "PROXY" => Some(OsString::from("http://me:sirr@proxy.example:3128")),
            "EMPTY" => Some(OsString::new()),
            CREDENTIALS_VARIABLE => Some(credentials.clone().into()),
            _ => None,
        };
        let text = format!("{headers}\n");
        let environment = ConfigEnvironment { folder: folder.path(), variable: &variable, secrets };
        parse_in_environment(
            &text,
            Path::new("feeds.toml"),
            &folder.path().join("data"),
            environment,
        )
    }

    fn source(value: &str) -> String {
        format!("[[source]]\nurl = \"https://a.example/\"\nheaders = {{ X-Token = {value} }}")
    }

    #[test]
    fn a_secret_is_read_from_where_it_is_kept() {
        let check = |value: &str, expected: &str| {
            let config = read(&source(value)).unwrap_or_else(|error| panic!("{value}: {error}"));
            assert_eq!(
                config.sources[0].headers,
                [("x-token".to_owned(), expected.to_owned())],
                "{value}"
            );
        };
        check("\" written \"", "written");
        check("{ env = \"TOKEN\" }", "from the environment");
        check("{ file = \"one\" }", "from a file");
        check("{ credential = \"token\" }", "from systemd");
        check("{ env = \"TOKEN\", prefix = \"Bearer \" }", "Bearer from the environment");
        check("\"cost $5 and ${} and a$HOME\"", "cost $5 and ${} and a$HOME");
        let config = read("[polling]\nproxy = { env = \"PROXY\" }").unwrap();
        assert_eq!(config.polling.proxy.unwrap().password(), Some("sirr"));
    }

    #[test]
    fn a_missing_secret_is_a_mistake_with_advice_and_without_the_secret() {
        let check = |value: &str, message: &str, help: &str| {
            let error = read(&source(value)).unwrap_err();
            let diagnostic = &error.diagnostics()[0];
            assert!(diagnostic.message.contains(message), "{value}: {}", diagnostic.message);
            assert!(
                diagnostic.help.as_deref().unwrap_or_default().contains(help),
                "{value}: {diagnostic:?}"
            );
            assert_eq!(diagnostic.line, 3);
            assert!(
                !error.to_string().contains("sirr") && !error.colored().contains("sirr"),
                "{error}"
            );
        };
        check("{ env = \"NONE\" }", "there is no variable `NONE`", "EnvironmentFile=");
        check("{ env = \"EMPTY\" }", "the variable `EMPTY` is empty", "");
        check("{ file = \"three\" }", "No such file", "begins beside the configuration");
        check("{ file = \".\" }", "it is no file", "");
        check("{ file = \"none\" }", "the file none is empty", "");
        check("{ file = \"long\" }", "expected at most 8192 bytes", "");
        check("{ file = \"binary\" }", "it is not UTF-8", "");
        check("{ file = \"two\" }", "cannot be sent", "");
        check("{ credential = \"other\" }", "No such file", "LoadCredential=");
        check("{ credential = \"../one\" }", "the name of a credential", "");
        check("{ env = \"TOKEN\", file = \"one\" }", "beside another", "");
        check("{ prefix = \"Bearer \" }", "expected one of `env`", "{ env = \"TOKEN\" }");
        check("{ enf = \"TOKEN\" }", "`enf` is no key", "did you mean `env`");
        check("{ env = 7 }", "expected a line of text", "");
        check("7", "expected a string, or a table", "");
        check(
            "\"sirr ${TOKEN}\"",
            "`${TOKEN}` would be sent as it is written",
            "write { env = \"TOKEN\" }",
        );
        check(
            "\"Bearer ${TOKEN}\"",
            "as it is written",
            "{ env = \"TOKEN\", prefix = \"Bearer \" }",
        );
        check("\"Bearer $TOKEN\"", "as it is written", "{ env = \"TOKEN\", prefix = \"Bearer \" }");
    }

    #[test]
    fn who_asks_no_publisher_needs_no_secrets() {
        for value in ["{ env = \"NONE\" }", "{ file = \"three\" }", "{ credential = \"other\" }"] {
            let config = read_with(&source(value), SecretPolicy::Optional).unwrap();
            assert!(config.sources[0].headers.is_empty(), "{value}");
        }
        let proxy = "[polling]\nproxy = { env = \"NONE\" }";
        assert!(read_with(proxy, SecretPolicy::Optional).unwrap().polling.proxy.is_none());
        assert!(
            read_with(&source("\"${TOKEN}\""), SecretPolicy::Optional).is_err(),
            "what is written is judged"
        );
    }

    #[test]
    fn variables_in_other_values_are_mistakes_too() {
        for text in [
            "[[source]]\nurl = \"https://a.example/?key=${KEY}\"",
            "[site]\ntitle = \"${TITLE}\"",
            "[store]\npath = \"${HOME}/rafid\"",
            "[serve]\nlisten = \"${LISTEN}\"",
            "[polling]\nproxy = \"http://${USER}:${WORD}@proxy.example/\"",
        ] {
            let diagnostic = &read(text).unwrap_err().diagnostics()[0];
            assert!(
                diagnostic.message.contains("as it is written") && diagnostic.help.is_some(),
                "{diagnostic:?}"
            );
        }
        // In a query it is part of a pattern.
        let rule = "[serve]\ndrop = [\"/x${a}/\"]";
        assert!(!read(rule).is_err_and(|error| error.to_string().contains("as it is written")));
    }
}
