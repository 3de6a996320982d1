//! The Debian package, from the metadata in Cargo.toml: what is in it, and that an operator's files outlive its
//! upgrades. It is built with `dpkg-deb` and installed below a folder of the test; where these tools are missing,
//! tests say so and pass. `packaging/build-deb` builds the one that is published, with `cargo-deb`.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use toml::Value;

use crate::support::program::{Program, with_polling};
use crate::support::web::get;
use crate::support::{Origin, Page, feeds};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `package.metadata.deb` of Cargo.toml.
fn metadata() -> Value {
    let text = fs::read_to_string(project().join("Cargo.toml")).unwrap();
    let manifest: Value = toml::from_str(&text).unwrap();
    manifest["package"]["metadata"]["deb"].clone()
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect()
}

fn run(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let shown = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {shown}");
    output
}

/// A folder in which packages are built and installed.
struct Workshop {
    folder: tempfile::TempDir,
    metadata: Value,
}

impl Workshop {
    /// `None`: the tools of dpkg are missing, or the rights to install with them, and a message says so.
    fn open() -> Option<Self> {
        let starts = |name: &str| {
            let mut command = Command::new(name);
            command.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
            command.status().is_ok_and(|status| status.success())
        };
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        for name in ["dpkg", "dpkg-deb", "systemd-sysusers"] {
            if !starts(name) {
                eprintln!("skipped the Debian package: there is no {name} here");
                return None;
            }
        }
        if !is_root && !starts("fakeroot") {
            eprintln!(
                "skipped the Debian package: only root installs it, and there is no fakeroot"
            );
            return None;
        }
        let workshop = Self { folder, metadata: metadata() };
        // Its own: of a file that gets more links meanwhile tar says that it changes.
        fs::copy(env!("CARGO_BIN_EXE_rafid"), workshop.path("rafid")).unwrap();
        let generated = workshop.path("generated");
        run(Command::new(project().join("packaging/generate"))
            .arg(env!("CARGO_BIN_EXE_rafid"))
            .arg(&generated));
        for folder in ["root/etc", "root/var/lib/dpkg/info", "root/var/lib/dpkg/updates"] {
            fs::create_dir_all(workshop.path(folder)).unwrap();
        }
        fs::write(workshop.path("root/var/lib/dpkg/status"), "").unwrap();
        Some(workshop)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A place of the installed system.
    fn installed(&self, name: &str) -> PathBuf {
        self.path("root").join(name)
    }

    /// The files that an asset names.
    fn sources_of(&self, asset: &str) -> Vec<PathBuf> {
        if asset == "target/release/rafid" {
            return vec![self.path("rafid")];
        }
        let place = match asset.strip_prefix("target/package/") {
            Some(rest) => self.path("generated").join(rest),
            None => project().join(asset),
        };
        let name = place.file_name().unwrap().to_str().unwrap().to_owned();
        let Some(ending) = name.strip_prefix('*') else { return vec![place] };
        let files = fs::read_dir(place.parent().unwrap()).unwrap().map(|it| it.unwrap().path());
        files.filter(|file| file.to_str().unwrap().ends_with(ending)).collect()
    }

    /// Builds the package as `version`, with `shipped` as its configuration.
    fn build(&self, version: &str, shipped: &str) -> PathBuf {
        let stage = self.path(&format!("stage-{version}"));
        for asset in self.metadata["assets"].as_array().unwrap() {
            let [source, target, mode] = texts(asset)[..] else { panic!("{asset:?}") };
            let sources = self.sources_of(source);
            assert!(!sources.is_empty(), "{source} names no file");
            for file in sources {
                let mut target = stage.join(target);
                if asset[1].as_str().unwrap().ends_with('/') {
                    target.push(file.file_name().unwrap());
                }
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                if mode == "755" {
                    fs::hard_link(&file, &target).unwrap();
                    continue;
                }
                fs::copy(&file, &target).unwrap();
                let mode = u32::from_str_radix(mode, 8).unwrap();
                fs::set_permissions(&target, fs::Permissions::from_mode(mode)).unwrap();
            }
        }
        fs::write(stage.join("etc/rafid/feeds.toml"), shipped).unwrap();
        self.write_control(&stage.join("DEBIAN"), version);
        let package = self.path(&format!("rafid-{version}.deb"));
        run(Command::new("dpkg-deb")
            .args(["--root-owner-group", "-Znone", "--build"])
            .args([&stage, &package]));
        package
    }

    fn write_control(&self, folder: &Path, version: &str) {
        fs::create_dir_all(folder).unwrap();
        let text = |key: &str| self.metadata[key].as_str().unwrap();
        for script in fs::read_dir(project().join(text("maintainer-scripts"))).unwrap() {
            let script = script.unwrap();
            fs::copy(script.path(), folder.join(script.file_name())).unwrap();
        }
        fs::write(folder.join("conffiles"), texts(&self.metadata["conf-files"]).join("\n") + "\n")
            .unwrap();
        let system = run(Command::new("dpkg").arg("--print-architecture")).stdout;
        let control = format!(
            "Package: rafid\nVersion: {version}\nArchitecture: {}Maintainer: {}\nSection: {}\nPriority: {}\n\
             Description: a test\n",
            String::from_utf8(system).unwrap(),
            text("maintainer"),
            text("section"),
            text("priority"),
        );
        fs::write(folder.join("control"), control).unwrap();
    }

    /// Runs dpkg on the installed system.
    fn dpkg(&self, words: &[&str]) -> String {
        let is_root = fs::metadata(self.folder.path()).unwrap().uid() == 0;
        let mut command = if is_root { Command::new("dpkg") } else { Command::new("fakeroot") };
        if !is_root {
            command.arg("dpkg");
        }
        command.arg(format!("--root={}", self.path("root").display()));
        command.arg(format!("--log={}", self.path("log").display()));
        // Without a question, as a machine upgrades itself.
        command.args(["--force-not-root", "--force-script-chrootless", "--force-confold"]);
        String::from_utf8(run(command.args(words)).stdout).unwrap()
    }

    fn install(&self, package: &Path) -> String {
        self.dpkg(&["--install", package.to_str().unwrap()])
    }

    fn mode_of(&self, name: &str) -> u32 {
        fs::metadata(self.installed(name)).unwrap().permissions().mode() & 0o777
    }
}

fn shipped_configuration() -> String {
    fs::read_to_string(project().join("feeds.toml")).unwrap()
}

/// The daemon of an installed system, with its own configuration and folder.
fn start(workshop: &Workshop) -> Program {
    let mut command = Command::new(workshop.installed("usr/bin/rafid"));
    command
        .env("RAFID_CONFIG", workshop.installed("etc/rafid/feeds.toml"))
        .env("RAFID_DATA", workshop.installed("var/lib/rafid"))
        .current_dir(workshop.folder.path());
    Program::start_command(command)
}

#[test]
fn the_installed_package_has_all_its_parts() {
    let Some(workshop) = Workshop::open() else { return };
    let said = workshop.install(&workshop.build("0.1.0", &shipped_configuration()));
    assert!(said.contains("systemctl enable --now rafid"), "what comes next: {said}");
    for (place, mode) in [
        ("usr/bin/rafid", 0o755),
        ("etc/rafid/feeds.toml", 0o640),
        ("etc/rafid/feeds.schema.json", 0o644),
        ("usr/lib/systemd/system/rafid.service", 0o644),
        ("usr/lib/sysusers.d/rafid.conf", 0o644),
        ("usr/share/man/man1/rafid.1", 0o644),
        ("usr/share/man/man1/rafid-run.1", 0o644),
        ("usr/share/man/man5/feeds.toml.5", 0o644),
        ("usr/share/bash-completion/completions/rafid", 0o644),
        ("usr/share/zsh/vendor-completions/_rafid", 0o644),
        ("usr/share/fish/vendor_completions.d/rafid.fish", 0o644),
        ("usr/share/doc/rafid/docs/guide.ar.md", 0o644),
    ] {
        assert_eq!(workshop.mode_of(place), mode, "{place}");
    }
    assert!(!workshop.installed("var/lib/rafid").exists(), "nothing was started");
    let users = fs::read_to_string(workshop.installed("etc/passwd")).unwrap();
    let user = users.lines().find(|line| line.starts_with("rafid:")).unwrap();
    let fields: Vec<&str> = user.split(':').collect();
    assert_eq!(fields[5..], ["/var/lib/rafid", "/usr/sbin/nologin"], "{user}");
    if fs::metadata(workshop.folder.path()).unwrap().uid() == 0 {
        let group = fs::metadata(workshop.installed("etc/rafid/feeds.toml")).unwrap().gid();
        assert_eq!(group.to_string(), fields[3], "its group can read the configuration");
    }
    let words = ["check", "--no-store", "--config", "root/etc/rafid/feeds.toml"];
    let mut check = Command::new(workshop.installed("usr/bin/rafid"));
    run(check.args(words).current_dir(workshop.folder.path()));
}

#[test]
fn what_the_operator_wrote_and_the_store_outlive_an_upgrade_and_a_removal() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.install(&workshop.build("0.1.0", &shipped_configuration()));
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &[("a1", "افتتاح مكتبة", "نص", 20)])));
    let own = format!("[[source]]\nurl = \"{}\"\n", origin.url("/feed"));
    let own = with_polling(&origin, &own);
    let config = workshop.installed("etc/rafid/feeds.toml");
    fs::write(&config, &own).unwrap();
    fs::set_permissions(&config, fs::Permissions::from_mode(0o600)).unwrap();
    let program = start(&workshop);
    program.wait_for("first pass", |_| true);
    program.rendered();
    assert!(get(program.address, "/feed.xml").text().contains("افتتاح مكتبة"));
    assert!(program.stop().success());

    let newer = format!("{}# of the next version\n", shipped_configuration());
    let said = workshop.install(&workshop.build("0.2.0", &newer));
    assert!(!said.contains("not yet started"), "that is for a first installation: {said}");
    let written = || fs::read_to_string(&config).unwrap();
    assert_eq!((written(), workshop.mode_of("etc/rafid/feeds.toml")), (own.clone(), 0o600));
    let beside = fs::read_to_string(workshop.installed("etc/rafid/feeds.toml.dpkg-dist")).unwrap();
    assert!(beside.ends_with("# of the next version\n"), "it is there to compare with");
    // Without its publisher the news is that of the store.
    origin.put("/feed", Page::status(503));
    let program = start(&workshop);
    program.wait_for("first pass", |_| true);
    program.rendered();
    assert!(get(program.address, "/feed.xml").text().contains("افتتاح مكتبة"));
    assert!(program.stop().success());

    workshop.dpkg(&["--remove", "rafid"]);
    assert!(!workshop.installed("usr/bin/rafid").exists());
    assert_eq!(written(), own);
    assert!(workshop.installed("var/lib/rafid/river").exists());
    workshop.dpkg(&["--purge", "rafid"]);
    assert!(!config.exists() && !workshop.installed("var/lib/rafid").exists());
}

#[test]
fn a_configuration_that_no_one_edited_follows_the_package() {
    let Some(workshop) = Workshop::open() else { return };
    workshop.install(&workshop.build("0.1.0", &shipped_configuration()));
    let newer = format!("{}# of the next version\n", shipped_configuration());
    workshop.install(&workshop.build("0.2.0", &newer));
    let config = workshop.installed("etc/rafid/feeds.toml");
    assert_eq!(fs::read_to_string(config).unwrap(), newer);
    assert_eq!(workshop.mode_of("etc/rafid/feeds.toml"), 0o640);
}
