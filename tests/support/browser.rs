//! Headless Chromium, where there is one.

use std::process::{Command, Stdio};

/// Where the browser is looked for; the first that starts is taken.
pub const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

/// The document of an address after its scripts and timers, as the browser understood it; `None`:
/// there is no browser. So many seconds of its own clock, which stands still while it works, are enough for them.
/// It reaches nothing but loopback.
pub fn browsed(url: &str, seconds: u32) -> Option<String> {
    let starts = |name: &&&str| {
        let mut command = Command::new(name);
        command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let browser = BROWSERS.iter().find(starts)?;
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new(browser)
        .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .args(["--disable-background-networking", "--disable-component-update"])
        .args(["--disable-dev-shm-usage", "--disable-sync", "--no-default-browser-check"])
        .arg("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--virtual-time-budget={seconds}000"))
        .args(["--dump-dom", url])
        .stderr(Stdio::null())
        .output()
        .unwrap();
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}
