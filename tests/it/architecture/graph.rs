//! The files of a package, without their tests → which file names which, by resolved paths.
//!
//! Every path counts: `use` with groups, aliases and several lines, paths in expressions and types, `super::` and
//! `self::`, and paths in the tokens of macros. A name that a `mod.rs` passes on (`pub use child::Name`) leads to
//! the file that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, UseTree};

use super::{root, sources_below};

/// The packages by the name that paths begin with, and the folder of their files.
pub const PACKAGES: [(&str, &str); 2] = [("rafid", "src"), ("rafid_feed", "crates/rafid-feed/src")];

/// A module path: the package, then the modules.
type Module = Vec<String>;

/// The files of both packages and what they name.
pub struct Graph {
    /// Each file, and the files that it names; paths from the root of the project.
    pub edges: BTreeMap<String, BTreeSet<String>>,
}

struct File {
    path: String,
    module: Module,
    /// Absolute paths that the file names.
    names: BTreeSet<Module>,
    /// What a name of the file stands for, from its `use` items.
    uses: BTreeMap<String, Module>,
}

impl Graph {
    /// Reads every file of both packages.
    pub fn read() -> Self {
        let mut files = Vec::new();
        for (package, folder) in PACKAGES {
            for path in sources_below(&root().join(folder)) {
                if !path.ends_with("src/main.rs") {
                    files.push(read_file(&path, package, folder));
                }
            }
        }
        let by_module: BTreeMap<&Module, &File> =
            files.iter().map(|file| (&file.module, file)).collect();
        let mut edges = BTreeMap::new();
        for file in &files {
            let targets = file.names.iter().filter_map(|name| defining_file(name, &by_module, 0));
            let targets = targets.filter(|target| *target != file.path).map(ToOwned::to_owned);
            edges.insert(file.path.clone(), targets.collect());
        }
        Self { edges }
    }

    /// Groups of files that name each other in a circle. A module and its children may.
    pub fn circles(&self) -> Vec<Vec<String>> {
        let reaches = |from: &str| {
            let mut seen = BTreeSet::new();
            let mut next = vec![from.to_owned()];
            while let Some(file) = next.pop() {
                for target in &self.edges[&file] {
                    if !is_family(&file, target) && seen.insert(target.clone()) {
                        next.push(target.clone());
                    }
                }
            }
            seen
        };
        let reach: BTreeMap<&String, _> =
            self.edges.keys().map(|file| (file, reaches(file))).collect();
        let mut circles = BTreeSet::new();
        for (file, reached) in &reach {
            if reached.contains(*file) {
                let circle = reached.iter().filter(|other| reach[other].contains(*file));
                circles.insert(circle.cloned().collect::<Vec<_>>());
            }
        }
        circles.into_iter().collect()
    }
}

/// Whether one file is the module that the other belongs to.
fn is_family(one: &str, two: &str) -> bool {
    let folder = |path: &str| {
        path.strip_suffix("/mod.rs").or_else(|| path.strip_suffix(".rs")).unwrap().to_owned() + "/"
    };
    one.starts_with(&folder(two)) || two.starts_with(&folder(one))
}

/// The file that defines what an absolute path names.
fn defining_file<'a>(
    name: &Module,
    files: &BTreeMap<&Module, &'a File>,
    depth: usize,
) -> Option<&'a str> {
    let (file, rest) = (1..=name.len())
        .rev()
        .find_map(|length| Some((*files.get(&name[..length].to_vec())?, &name[length..])))?;
    if let (Some(first), true) = (rest.first(), depth < 8)
        && let Some(target) = file.uses.get(first)
    {
        let target = target.iter().chain(&rest[1..]).cloned().collect();
        if let Some(found) = defining_file(&target, files, depth + 1) {
            return Some(found);
        }
    }
    Some(&file.path)
}

fn read_file(path: &Path, package: &str, folder: &str) -> File {
    let within = path.strip_prefix(root().join(folder)).unwrap();
    let mut module = vec![package.to_owned()];
    module.extend(within.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()));
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    let syntax = syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap();
    let children = syntax.items.iter().filter_map(|item| match item {
        Item::Mod(item) if item.content.is_none() => Some(item.ident.to_string()),
        _ => None,
    });
    let mut paths = Paths {
        module: module.clone(),
        children: children.collect(),
        names: BTreeSet::new(),
        uses: BTreeMap::new(),
    };
    paths.visit_file(&syntax);
    File {
        path: PathBuf::from(folder).join(within).to_str().unwrap().to_owned(),
        module,
        names: paths.names,
        uses: paths.uses,
    }
}

/// Collects the absolute paths of one file.
struct Paths {
    module: Module,
    children: BTreeSet<String>,
    names: BTreeSet<Module>,
    uses: BTreeMap<String, Module>,
}

impl Paths {
    /// A path as written → the same from its package on; `None`: it leads to another package, or to a local name.
    fn absolute(&self, path: &[String]) -> Option<Module> {
        let supers = path.iter().take_while(|part| *part == "super").count();
        if supers > 0 {
            let kept = self.module.len().checked_sub(supers).filter(|kept| *kept > 0)?;
            return Some(self.module[..kept].iter().chain(&path[supers..]).cloned().collect());
        }
        match path.first()?.as_str() {
            "crate" => Some(self.module[..1].iter().chain(&path[1..]).cloned().collect()),
            "self" => Some(self.module.iter().chain(&path[1..]).cloned().collect()),
            first if PACKAGES.iter().any(|(name, _)| *name == first) => Some(path.to_vec()),
            first if self.children.contains(first) => {
                Some(self.module.iter().chain(path).cloned().collect())
            }
            _ => None,
        }
    }

    fn add(&mut self, path: &[String]) {
        if path.len() > 1 {
            self.names.extend(self.absolute(path));
        }
    }

    fn add_use(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: String| before.iter().cloned().chain([name]).collect::<Vec<_>>();
        let (path, name) = match tree {
            UseTree::Path(tree) => return self.add_use(&tree.tree, &with(tree.ident.to_string())),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.add_use(tree, before));
            }
            UseTree::Glob(_) => (before.to_vec(), None),
            UseTree::Name(tree) if tree.ident == "self" => {
                (before.to_vec(), before.last().cloned())
            }
            UseTree::Name(tree) => (with(tree.ident.to_string()), Some(tree.ident.to_string())),
            UseTree::Rename(tree) => (with(tree.ident.to_string()), Some(tree.rename.to_string())),
        };
        if let Some(absolute) = self.absolute(&path) {
            if let Some(name) = name {
                self.uses.insert(name, absolute.clone());
            }
            self.names.insert(absolute);
        }
    }
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_test(attributes_of(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.add_use(&item.tree, &[]);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if item.content.is_some() {
            self.module.push(item.ident.to_string());
            visit::visit_item_mod(self, item);
            self.module.pop();
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let parts: Vec<_> = path.segments.iter().map(|part| part.ident.to_string()).collect();
        self.add(&parts);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        for path in paths_in(&item.tokens.to_string()) {
            self.add(&path);
        }
        visit::visit_macro(self, item);
    }
}

/// Paths in the text of tokens, where `::` stands between spaces.
fn paths_in(tokens: &str) -> Vec<Vec<String>> {
    let tokens = tokens.replace(" :: ", "::");
    let words = tokens.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    words
        .filter(|word| word.contains("::"))
        .map(|word| word.split("::").map(ToOwned::to_owned).collect())
        .collect()
}

fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Mod(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an item stands under `#[cfg(test)]`.
fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.meta.require_list().is_ok_and(|list| list.tokens.to_string() == "test")
    })
}
