//! The graph of the source files, by what each of them names: no circle anywhere, and no room too large.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use syn::{
    Ident, ItemMod, ItemUse, Macro, Path as SynPath, UseTree, Visibility,
    visit::{self, Visit},
};

use crate::tidy::{Source, expect_none, sources};

/// The most that one room may have of all lines outside tests, in percent.
const BIGGEST_ROOM: usize = 20;

/// The path of a module below the crate: `faces::drawn` as its parts.
type Module = Vec<String>;

/// One source file: what it names, as written from the crate's root, and what it hands on under another path.
#[derive(Default)]
struct File {
    /// The module that a name is looked up in: inline modules have their own.
    here: Module,
    names: BTreeSet<Module>,
    /// `pub use`: what is found here under this name lies there.
    handed_on: BTreeMap<String, Module>,
    /// Modules of which everything is in sight (`use super::*`).
    in_sight: BTreeSet<Module>,
}

impl File {
    fn read(module: Module, source: &Source) -> Self {
        let mut file = Self { here: module, ..Self::default() };
        file.visit_file(&syn::parse_file(source.text()).expect("a source file that compiles"));
        file
    }

    /// A path from the crate's root; `None` for one that begins outside or with a name in sight.
    fn within_root(&self, path: &[String]) -> Option<Module> {
        let up = path.iter().take_while(|part| *part == "super").count();
        let (start, rest) = match path.first()?.as_str() {
            "crate" => (vec![], &path[1..]),
            "self" => (self.here.clone(), &path[1..]),
            "super" => (self.here[..self.here.len().checked_sub(up)?].to_vec(), &path[up..]),
            _ => return None,
        };
        Some([start, rest.to_vec()].concat())
    }

    fn name(&mut self, path: &[String]) {
        match self.within_root(path) {
            Some(module) => drop(self.names.insert(module)),
            // Perhaps a module below this one, or below one that is in sight.
            None if path.len() > 1 => {
                for place in self.in_sight.iter().chain([&self.here]) {
                    self.names.insert([place.clone(), path.to_vec()].concat());
                }
            }
            None => {}
        }
    }

    fn import(&mut self, before: &[String], tree: &UseTree, public: bool) {
        let with = |ident: &Ident| [before.to_vec(), vec![ident.to_string()]].concat();
        let (path, name) = match tree {
            UseTree::Path(path) => return self.import(&with(&path.ident), &path.tree, public),
            UseTree::Group(group) => return group.items.iter().for_each(|item| self.import(before, item, public)),
            UseTree::Glob(_) => {
                let module = self.within_root(before);
                self.in_sight.extend(module.clone());
                return self.names.extend(module);
            }
            UseTree::Name(name) if name.ident == "self" => (before.to_vec(), before.last().cloned()),
            UseTree::Name(name) => (with(&name.ident), Some(name.ident.to_string())),
            UseTree::Rename(rename) => (with(&rename.ident), Some(rename.rename.to_string())),
        };
        let module = self.within_root(&path).unwrap_or_else(|| [self.here.clone(), path.clone()].concat());
        if public {
            // Handing on what lies below is what a module's own file is for, and no need of it.
            self.handed_on.extend(name.map(|name| (name, module)));
        } else {
            self.name(&path);
        }
    }
}

impl<'ast> Visit<'ast> for File {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.import(&[], &item.tree, !matches!(item.vis, Visibility::Inherited));
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.here.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.here.pop();
    }

    /// Who may see something is no need of theirs.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}

    fn visit_path(&mut self, path: &'ast SynPath) {
        let parts: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.name(&parts);
        visit::visit_path(self, path);
    }

    /// What stands in a macro is no syntax yet: its paths are told by `::` between names.
    fn visit_macro(&mut self, item: &'ast Macro) {
        let text = item.tokens.to_string().replace(" :: ", "::");
        let is_path = |word: &&str| word.contains("::");
        for word in text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != ':').filter(is_path) {
            let parts: Vec<String> = word.split("::").map(str::to_owned).collect();
            self.name(&parts);
        }
        visit::visit_macro(self, item);
    }
}

/// Every file of `src` that is a module, by its path.
fn files() -> BTreeMap<Module, File> {
    let modules = sources().into_iter().filter_map(|source| {
        let module = module_of(&source.name())?;
        let file = File::read(module.clone(), &source);
        Some((module, file))
    });
    modules.collect()
}

fn module_of(name: &str) -> Option<Module> {
    let path = Path::new(name).strip_prefix("src").ok()?.with_extension("");
    let mut parts: Module = path.iter().filter_map(|part| part.to_str()).map(str::to_owned).collect();
    if parts == ["main"] {
        return None;
    }
    if parts.last().is_some_and(|last| last == "mod" || last == "lib") {
        parts.pop();
    }
    Some(parts)
}

/// The file that a path leads to: the deepest module on it, or where that one has it from.
fn file_of(files: &BTreeMap<Module, File>, path: &[String], hops: u8) -> Module {
    let depth = (0..=path.len()).rev().find(|depth| files.contains_key(&path[..*depth])).unwrap_or_default();
    let (module, rest) = path.split_at(depth);
    let handed_on = rest.first().and_then(|name| files[module].handed_on.get(name));
    match handed_on {
        Some(there) if hops > 0 => file_of(files, &[there, &rest[1..]].concat(), hops - 1),
        _ => module.to_vec(),
    }
}

/// Whether one follows the arrows from one file to another.
fn leads_to(graph: &BTreeMap<Module, BTreeSet<Module>>, from: &Module, wanted: &Module) -> bool {
    let (mut seen, mut next) = (BTreeSet::from([from]), vec![from]);
    while let Some(module) = next.pop() {
        if module == wanted {
            return true;
        }
        next.extend(graph.get(module).into_iter().flatten().filter(|to| seen.insert(to)));
    }
    false
}

#[test]
fn no_files_import_each_other_in_a_circle() {
    let files = files();
    let arrows = |(module, file): (&Module, &File)| {
        let to = file.names.iter().map(|path| file_of(&files, path, 8)).filter(|to| to != module && !to.is_empty());
        (module.clone(), to.collect::<BTreeSet<_>>())
    };
    let graph: BTreeMap<Module, BTreeSet<Module>> = files.iter().map(arrows).collect();
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 300, "few arrows were found");
    let shown = |module: &Module| module.join("::");
    let circles = graph.iter().filter_map(|(module, to)| {
        let back: Vec<String> = to.iter().filter(|to| leads_to(&graph, to, module)).map(shown).collect();
        (!back.is_empty()).then(|| format!("{} -> {}", shown(module), back.join(", ")))
    });
    let findings: Vec<String> = circles.collect();
    expect_none(&findings, "no files import each other in a circle, tests included");
}

/// Printed with `--nocapture`: the measures of the house.
#[test]
#[expect(clippy::print_stdout, reason = "the measures are for people")]
fn no_room_is_too_large() {
    let mut rooms: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources() {
        let Some(module) = module_of(&source.name()) else { continue };
        let room = module.first().cloned().unwrap_or_else(|| "lib".to_owned());
        *rooms.entry(room).or_default() += source.outside_tests().lines().count();
    }
    let all: usize = rooms.values().sum();
    let share = |lines: usize| lines * 100 / all;
    let (biggest, lines) = rooms.iter().max_by_key(|(_, lines)| **lines).expect("there are rooms");
    println!("{all} lines outside tests in {} rooms; the biggest is {biggest} with {} %", rooms.len(), share(*lines));
    let findings = rooms.iter().filter(|(_, lines)| share(**lines) > BIGGEST_ROOM);
    let findings: Vec<String> = findings.map(|(room, lines)| format!("{room}: {} %", share(*lines))).collect();
    expect_none(&findings, "no room holds more than a fifth of the house");
}
