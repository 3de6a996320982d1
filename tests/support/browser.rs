//! Headless Chromium, where there is one.

use std::path::Path;
use std::process::{Child, Command, Stdio};

/// Names of the browser; the first that starts is used.
pub const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The first browser that starts; `None`: there is none.
fn browser() -> Option<Command> {
    let starts = |name: &&&str| {
        let mut command = Command::new(name);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let mut command = Command::new(BROWSERS.iter().find(starts)?);
    command
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--disable-dev-shm-usage", "--disable-sync", "--no-default-browser-check"])
        .args(["--hide-scrollbars"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .stderr(Stdio::null());
    Some(command)
}

/// A browser that shows an address by the real clock until this is dropped: only then it draws frames.
pub struct Showing {
    browser: Child,
    _profile: tempfile::TempDir,
}

/// Shows an address; `None`: there is no browser.
pub fn show(url: &str) -> Option<Showing> {
    let mut browser = browser()?;
    let profile = tempfile::tempdir().unwrap();
    browser
        .arg(format!("--user-data-dir={}", profile.path().display()))
        // Without a task for the command line it stays open.
        .args(["--remote-debugging-port=0", url])
        .stdout(Stdio::null());
    Some(Showing { browser: browser.spawn().unwrap(), _profile: profile })
}

impl Drop for Showing {
    fn drop(&mut self) {
        let _ = self.browser.kill();
        let _ = self.browser.wait();
    }
}

/// Writes a picture of an address in a window of this size; false: there is no browser.
pub fn photograph(url: &str, (width, height): (u32, u32), file: &Path) -> bool {
    let Some(mut browser) = browser() else { return false };
    let profile = tempfile::tempdir().unwrap();
    browser
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--window-size={width},{height}"))
        .arg(format!("--screenshot={}", file.display()))
        .arg(url)
        .stdout(Stdio::null());
    assert!(browser.status().unwrap().success(), "{url}");
    true
}

/// The document of an address after its scripts and timers, as the browser sees it; `None`: there is no
/// browser. The scripts and timers get `seconds` of the browser's virtual clock, which stands still while
/// the browser works. It reaches nothing but loopback.
pub fn browsed(url: &str, seconds: u32) -> Option<String> {
    let mut browser = browser()?;
    let profile = tempfile::tempdir().unwrap();
    let output = browser
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--virtual-time-budget={seconds}000"))
        .args(["--dump-dom", url])
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
