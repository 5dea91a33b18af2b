//! Builds the pages in `dashboard/`, which are then embedded into the program.
//!
//! Packages go to `dashboard/node_modules`, the built pages to Cargo's own output folder; nothing
//! else is written. Nothing runs where nothing has changed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// The oldest Node.js that the pages' tools run on.
const NODE: (u32, u32) = (20, 19);
/// What the pages are made of. `node_modules` is not looked at: it follows the lock file.
const SOURCES: [&str; 9] = [
    "src",
    "public",
    "index.html",
    "package.json",
    "package-lock.json",
    ".npmrc",
    "vite.config.ts",
    "svelte.config.js",
    "tsconfig.json",
];

fn main() -> ExitCode {
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("cargo::error={}", error.replace('\n', "\ncargo::error="));
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let root = PathBuf::from(variable("CARGO_MANIFEST_DIR")?).join("../../dashboard");
    let root = root
        .canonicalize()
        .map_err(|error| format!("the pages' sources are missing: {}: {error}", root.display()))?;
    println!("cargo::rerun-if-changed=build.rs");
    for source in SOURCES {
        // What is missing would make Cargo look again at every build.
        let path = root.join(source);
        if path.exists() {
            println!("cargo::rerun-if-changed={}", path.display());
        }
    }
    let pages = PathBuf::from(variable("OUT_DIR")?).join("dashboard");
    check_node()?;
    install(&root)?;
    let out = pages.to_str().ok_or("the path of the output folder is not UTF-8")?;
    run(&root, &["run", "build", "--silent", "--", "--outDir", out, "--emptyOutDir"])?;
    if pages.join("index.html").is_file() {
        Ok(())
    } else {
        Err(format!("`npm run build` in {} left no index.html in {out}", root.display()))
    }
}

fn variable(name: &str) -> Result<String, String> {
    env::var(name).map_err(|error| format!("{name}: {error}"))
}

fn check_node() -> Result<(), String> {
    let (major, minor) = NODE;
    let remedy = format!(
        "building the pages takes Node.js {major}.{minor} or newer and npm: install Node {major} (Debian: package `nodejs` from a Node {major} source, or the archive of nodejs.org) and see that `node` and `npm` are in PATH"
    );
    let shown = output("node", &["--version"]).ok_or(remedy.clone())?;
    let mut parts = shown.trim().trim_start_matches('v').split('.').map(str::parse::<u32>);
    match (parts.next(), parts.next()) {
        (Some(Ok(a)), Some(Ok(b))) if (a, b) >= NODE => {}
        _ => return Err(format!("found Node.js {}, but {remedy}", shown.trim())),
    }
    output("npm", &["--version"]).map(|_| ()).ok_or(remedy)
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Installs the packages of the lock file, unless they are there already.
fn install(root: &Path) -> Result<(), String> {
    let lock = root.join("package-lock.json");
    // Two builds with different output folders must not install at once.
    let guard = fs::File::open(&lock).map_err(|error| format!("{}: {error}", lock.display()))?;
    guard.lock().map_err(|error| format!("{}: {error}", lock.display()))?;
    let changed = |path: &Path| fs::metadata(path).and_then(|meta| meta.modified()).ok();
    // npm writes this list when it has finished.
    let installed = changed(&root.join("node_modules/.package-lock.json"));
    if installed.is_some() && installed >= changed(&lock) {
        return Ok(());
    }
    run(root, &["ci", "--no-audit", "--no-fund"])
}

fn run(root: &Path, arguments: &[&str]) -> Result<(), String> {
    let shown = format!("`npm {}` in {}", arguments.join(" "), root.display());
    let output = Command::new("npm")
        .args(arguments)
        .current_dir(root)
        // Tools that ask or paint are of no use here.
        .env("CI", "1")
        .env("NO_COLOR", "1")
        .output()
        .map_err(|error| format!("{shown}: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text);
    let tail: Vec<&str> = text.lines().rev().take(25).collect();
    let tail: Vec<&str> = tail.into_iter().rev().collect();
    Err(format!("{shown} failed ({}):\n{}", output.status, tail.join("\n")))
}
