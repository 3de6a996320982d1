//! The way of a newcomer, as the guide writes it: from nothing to a subscribed reader, in at most five commands.
//! What the commands are is read from the guide; the publishers are an origin on loopback. The readers are newsboat
//! and sfeed where they are installed, and always a plain client.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::support::program::{Program, err};
use crate::support::web::{get, get_with};
use crate::support::{Origin, Page, feeds};

/// What the guide's readers subscribe to.
const FEED: &str = "http://127.0.0.1:8080/feed.xml";
/// A folder of programs in which newcomers find theirs.
const PROGRAMS: &str = "/usr/local/bin:/usr/bin:/bin";

/// The commands of the first block of a guide, without their comments.
fn commands(guide: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(guide);
    let text = fs::read_to_string(path).unwrap();
    let block = text.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let command = |line: &str| line.split("  #").next().unwrap().trim().to_owned();
    block.lines().map(command).filter(|line| !line.is_empty()).collect()
}

/// A newcomer: an empty folder, no setting of ours in the environment, and the program in the path.
struct Newcomer {
    home: tempfile::TempDir,
}

impl Newcomer {
    /// After the first command, which puts the program into the path.
    fn with_program() -> Self {
        let newcomer = Self { home: tempfile::tempdir().unwrap() };
        fs::create_dir(newcomer.path("bin")).unwrap();
        let program = newcomer.path("bin/rafid");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rafid"), program).unwrap();
        newcomer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A command with an environment of only what every login has.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{PROGRAMS}", self.path("bin").display());
        command.env_clear().env("PATH", path).env("HOME", self.home.path()).env("TERM", "dumb");
        command.env("LANG", "C.UTF-8").current_dir(self.home.path()).stdin(Stdio::null());
        command
    }

    fn run(&self, line: &str) -> Output {
        let output = self.command("sh").args(["-c", line]).output().unwrap();
        assert!(output.status.success(), "{line}: {}", err(&output));
        output
    }

    /// Puts the publishers of the configuration on loopback. Returns how many there are.
    fn bring_publishers_near(&self, origin: &Origin) -> usize {
        let text = fs::read_to_string(self.path("feeds.toml")).unwrap();
        let mut sources = 0;
        let mut near = String::new();
        for line in text.lines() {
            if line.starts_with("url = ") {
                sources += 1;
                let (name, id) = (format!("وكالة {sources}"), format!("n{sources}"));
                let title = format!("خبر رقم {sources} من مدينة {}", "بعيدة ".repeat(sources % 5));
                let page = feeds::rss(&name, &[(&id, &title, "نص", 20)]);
                origin.put(&format!("/{sources}"), Page::xml(page));
                near.push_str(&format!("url = \"{}\"\n", origin.url(&format!("/{sources}"))));
                continue;
            }
            near.push_str(line);
            near.push('\n');
            if line == "[polling]" {
                near.push_str(&format!("allow_private = [\"{}\"]\n", origin.address));
            }
        }
        fs::write(self.path("feeds.toml"), near).unwrap();
        sources
    }
}

/// What newsboat has unread after it has read its subscriptions; `None`: it is not installed.
fn unread_in_newsboat(newcomer: &Newcomer, line: &str) -> Option<String> {
    let mut version = newcomer.command("newsboat");
    if !version.arg("--version").output().is_ok_and(|output| output.status.success()) {
        eprintln!("skipped newsboat: it is not installed");
        return None;
    }
    let (subscribe, reader) = line.rsplit_once("&&").unwrap();
    assert_eq!(reader.trim(), "newsboat");
    newcomer.run(&format!("{subscribe} && newsboat --quiet --execute=reload"));
    let unread = newcomer.run("newsboat --quiet --execute=print-unread");
    Some(String::from_utf8(unread.stdout).unwrap().trim().to_owned())
}

/// The number of entries that sfeed reads in a feed; `None`: it is not installed.
fn entries_in_sfeed(newcomer: &Newcomer, feed: &str) -> Option<usize> {
    let started = newcomer
        .command("sfeed")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut sfeed) = started else {
        eprintln!("skipped sfeed: it is not installed");
        return None;
    };
    sfeed.stdin.take().unwrap().write_all(feed.as_bytes()).unwrap();
    let output = sfeed.wait_with_output().unwrap();
    Some(String::from_utf8(output.stdout).unwrap().lines().count())
}

#[test]
fn five_commands_lead_from_nothing_to_a_subscribed_reader() {
    let lines = commands("docs/guide.md");
    assert_eq!(lines, commands("docs/guide.ar.md"), "both guides have the same commands");
    let [install, init, check, run, subscribe] = &lines[..] else { panic!("{lines:?}") };
    assert_eq!(install, "cargo install --locked --path .");
    let newcomer = Newcomer::with_program();
    let origin = Origin::start();

    let made = newcomer.run(init);
    assert!(err(&made).contains("`rafid run`"), "it says what comes next: {}", err(&made));
    let sources = newcomer.bring_publishers_near(&origin);
    assert!(sources > 20, "{sources}");
    let checked = String::from_utf8(newcomer.run(check).stdout).unwrap();
    assert!(checked.contains(&format!("{sources} sources")), "{checked}");
    assert!(checked.contains("no mistakes"), "{checked}");

    assert_eq!(run, "rafid run");
    let program = Program::start_command(newcomer.command("rafid"));
    program.wait_for("first pass", |_| true);
    program.rendered();
    let page = get_with(program.address, "/", &[("accept", "text/html")]).text();
    assert_eq!(page.matches("<article").count(), sources, "the page has the news");

    assert!(subscribe.contains(FEED), "{subscribe}");
    let address = format!("http://{}/feed.xml", program.address);
    let subscribe = subscribe.replace(FEED, &address);
    let feed = get(program.address, "/feed.xml").text();
    assert_eq!(feed.matches("<item>").count(), sources);
    if let Some(count) = entries_in_sfeed(&newcomer, &feed) {
        assert_eq!(count, sources);
    }
    if let Some(unread) = unread_in_newsboat(&newcomer, &subscribe) {
        assert_eq!(unread, format!("{sources} unread articles"));
    }
    assert!(program.stop().success());
}
